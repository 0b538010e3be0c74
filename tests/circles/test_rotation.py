"""Roles go round fairly, whoever is away."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from circles.rules.rotation import PastSession, _costs, assign, balances, last_held, shares

ROLES = ("host", "timekeeper", "scribe")


def test_a_first_session_gives_each_role_to_another_person() -> None:
    assert assign(ROLES, [7, 8, 9], []) == {"host": 7, "timekeeper": 8, "scribe": 9}


def test_with_fewer_people_than_roles_nobody_holds_three() -> None:
    assert sorted(assign(ROLES, [1, 2], []).values()) in ([1, 1, 2], [1, 2, 2])
    assert assign(ROLES, [], []) == {}


def test_whoever_held_a_role_least_is_next_and_never_twice_running() -> None:
    history = [PastSession((1, 2, 3), {"host": 1}), PastSession((1, 2, 3), {"host": 2})]
    assert assign(["host"], [1, 2, 3], history) == {"host": 3}
    assert balances("host", [1, 2, 3], history) == pytest.approx({1: -1 / 3, 2: -1 / 3, 3: 2 / 3})


def test_a_session_without_a_role_is_due_to_nobody() -> None:
    history = [PastSession((1, 2), {"host": 1}), PastSession((1, 2), {"host": 2, "scribe": 1})]
    assert shares("scribe", [1, 2], history)[2].due == 0.5
    assert shares("scribe", [1, 2], history)[1].held == 1
    assert shares("host", [1], history)[1].sessions == 2


def test_twice_running_looks_at_the_last_session_somebody_came_to() -> None:
    history = [PastSession((1, 2), {"host": 1}), PastSession((2, 3), {"host": 3})]
    assert last_held(1, history) == {"host"}
    assert last_held(3, history) == {"host"}
    assert last_held(4, history) == frozenset()


def test_a_role_twice_running_costs_more_than_being_a_little_behind() -> None:
    """Whoever held it last time does not again, though they are behind; only once they are far behind."""
    behind = [PastSession((1, 2), {"host": 1})] * 2 + [PastSession((1, 2), {"host": 2})]
    assert balances("host", [1, 2], behind) == pytest.approx({1: -1 / 2, 2: 1 / 2})
    assert assign(["host"], [1, 2], behind) == {"host": 1}, "not twice running, though 2 has held it less"
    far = [PastSession((1, 2), {"host": 1})] * 5 + [PastSession((1, 2), {"host": 2})]
    assert balances("host", [1, 2], far) == pytest.approx({1: -2, 2: 2})
    assert assign(["host"], [1, 2], far) == {"host": 2}, "twice running, since 2 is far behind"


attendance = st.lists(st.sets(st.integers(1, 6), min_size=3), min_size=20, max_size=40)


@given(attendance)
def test_shares_stay_fair_whatever_the_absences(present: list[set[int]]) -> None:
    history: list[PastSession] = []
    for people in present:
        here = tuple(sorted(people))
        held = assign(ROLES, here, history)
        assert len(set(held.values())) == 3
        history.append(PastSession(here, held))
    for role in ROLES:
        assert max(abs(credit) for credit in balances(role, range(1, 7), history).values()) < 3.5


@given(st.lists(st.sets(st.integers(1, 5), min_size=3), max_size=8), st.sets(st.integers(1, 5), min_size=3))
def test_it_is_the_cheapest_of_all_assignments(past: list[set[int]], here: set[int]) -> None:
    history: list[PastSession] = []
    for people in past:
        order = tuple(sorted(people))
        history.append(PastSession(order, assign(ROLES, order, history)))
    people = sorted(here)
    costs = {role: dict(zip(people, _costs(role, people, history), strict=True)) for role in ROLES}
    found = sum(costs[role][who] for role, who in assign(ROLES, people, history).items())
    best = min(sum(costs[role][who] for role, who in zip(ROLES, some, strict=True)) for some in permutations(people, 3))
    assert found == pytest.approx(best, abs=1e-6)


def test_a_crowd_costs_no_more_than_a_circle() -> None:
    crowd = list(range(500))
    history = [PastSession(tuple(crowd), assign(ROLES, crowd, []))]
    held = assign(ROLES, crowd, history)
    assert len(set(held.values())) == 3
    assert not set(held.items()) & set(history[0].held.items())


def replay(tmp_path: Path, capsys: Any, trace: dict[str, Any]) -> dict[str, Any]:
    file = tmp_path / "trace.json"
    file.write_text(json.dumps(trace))
    call_command("rotation_replay", str(file), "--json")
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_a_trace_is_replayed_from_outside(tmp_path: Path, capsys: Any) -> None:
    present = [[0, 1, 2], [0, 1, 2], [1, 2], [0, 1, 2]]
    told = replay(tmp_path, capsys, {"members": 3, "roles": ["a", "b"], "present": present})
    assert [len(row) for row in told["held"]] == [2, 2, 2, 2]
    assert set(told["balances"]["a"]) == {"0", "1", "2"}
    assert 0 < told["worst"] <= 1
    known = [{"a": 2, "b": 1}, None]
    told = replay(tmp_path, capsys, {"members": 3, "roles": ["a", "b"], "present": present, "held": known})
    assert told["held"][0] == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("trace", "words"),
    [
        ({"members": 3, "present": [[0]]}, "roles"),
        ({"members": 3, "present": [[0]], "roles": ["a", "a"]}, "roles"),
        ({"members": 3, "present": [[3]], "roles": ["a"]}, r"present\[0\]"),
        ({"members": 3, "present": [[0]], "roles": ["a"], "held": [{"a": 1}]}, r"held\[0\]"),
        ({"members": 99, "present": [[0]], "roles": ["a"]}, "members"),
    ],
)
def test_a_trace_that_makes_no_sense_is_explained(
    tmp_path: Path, capsys: Any, trace: dict[str, Any], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        replay(tmp_path, capsys, trace)
