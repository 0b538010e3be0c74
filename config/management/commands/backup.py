"""Everything that is kept, in one file; the site goes on meanwhile. The keys are not in it: keep them elsewhere."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.backup_services import CannotBackUp, backup_make


class Command(BaseCommand):
    help = "Writes a backup of the database to FILE. What was said in circles stays encrypted in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            made = backup_make(path=file, now=timezone.now())
        except CannotBackUp as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(f"{sum(made['rows'].values())} rows of {len(made['rows'])} tables are in {file}")
        self.stdout.write(f"To read it again, keep the content keys with these ids: {', '.join(made['content_keys'])}")
