"""Put a backup back into the database. Everybody signs in afresh; mails that were due already are not sent."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.backup_services import backup_restore
from config.replacing_services import CannotBackUp


class Command(BaseCommand):
    help = "Restores FILE, made by `manage.py backup`, into a database without people, and migrates it to this version."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what `manage.py backup` wrote, or - for standard input")
        parser.add_argument("--replace", action="store_true", help="delete everything that this site's database holds")

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        try:
            made = self.put(file, replace=replace)
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

    def put(self, file: Path, *, replace: bool) -> dict[str, Any]:
        if str(file) != "-":
            return backup_restore(path=file, now=timezone.now(), replace=replace)
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder) / "standard input"
            with whole.open("wb") as kept:
                shutil.copyfileobj(sys.stdin.buffer, kept)
            return backup_restore(path=whole, now=timezone.now(), replace=replace)
