"""`manage.py speaking_order trace.json --json`: replays a history of attendance through the speaking-order rule."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from circles.attendance_files import AttendanceFileError, numbers_of, read_attendance_file
from sessions.rules.speaking_order import credits_of, next_order


class Command(BaseCommand):
    help = "Prints the speaking order of each session of a trace, and how far first, last and follows are from fair."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("trace", help="a JSON file with members, present, and held where orders are known")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        present, held = self.read(Path(options["trace"]))
        orders: list[list[int]] = []
        for at, people in enumerate(present):
            known = held[at] if at < len(held) else None
            orders.append(known if known is not None else next_order(people, orders))
        first, last, follows = credits_of(orders).worst()
        if options["json"]:
            worst = {"first": first, "last": last, "follows": follows}
            self.stdout.write(json.dumps({"orders": orders, "worst": worst}))
            return
        for at, order in enumerate(orders, start=1):
            self.stdout.write(f"{at:>4}  {' '.join(map(str, order))}")
        self.stdout.write(f"worst |held - due|: first {first:.3f}, last {last:.3f}, follows {follows:.3f}")

    def read(self, path: Path) -> tuple[list[list[int]], list[list[int] | None]]:
        try:
            trace, count, present = read_attendance_file(path)
            return present, self.held(trace, present, count)
        except AttendanceFileError as error:
            raise CommandError(str(error)) from error

    def held(self, trace: dict[str, Any], present: list[list[int]], count: int) -> list[list[int] | None]:
        """Orders that really happened, session by session; null where the rule decides."""
        given = trace.get("held") or []
        if not isinstance(given, list) or len(given) > len(present):
            raise CommandError("“held” must be a list, no longer than “present”")
        read: list[list[int] | None] = []
        for at, row in enumerate(given):
            order = numbers_of(row, count, f"held[{at}]") if row is not None else None
            if order is not None and sorted(order) != sorted(present[at]):
                raise CommandError(f"held[{at}] must hold the people of present[{at}]")
            read.append(order)
        return read
