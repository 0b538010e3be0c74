"""`manage.py format_plan council --people 5 --presenters 3 --minutes 60 --json`: the engine for scripts."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sessions.formats import words
from sessions.formats.files import FileError, read_file
from sessions.formats.library import common_stages, fitting, rules
from sessions.formats.selectors import plan_data
from sessions.rules.format import FormatRule, suits
from sessions.rules.reading import read_format
from sessions.rules.timeline import PlanError, choices, plan


def format_given(given: str) -> FormatRule:
    """A format of the library by its key, or the one in a file; CommandError says what is wrong with it."""
    if given in rules():
        return rules()[given]
    path = Path(given)
    if not path.is_file():
        raise CommandError(f"“{given}” is neither a file nor one of: {', '.join(rules())}")
    try:
        return read_format(read_file(path.read_text(), common_stages()))
    except (FileError, UnicodeDecodeError) as error:
        lines = [words.wrong(one) for one in error.wrongs] if isinstance(error, FileError) else ["not a text file"]
        raise CommandError("\n".join(lines)) from error


class Command(BaseCommand):
    help = "Prints the plan of a format: its segments, the total, and what can give when it does not fit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", help="a key of the library, or the path of a format file")
        parser.add_argument("--people", type=int, required=True, help="how many are there; seats are 1 to this number")
        parser.add_argument("--presenters", type=int, help="how many of them present (default: as many as can)")
        parser.add_argument("--minutes", type=int, help="how many minutes there are")
        parser.add_argument("--turns", default="", help="agreed minutes by seat, such as 1=20,2=30")
        parser.add_argument("--without", default="", help="keys of optional stages to leave out, with commas")
        parser.add_argument("--fit", action="store_true", help="shorten what can give until it fits")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        rule = format_given(options["format"])
        people = list(range(1, options["people"] + 1))
        most = min(len(people), rule.most_presenters)
        count = options["presenters"] if options["presenters"] is not None else most
        if not 0 <= count <= len(people):
            raise CommandError(f"--presenters must be from 0 to {len(people)}")
        if options["minutes"] is not None and options["minutes"] <= 0:
            raise CommandError("--minutes must be more than 0")
        room = options["minutes"] * 60 if options["minutes"] else None
        turns = self.turns(options["turns"])
        names = {seat: str(seat) for seat in people}
        without = [key for key in options["without"].split(",") if key]
        try:
            made = plan(rule, people, people[:count], room=room, turns=turns, without=without, fit=options["fit"])
            offered = choices(rule, people, people[:count], room=room, turns=turns) if room else ()
        except PlanError as error:
            raise CommandError(words.plan_error(error, names)) from error
        result = {
            "format": rule.key,
            "people": len(people),
            "suits": suits(rule, len(people)),
            "fitting": [] if suits(rule, len(people)) else [other.key for other in fitting(len(people))],
            "presenters": list(made.presenters),
            "segments": plan_data(made),
            "total": made.seconds,
            "room": room,
            "over": made.over,
            "spare": made.spare,
            "choices": [
                {
                    "kind": choice.kind,
                    "says": words.choice(rule, choice, names),
                    "total": choice.plan.seconds,
                    "presenters": list(choice.plan.presenters),
                    "waiting": list(choice.waiting),
                    "without": list(choice.without),
                    "segments": plan_data(choice.plan),
                }
                for choice in offered
            ],
        }
        self.stdout.write(json.dumps(result, indent=2) if options["json"] else self.readable(rule, result))

    def turns(self, given: str) -> dict[int, int]:
        try:
            pairs = [part.split("=") for part in given.split(",") if part]
            return {int(seat): round(float(minutes) * 60) for seat, minutes in pairs}
        except (ValueError, OverflowError) as error:
            raise CommandError("--turns must look like 1=20,2=30") from error

    def readable(self, rule: FormatRule, result: dict[str, Any]) -> str:
        lines = []
        for row in result["segments"]:
            owner = row["speaker"] or row["presenter"] or ""
            start = f"{row['start'] // 60}:{row['start'] % 60:02}"
            name = words.stage_name(rule.stage(row["stage"]))
            lines.append(f"{start:>7}  {words.minutes(row['seconds']):>5} min  {owner!s:>3}  {name}")
        if not result["suits"]:
            fits = ", ".join(result["fitting"]) or "none"
            lines.append(f"Made for {rule.least} to {rule.most} people, not {result['people']}. These fit: {fits}")
        lines.append(f"Total {words.minutes(result['total'])} min")
        lines += [choice["says"] for choice in result["choices"]]
        return "\n".join(lines)
