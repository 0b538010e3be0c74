"""Serve the pages and the live streams, without the embedded schedule: for production, beside worker and beat."""

from typing import Any

from django.core.management.base import BaseCommand

from config.server import serve
from config.starting import keys_must_fit


class Command(BaseCommand):
    help = "Serve pages and live streams (production: worker and beat run beside it)."

    def handle(self, *args: Any, **options: Any) -> None:
        keys_must_fit()
        serve()
