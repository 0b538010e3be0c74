"""Everything that is kept, in one file; the site goes on meanwhile. The keys are not in it: keep them elsewhere."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.backup_services import backup_make
from config.replacing_services import CannotBackUp


class Command(BaseCommand):
    help = "Writes a backup of the database to FILE. What was said in circles stays encrypted in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that does not exist yet, or - for standard output")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            made = self.to_output() if str(file) == "-" else backup_make(path=file, now=timezone.now())
        except CannotBackUp as trouble:
            raise CommandError(str(trouble)) from trouble
        beside = self.stderr if str(file) == "-" else self.stdout
        for line in (
            f"{sum(made['rows'].values())} rows of {len(made['rows'])} tables are in {file}",
            f"To read it again, keep the content keys with these ids: {', '.join(made['content_keys'])}",
        ):
            beside.write(line, self.style.SUCCESS)

    def to_output(self) -> dict[str, Any]:
        if sys.stdout.isatty():
            raise CommandError("A backup is no text. Lead it into a file: manage.py backup - > FILE")
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder) / "backup.zip"
            made = backup_make(path=whole, now=timezone.now())
            with whole.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
        return made
