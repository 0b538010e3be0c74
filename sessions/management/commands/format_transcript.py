"""`manage.py format_transcript council --people 5`: every sentence that every screen shows, to be read aloud once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sessions.live.transcript import transcript
from sessions.management.commands.format_plan import format_given
from sessions.rules.format import suits


class Command(BaseCommand):
    help = "Prints what each person reads in a session of a format, stage by stage."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", help="a key of the library, or the path of a format file")
        parser.add_argument("--people", type=int, required=True, help="how many are there")
        parser.add_argument("--first", action="store_true", help="as the circle's first session")

    def handle(self, *args: Any, **options: Any) -> None:
        rule = format_given(options["format"])
        if not suits(rule, options["people"]):
            raise CommandError(f"--people must be from {rule.least} to {rule.most}")
        for line in transcript(rule, options["people"], first=options["first"]):
            self.stdout.write(line)
