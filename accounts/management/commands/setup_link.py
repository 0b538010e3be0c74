"""Print the one-time link that makes the first administrator; `manage.py run` prints it by itself."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from accounts.services import setup_link_make


class Command(BaseCommand):
    help = "Print a one-time link that makes the first administrator; earlier ones stop working."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(is_superuser=True).exists():
            raise CommandError("There is an administrator already.")
        self.stdout.write(f"{settings.SITE_URL}/setup/{setup_link_make(now=timezone.now())}/")
