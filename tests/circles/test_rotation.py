"""Roles go round fairly, whoever is away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circles.rotation import PastSession, assign, balances

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


@given(st.lists(st.sets(st.integers(1, 6), min_size=3), min_size=20, max_size=40))
def test_shares_stay_fair_whatever_the_absences(present: list[set[int]]) -> None:
    history: list[PastSession] = []
    for people in present:
        here = tuple(sorted(people))
        held = assign(ROLES, here, history)
        assert len(set(held.values())) == 3
        if history:
            last = history[-1].held
            # Three roles and three or more people: the same role twice running is always avoidable one by one.
            assert sum(last.get(role) == who for role, who in held.items()) <= 1
        history.append(PastSession(here, held))
    for role in ROLES:
        assert max(abs(credit) for credit in balances(role, range(1, 7), history).values()) < 3.5
