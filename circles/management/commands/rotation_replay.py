"""`manage.py rotation_replay trace.json --json`: replays a history of attendance through the rotation of roles."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from circles.attendance_files import AttendanceFileError, read_attendance_file
from circles.rules.rotation import PastSession, assign, balances

MOST_ROLES = 6


class Command(BaseCommand):
    help = "Prints who would hold which role in each session of a trace, each balance, and the worst deviation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("trace", help="a JSON file with members, roles, present, and held where that is known")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            trace, count, present = read_attendance_file(Path(options["trace"]))
        except AttendanceFileError as error:
            raise CommandError(str(error)) from error
        roles = self.roles(trace)
        known = self.held(trace, roles, present)
        history: list[PastSession] = []
        worst = 0.0
        for at, people in enumerate(present):
            held = known[at] if at < len(known) else None
            history.append(PastSession(tuple(people), held if held is not None else assign(roles, people, history)))
            deviations = (abs(one) for role in roles for one in balances(role, range(count), history).values())
            worst = max(worst, *deviations)
        end = {role: balances(role, range(count), history) for role in roles}
        self.tell(options["json"], roles, history, end, worst)

    def tell(
        self,
        as_json: bool,
        roles: list[str],
        history: list[PastSession],
        end: dict[str, dict[int, float]],
        worst: float,
    ) -> None:
        if as_json:
            told = {role: {str(person): round(one, 6) for person, one in row.items()} for role, row in end.items()}
            sessions = [dict(past.held) for past in history]
            self.stdout.write(json.dumps({"held": sessions, "balances": told, "worst": round(worst, 6)}))
            return
        for at, past in enumerate(history, start=1):
            self.stdout.write(f"{at:>4}  " + "  ".join(f"{role} {past.held.get(role, '-')}" for role in roles))
        for role, row in end.items():
            self.stdout.write(f"{role}: " + "  ".join(f"{person} {one:+.2f}" for person, one in row.items()))
        self.stdout.write(f"worst |held - fair share|: {worst:.4f}")

    def roles(self, trace: dict[str, Any]) -> list[str]:
        roles = trace.get("roles")
        if not isinstance(roles, list):
            raise CommandError(f"“roles” must list one to {MOST_ROLES} different names")
        good = all(isinstance(role, str) and 0 < len(role) <= 40 for role in roles)
        if not good or not 1 <= len(set(roles)) == len(roles) <= MOST_ROLES:
            raise CommandError(f"“roles” must list one to {MOST_ROLES} different names")
        return roles

    def held(self, trace: dict[str, Any], roles: list[str], present: list[list[int]]) -> list[dict[str, int] | None]:
        """Who really held which role, session by session; null where the rule decides."""
        given = trace.get("held") or []
        if not isinstance(given, list) or len(given) > len(present):
            raise CommandError("“held” must be a list, no longer than “present”")
        for at, row in enumerate(given):
            known = isinstance(row, dict) and set(row) <= set(roles) and all(one in present[at] for one in row.values())
            if row is not None and not known:
                raise CommandError(f"held[{at}] must give roles of the trace to people of present[{at}]")
        return given
