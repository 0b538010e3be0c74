"""Reads a problem from a JSON file, or says in one sentence what is wrong with it."""

import json
from collections.abc import Mapping
from typing import Any

from programmes.forming.model import Pair, Person, Problem, Rules
from programmes.forming.tally import pair_of

MOST_PEOPLE = 5000
MOST_SIZE = 12
# The words of the file for the rules that have a price there.
WEIGHTS = {
    "unplaced": "waiting",
    "dept": "functions",
    "loc": "places",
    "repeat": "met",
    "want": "wishes",
    "single": "alone",
    "fewslots": "choice",
}
FLAG = "flag"


class Unclear(Exception):
    """The file cannot be read as a problem; the message is one sentence for whoever wrote it."""


def read_problem(text: str) -> Problem:
    """The problem in a file as `docs/forming.md` describes it. Unclear with the first thing that is wrong."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unclear(f"The file is not JSON: {error}.") from error
    if not isinstance(given, dict):
        raise Unclear("The file must hold one JSON object with “people”, “size” and “weights”.")
    rows = given.get("people")
    if not isinstance(rows, list) or not rows:
        raise Unclear("“people” must list at least one person.")
    if len(rows) > MOST_PEOPLE:
        raise Unclear(f"“people” lists {len(rows)} people; at most {MOST_PEOPLE} are formed at once.")
    people = tuple(_person(row, at) for at, row in enumerate(rows))
    ids = {one.id for one in people}
    if len(ids) < len(people):
        raise Unclear("Two people have one id.")
    if "n" in given and given["n"] != len(people):
        raise Unclear(f"“n” is {given['n']!r}, and {len(people)} people are listed.")
    locked = _groups(given, "locked", ids)
    pinned = _groups(given, "pinned", ids)
    if len({who for group in locked + pinned for who in group}) < sum(len(group) for group in locked + pinned):
        raise Unclear("Somebody stands in two of the circles that are to stay.")
    return Problem(people, _rules(given), _met(given, ids), locked, pinned)


def _rules(given: Mapping[str, Any]) -> Rules:
    size = given.get("size")
    if isinstance(size, int) and not isinstance(size, bool):
        size = [size, size]
    if not isinstance(size, list) or len(size) != 2 or not all(_whole(one, 1, MOST_SIZE) for one in size):
        raise Unclear(f"“size” must be two whole numbers from 1 to {MOST_SIZE}: the least and the most of a circle.")
    if size[0] > size[1]:
        raise Unclear(f"“size” says at least {size[0]} and at most {size[1]}.")
    circles = given.get("k")
    if circles is not None and not _whole(circles, 0, MOST_PEOPLE):
        raise Unclear("“k”, the most circles there may be, must be a whole number from 0.")
    weights = given.get("weights", {})
    if not isinstance(weights, dict):
        raise Unclear("“weights” must be an object of whole numbers.")
    for name, value in weights.items():
        if name not in WEIGHTS:
            raise Unclear(f"“weights” names “{name}”, which is none of {', '.join(WEIGHTS)}.")
        if not _whole(value, 0, 1_000_000):
            raise Unclear(f"The weight “{name}” must be a whole number from 0 to 1000000.")
    priced = {WEIGHTS[name]: value for name, value in weights.items()}
    return Rules(size[0], size[1], circles, **(dict.fromkeys(WEIGHTS.values(), 0) | priced if weights else {}))


def _person(row: Any, at: int) -> Person:
    if not isinstance(row, dict):
        raise Unclear(f"people[{at}] must be an object.")
    who = row.get("id", at)
    if not _whole(who, 0, 10**9):
        raise Unclear(f"people[{at}]: “id” must be a whole number from 0.")
    level, manager = row.get("level"), row.get("manager")
    for name, value in (("level", level), ("manager", manager)):
        if value is not None and not _whole(value, -(10**9), 10**9):
            raise Unclear(f"people[{at}]: “{name}” must be a whole number or null.")
    for name in ("dept", "loc"):
        if row.get(name) is not None and not isinstance(row[name], str | int):
            raise Unclear(f"people[{at}]: “{name}” must be a word, a number or null.")
    if row.get("flag") not in (None, 0, 1):
        raise Unclear(f"people[{at}]: “flag” must be 0 or 1.")
    return Person(
        who,
        row.get("dept"),
        row.get("loc"),
        level,
        frozenset([FLAG] if row.get("flag") else []),
        manager,
        None if row.get("slots") is None else _numbers(row, "slots", at),
        frozenset(),
        _numbers(row, "want", at),
        _numbers(row, "avoid", at),
    )


def _numbers(row: Mapping[str, Any], name: str, at: int) -> frozenset[int]:
    value = row.get(name)
    value = [] if value is None else value
    if not isinstance(value, list) or not all(_whole(one, -(10**9), 10**9) for one in value):
        raise Unclear(f"people[{at}]: “{name}” must be a list of whole numbers.")
    return frozenset(value)


def _groups(given: Mapping[str, Any], name: str, ids: set[int]) -> tuple[tuple[int, ...], ...]:
    value = given.get(name)
    value = [] if value is None else value
    if not isinstance(value, list) or not all(isinstance(group, list) and group for group in value):
        raise Unclear(f"“{name}” must be a list of circles, each a list of ids.")
    for group in value:
        for who in group:
            if not _whole(who, 0, 10**9) or who not in ids:
                raise Unclear(f"“{name}” names {json.dumps(who)[:40]}, who is not among the people.")
        if len(set(group)) < len(group):
            raise Unclear(f"“{name}” names somebody twice in one circle.")
    return tuple(tuple(sorted(group)) for group in value)


def _met(given: Mapping[str, Any], ids: set[int]) -> dict[Pair, int]:
    """Pairs who met: [one, other], or [one, other, how many rounds ago]."""
    value = given.get("past")
    value = [] if value is None else value
    if not isinstance(value, list):
        raise Unclear("“past” must be a list of pairs.")
    met: dict[Pair, int] = {}
    for at, row in enumerate(value):
        if not isinstance(row, list) or len(row) not in (2, 3) or not all(_whole(one, 0, 10**9) for one in row):
            raise Unclear(f"past[{at}] must be two ids, and as a third how many rounds ago, from 1.")
        ago = max(1, row[2]) if len(row) == 3 else 1
        if row[0] != row[1] and {row[0], row[1]} <= ids:
            pair = pair_of(row[0], row[1])
            met[pair] = min(ago, met.get(pair, ago))
    return met


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
