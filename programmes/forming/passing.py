"""A problem and an answer as JSON: how they go to the solver's process and back, and what an input is known by."""

import json
from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from typing import Any

from programmes.forming.model import VERSION, Answer, Person, Problem, Remark, Rules

SETS = ("slots", "want", "avoid", "kinds", "languages")


def problem_told(problem: Problem) -> dict[str, Any]:
    """The problem as plain lists and objects, the same for equal problems."""
    return {
        "people": [_person_told(one) for one in problem.people],
        "rules": {one.name: getattr(problem.rules, one.name) for one in fields(Rules)},
        "met": sorted([one, other, ago] for (one, other), ago in problem.met.items()),
        "locked": sorted(sorted(group) for group in problem.locked),
        "pinned": sorted(sorted(group) for group in problem.pinned),
    }


def _person_told(one: Person) -> dict[str, Any]:
    told = {field.name: getattr(one, field.name) for field in fields(Person)}
    for name in SETS:
        told[name] = None if told[name] is None else sorted(told[name])
    return told


def problem_read(told: Mapping[str, Any]) -> Problem:
    """The problem that `problem_told` told."""
    people = tuple(_person_read(row) for row in told["people"])
    return Problem(
        people,
        Rules(**told["rules"]),
        {(one, other): ago for one, other, ago in told["met"]},
        tuple(tuple(group) for group in told["locked"]),
        tuple(tuple(group) for group in told["pinned"]),
    )


def _person_read(row: Mapping[str, Any]) -> Person:
    sets = {name: frozenset(row[name]) for name in SETS if row[name] is not None}
    given: dict[str, Any] = {**row, **sets}
    return Person(**given)


def fingerprint(problem: Problem) -> str:
    """What an input is known by, with the version of the engine: an equal one leads to an equal answer."""
    text = json.dumps([VERSION, problem_told(problem)], sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def answer_told(answer: Answer) -> dict[str, Any]:
    """The answer as plain lists and objects."""
    told = {field.name: getattr(answer, field.name) for field in fields(Answer)}
    told["remarks"] = [[one.what, list(one.people)] for one in answer.remarks]
    told["circles"] = [list(circle) for circle in answer.circles]
    return told | {"waiting": list(answer.waiting), "parts": dict(answer.parts)}


def answer_read(told: Mapping[str, Any]) -> Answer:
    """The answer that `answer_told` told."""
    return Answer(
        **{
            **told,
            "circles": tuple(tuple(circle) for circle in told["circles"]),
            "waiting": tuple(told["waiting"]),
            "remarks": tuple(Remark(what, tuple(people)) for what, people in told["remarks"]),
        }
    )
