"""`manage.py form_circles FILE [--seconds N] [--json]`: circles for the people of a file."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from programmes.forming.model import Answer, Problem
from programmes.forming.passing import fingerprint
from programmes.forming.reading import Unclear, read_problem
from programmes.forming.running import Lost, run
from programmes.forming.words import sentence
from programmes.management.numbers import number_of, whole_of

GREATEST_FILE = 20_000_000
SECONDS = 60.0
MOST_SECONDS = 3600.0


class Command(BaseCommand):
    help = "Prints circles for the people of a file, what they cost under its rules, and what is proved about that."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a JSON file with people, size and weights (docs/forming.md)")
        parser.add_argument("--seconds", default=str(SECONDS), help="how long it may take at most")
        parser.add_argument("--seed", default="1", help="another whole number may lead to another answer")
        parser.add_argument("--steps", help="end a search after so many steps, whatever the clock says")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        seconds = number_of(options["seconds"], "--seconds", 0.1, MOST_SECONDS)
        seed = whole_of(options["seed"], "--seed", 0, 2**31)
        steps = None
        if options["steps"] is not None:
            steps = whole_of(options["steps"], "--steps", 0, 2**31)
        try:
            problem = read_problem(_text(Path(options["file"])))
            answer = run(problem, seconds, seed, steps)
        except Unclear as error:
            raise CommandError(str(error), returncode=2) from error
        except Lost as error:
            raise CommandError("The solver ended before it had found anything.", returncode=1) from error
        self._tell(options["json"], problem, answer, seed, round(time.monotonic() - begun, 2))

    def _tell(self, as_json: bool, problem: Problem, answer: Answer, seed: int, seconds: float) -> None:
        remarks = [sentence(one, problem) for one in answer.remarks]
        if as_json:
            told = {
                "circles": [list(circle) for circle in answer.circles],
                "waiting": list(answer.waiting),
                "cost": answer.cost,
                "parts": {term: price for term, price in answer.parts.items() if price},
                "bound": answer.bound,
                "proved": answer.proved,
                "seconds": seconds,
                "steps": answer.steps,
                "stopped": answer.stopped,
                "seed": seed,
                "input": fingerprint(problem),
                "remarks": remarks,
            }
            self.stdout.write(json.dumps(told))
            return
        for at, circle in enumerate(answer.circles, start=1):
            self.stdout.write(f"{at:>4}  " + " ".join(str(who) for who in circle))
        self.stdout.write(f"waiting: {' '.join(str(who) for who in answer.waiting) or 'nobody'}")
        told_parts = ", ".join(f"{term} {price}" for term, price in answer.parts.items() if price)
        self.stdout.write(f"cost {answer.cost}" + (f": {told_parts}" if told_parts else ""))
        self.stdout.write(_judgement(answer) + f" ({seconds} s)")
        for line in remarks:
            self.stdout.write(line)


def _judgement(answer: Answer) -> str:
    if answer.proved:
        return "proved: nothing under these rules costs less"
    if answer.bound:
        return f"nothing under these rules costs less than {answer.bound}; whether that can be reached is not known"
    return "how far this is from the best is not known"


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > GREATEST_FILE:
            raise Unclear(f"{path.name} is larger than {GREATEST_FILE // 1_000_000} MB.")
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise Unclear(f"{path.name or path} cannot be read: {why}.") from error
