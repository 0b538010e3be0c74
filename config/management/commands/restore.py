"""Put a backup back into an empty database. Everybody signs in afresh; mails that were due already are not sent."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.backup_services import CannotBackUp, backup_restore


class Command(BaseCommand):
    help = "Restores FILE, made by `manage.py backup`, into an empty database, and migrates it to this version."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            made = backup_restore(path=file, now=timezone.now())
        except CannotBackUp as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(
            f"{sum(made['rows'].values())} rows are back as of {made['made_at']}; everybody signs in afresh"
        )
        if made["not_sent"]:
            self.stdout.write(
                f"{made['not_sent']} mails were due before now and may have gone out already: none is sent by itself."
                " The page “The outbox” sends them again."
            )
