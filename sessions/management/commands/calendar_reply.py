"""`manage.py calendar_reply FILE.eml --json`: what one raw mail to the answer address would do. It changes nothing."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sessions.replies.addresses import answer_address
from sessions.replies.selectors import findings_of
from sessions.rules.raw_mail import MAIL_AT_MOST
from sessions.rules.replies import read_letter


class Command(BaseCommand):
    help = "Says whose answer a raw mail is, to which session, or why it is put aside. Nothing is changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the path of a raw mail (.eml), or - for standard input")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        at = answer_address()
        if at is None:
            raise CommandError("ANSWER_ADDRESS is not set: nothing looks for answers.")
        letter = read_letter(_read(options["file"]), at)
        found = [one.as_data() for one in findings_of(letter, now=timezone.now())]
        told = found[0] | ({"more": found[1:]} if found[1:] else {})
        if options["json"]:
            self.stdout.write(json.dumps(told))
            return
        for one in found:
            self.stdout.write(", ".join(f"{name} {value}" for name, value in one.items() if value))


def _read(path: str) -> bytes:
    """One byte more than is read of any mail: the rest changes nothing."""
    try:
        if path == "-":
            return sys.stdin.buffer.read(MAIL_AT_MOST + 1)
        with Path(path).open("rb") as file:
            return file.read(MAIL_AT_MOST + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror}).") from error
