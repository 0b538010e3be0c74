"""`manage.py speaking_order trace.json --json`: replays a history of attendance through the speaking-order rule."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sessions.rules.speaking_order import credits_of, next_order

MOST_MEMBERS = 12
MOST_SESSIONS = 5000


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
            trace = json.loads(path.read_text())
        except (OSError, ValueError, RecursionError) as error:
            raise CommandError(f"{path} cannot be read as JSON") from error
        if not isinstance(trace, dict) or not isinstance(trace.get("present"), list):
            raise CommandError("the trace must hold “members” and “present”")
        members = trace.get("members")
        count = len(members) if isinstance(members, list) else members
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_MEMBERS:
            raise CommandError(f"“members” must be a number from 1 to {MOST_MEMBERS}")
        if len(trace["present"]) > MOST_SESSIONS:
            raise CommandError(f"a trace can have at most {MOST_SESSIONS} sessions")
        present = [self.people(row, count, f"present[{at}]") for at, row in enumerate(trace["present"])]
        return present, self.held(trace, present, count)

    def held(self, trace: dict[str, Any], present: list[list[int]], count: int) -> list[list[int] | None]:
        """Orders that really happened, session by session; null where the rule decides."""
        given = trace.get("held") or []
        if not isinstance(given, list) or len(given) > len(present):
            raise CommandError("“held” must be a list, no longer than “present”")
        read: list[list[int] | None] = []
        for at, row in enumerate(given):
            order = self.people(row, count, f"held[{at}]") if row is not None else None
            if order is not None and sorted(order) != sorted(present[at]):
                raise CommandError(f"held[{at}] must hold the people of present[{at}]")
            read.append(order)
        return read

    def people(self, row: Any, count: int, place: str) -> list[int]:
        is_list = isinstance(row, list) and all(isinstance(one, int) and not isinstance(one, bool) for one in row)
        if not is_list or len(set(row)) != len(row) or not all(0 <= one < count for one in row):
            raise CommandError(f"{place} must list different members from 0 to {count - 1}")
        return list(row)
