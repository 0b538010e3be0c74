"""Serve the pages and the live streams, without the embedded schedule: for production, beside worker and beat."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from config.server import serve
from config.starting import (
    answers_are_tried,
    files_must_be_collected,
    keys_must_fit,
    migrations_must_be_there,
    port_must_be_free,
)


class Command(BaseCommand):
    help = "Serve pages and live streams (production: worker and beat run beside it)."

    def handle(self, *args: Any, **options: Any) -> None:
        files_must_be_collected()
        migrations_must_be_there()
        keys_must_fit()
        port_must_be_free()
        answers_are_tried(now=timezone.now())
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        self.stdout.write(f"Talking Piece listens at http://{host}:{settings.PORT} for {settings.SITE_URL}")
        self.stdout.flush()
        serve()
