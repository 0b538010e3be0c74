"""Exit 0 when the outbox ticked lately, else 1: a health check for beat and worker together."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from notifications.models import Heartbeat


class Command(BaseCommand):
    help = "Fail when the outbox has not ticked for twelve intervals."

    def handle(self, *args: Any, **options: Any) -> None:
        beat = Heartbeat.objects.filter(name="outbox").first()
        if beat is None or beat.at < timezone.now() - timedelta(seconds=settings.TICK_SECONDS * 12):
            raise CommandError("The outbox has not ticked lately.")
        self.stdout.write(f"Last tick {beat.at:%H:%M:%S} UTC")
