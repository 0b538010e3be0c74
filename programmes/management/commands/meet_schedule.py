"""`manage.py meet_schedule --people N --size K [--rounds R | --everybody] [--json]`: who meets whom in which round."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from programmes.forming.meeting.planning import MeetingPlan, everybody, longest, season
from programmes.management.numbers import whole_of

MOST_PEOPLE = 300
MOST_SIZE = 20
MOST_ROUNDS = 100


class Command(BaseCommand):
    help = "Prints rounds of groups in which people meet as few people twice as can be."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", required=True, help="how many people there are")
        parser.add_argument("--size", required=True, help="how many people a group holds at most")
        parser.add_argument("--rounds", help="so many rounds; without it as many as are known without meeting twice")
        parser.add_argument("--everybody", action="store_true", help="until everybody has met everybody")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        people = whole_of(options["people"], "--people", 2, MOST_PEOPLE)
        size = whole_of(options["size"], "--size", 2, MOST_SIZE)
        if options["rounds"] is not None and options["everybody"]:
            raise CommandError("Either --rounds or --everybody, not both.", returncode=2)
        if options["everybody"]:
            plan = everybody(people, size)
        elif options["rounds"] is None:
            plan = longest(people, size)
        else:
            plan = season(people, size, whole_of(options["rounds"], "--rounds", 1, MOST_ROUNDS))
        self._tell(options["json"], plan)

    def _tell(self, as_json: bool, plan: MeetingPlan) -> None:
        if as_json:
            what = {"rounds": plan.rounds, "repeats": plan.repeats, "proved": plan.proved}
            self.stdout.write(json.dumps(what))
            return
        for at, turn in enumerate(plan.rounds, start=1):
            self.stdout.write(f"{at:>4}  " + "  ".join(",".join(str(one) for one in group) for group in turn))
        again = {0: "nobody meets twice", 1: "one meeting is not the first"}
        told = again.get(plan.repeats, f"{plan.repeats} meetings are not the first")
        proof = "this cannot be bettered" if plan.proved else "whether this can be bettered is not known"
        self.stdout.write(f"{told}; {proof}")
