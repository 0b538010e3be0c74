"""Put a new key first in CONTENT_KEYS, restart, run this; then the old one can go."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from circles.crypto import CannotOpen
from circles.keys_services import keys_rewrap
from circles.vault import Vault
from notifications.models import Heartbeat
from pages.rekey_services import CannotRekey, vault_rekey

RUNS_WITHIN = timedelta(minutes=2)


class Command(BaseCommand):
    help = "Wraps the key of every circle and programme under the newest of CONTENT_KEYS. Safe while the site runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rekey",
            action="store_true",
            help="also give each a new key and seal every text again; the site must be stopped",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["rekey"] and Heartbeat.objects.filter(at__gt=now - RUNS_WITHIN).exists():
            raise CommandError("The site runs, or did two minutes ago. Stop web, worker and beat first, then wait.")
        done = keys_rewrap(now=now)
        self.stdout.write(f"{done.rewrapped} keys wrapped anew, {done.current} were under the newest already")
        if options["rekey"]:
            self._rekey()
        for key_id, number in done.missing.items():
            self.stderr.write(f"{number} keys lie under {key_id}, which is not in CONTENT_KEYS: they stay as they are")
        if done.missing:
            raise CommandError("Not everything was done. Add the missing keys to CONTENT_KEYS and run this again.")

    def _rekey(self) -> None:
        texts, failed = 0, 0
        for vault in Vault.objects.filter(destroyed_at=None).order_by("pk"):
            try:
                texts += vault_rekey(vault=vault, now=timezone.now())
            except (CannotRekey, CannotOpen):
                failed += 1
        self.stdout.write(f"{texts} texts sealed under new keys")
        if failed:
            raise CommandError(f"{failed} keys were left as they are: a text under them cannot be opened.")
