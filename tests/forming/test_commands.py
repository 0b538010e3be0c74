"""`manage.py form_circles`: what it prints, and one sentence for whatever cannot be read."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

PERSON = {"dept": 1, "loc": 1, "level": 1, "flag": 0, "manager": None, "slots": [1, 2], "want": [], "avoid": []}
SMALL: dict[str, Any] = {
    "n": 9,
    "size": [4, 5],
    "k": 2,
    "people": [PERSON | {"id": at, "dept": at, "loc": at} for at in range(9)],
    "past": [[0, 1]],
    "weights": {"unplaced": 1000, "dept": 10, "loc": 3, "repeat": 40, "want": 5, "single": 30, "fewslots": 8},
}


def asked(folder: Path, what: object, *options: str) -> str:
    """What the command prints about such a file."""
    path = folder / "instance.json"
    path.write_text(what if isinstance(what, str) else json.dumps(what))
    out = StringIO()
    call_command("form_circles", str(path), *options, stdout=out)
    return out.getvalue()


def refused(folder: Path, what: object, *options: str) -> str:
    with pytest.raises(CommandError) as caught:
        asked(folder, what, *options)
    assert caught.value.returncode == 2
    return str(caught.value)


def test_circles_are_printed_as_json(tmp_path: Path) -> None:
    told = json.loads(asked(tmp_path, SMALL, "--json"))
    placed = sorted(who for circle in told["circles"] for who in circle)
    assert (placed, told["cost"], told["bound"], told["proved"]) == (list(range(9)), 0, 0, True)
    assert not any({0, 1} <= set(circle) for circle in told["circles"])
    assert told["seconds"] < 20


def test_circles_are_printed_for_people(tmp_path: Path) -> None:
    lines = asked(tmp_path, SMALL | {"people": [*SMALL["people"][:8], PERSON | {"id": 8, "slots": []}]}).splitlines()
    assert lines[2:4] == ["waiting: 8", "cost 1000: waiting 1000"]
    assert lines[4].startswith("proved: nothing under these rules costs less (")
    assert lines[5:] == ["One person has no time at all and can only wait: 8."]


def people_but(**given: object) -> dict[str, Any]:
    return SMALL | {"people": [*SMALL["people"][:8], PERSON | {"id": 8} | given]}


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("{", "The file is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)."),
        ("[" * 100_000, "The file is not JSON: maximum recursion depth exceeded while decoding a JSON array from a unicode string."),
        ([], "The file must hold one JSON object with “people”, “size” and “weights”."),
        ({}, "“people” must list at least one person."),
        (SMALL | {"people": [1]}, "people[0] must be an object."),
        (SMALL | {"n": 10}, "“n” is 10, and 9 people are listed."),
        (SMALL | {"size": [5, 4]}, "“size” says at least 5 and at most 4."),
        (SMALL | {"size": [0, 4]}, "“size” must be two whole numbers from 1 to 12: the least and the most of a circle."),
        (SMALL | {"k": -1}, "“k”, the most circles there may be, must be a whole number from 0."),
        (SMALL | {"weights": {"dept": -1}}, "The weight “dept” must be a whole number from 0 to 1000000."),
        (SMALL | {"weights": {"moon": 1}}, "“weights” names “moon”, which is none of unplaced, dept, loc, repeat, want, single, fewslots."),
        (SMALL | {"past": [[1]]}, "past[0] must be two ids, and as a third how many rounds ago, from 1."),
        (SMALL | {"pinned": [[77]]}, "“pinned” names 77, who is not among the people."),
        (SMALL | {"pinned": [[1, 2]], "locked": [[2, 3]]}, "Somebody stands in two of the circles that are to stay."),
        (people_but(id=0), "Two people have one id."),
        (people_but(level="high"), "people[8]: “level” must be a whole number or null."),
        (people_but(slots="Monday"), "people[8]: “slots” must be a list of whole numbers."),
        (people_but(dept=[]), "people[8]: “dept” must be a word, a number or null."),
        (people_but(flag="x"), "people[8]: “flag” must be 0 or 1."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path, what: object, sentence: str) -> None:
    assert refused(tmp_path, what) == sentence


def test_a_file_that_is_not_there_or_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^missing\.json cannot be read: No such file or directory\.$"):
        call_command("form_circles", str(tmp_path / "missing.json"))
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(CommandError, match=r"^bytes\.json cannot be read: it is not UTF-8\.$"):
        call_command("form_circles", str(tmp_path / "bytes.json"))


@pytest.mark.parametrize("seconds", ["0", "nan", "soon", "-1", "1e9"])
def test_a_limit_that_is_none_is_refused(tmp_path: Path, seconds: str) -> None:
    assert (
        refused(tmp_path, SMALL, f"--seconds={seconds}")
        == f"--seconds must be a number from 0.1 to 3600, not {seconds!r}."
    )


def test_ids_need_not_be_positions(tmp_path: Path) -> None:
    moved = [one | {"id": 100 - one["id"]} for one in SMALL["people"]]
    told = json.loads(asked(tmp_path, SMALL | {"people": moved}, "--json"))
    assert sorted(who for circle in told["circles"] for who in circle) == list(range(92, 101))


def test_a_year_of_three_numbers_says_how_long_ago_people_met(tmp_path: Path) -> None:
    both = SMALL | {"size": [9, 9], "past": [[0, 1, 4], [2, 3]]}
    assert json.loads(asked(tmp_path, both, "--json"))["parts"] == {"met": 50}
