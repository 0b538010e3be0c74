"""Put a new key first in CONTENT_KEYS, restart, run this; then the old one can go."""

from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from circles.alone import NotAlone, alone
from circles.keys_services import keys_rewrap
from circles.rules.crypto import CannotOpen
from circles.vault import Vault
from notifications.models import Heartbeat
from pages.rekey_services import CannotRekey, second_steps_reseal, vault_rekey
from pages.second_steps import missing

RUNS_WITHIN = timedelta(minutes=2)


class Command(BaseCommand):
    help = "Wraps every circle's and programme's key and every second step under the newest of CONTENT_KEYS."

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
        try:
            with alone() if options["rekey"] else nullcontext():
                self._rotate(rekey=options["rekey"], now=now)
        except NotAlone as error:
            raise CommandError(
                "Another process is connected to the database: stop web, worker and beat, and whatever else reads it."
            ) from error

    def _rotate(self, *, rekey: bool, now: datetime) -> None:
        done = keys_rewrap(now=now)
        self.stdout.write(f"{done.rewrapped} keys wrapped anew, {done.current} were under the newest already")
        self.stdout.write(f"{second_steps_reseal()} second steps sealed anew")
        if rekey:
            self._rekey()
        left = [("keys lie", *one) for one in done.missing.items()]
        left += [("second steps lie", *one) for one in missing().items()]
        for what, key_id, number in left:
            self.stderr.write(f"{number} {what} under {key_id}, which is not in CONTENT_KEYS: they stay as they are")
        if left:
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
