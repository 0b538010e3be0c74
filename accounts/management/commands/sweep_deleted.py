"""Write over what deleted rows left in the database's files, now, and for as long as it takes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.leftover_services import everything_note, leftovers_sweep


class Command(BaseCommand):
    help = "Writes over what was deleted. Pages wait for a table while it is written anew: choose a quiet hour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--everything", action="store_true", help="not only where something was deleted lately")

    def handle(self, *args: Any, everything: bool, **options: Any) -> None:
        if everything:
            everything_note()
        if left := leftovers_sweep(patiently=True):
            raise CommandError(f"{left} tables are needed by somebody who reads just now. Run this again.")
        self.stdout.write("Nothing of what was deleted is left in the database's files.")
