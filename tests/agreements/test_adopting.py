"""When a proposal counts: the rule as it stands in the agreement."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.rules.adopting import USUAL_DAYS, Stances, Verdict, counts_from, verdict
from tests.factories import NOW

WEEK = timedelta(days=7)


def said(**changes: object) -> Stances:
    facts: dict[str, object] = {
        "made_at": NOW,
        "days": 7,
        "members": frozenset({1, 2, 3, 4}),
        "yes": frozenset({1}),
        "concerns": frozenset(),
    }
    return Stances(**(facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "after", "expected"),
    [
        ({}, timedelta(0), Verdict.WAIT),
        ({}, WEEK - timedelta(seconds=1), Verdict.WAIT),
        ({}, WEEK, Verdict.ADOPT),
        ({"days": 3}, timedelta(days=3), Verdict.ADOPT),
        ({"yes": frozenset({1, 2, 3, 4})}, timedelta(0), Verdict.ADOPT),
        ({"yes": frozenset({1, 2, 3, 4, 9})}, timedelta(0), Verdict.ADOPT),
        ({"concerns": frozenset({2})}, WEEK * 5, Verdict.TALK),
        # Somebody who has left has neither a say nor a concern.
        ({"concerns": frozenset({9})}, WEEK, Verdict.ADOPT),
        ({"yes": frozenset({1, 9})}, timedelta(0), Verdict.WAIT),
    ],
)
def test_before_it_is_talked_about(changes: dict[str, object], after: timedelta, expected: Verdict) -> None:
    assert verdict(said(**changes), now=NOW + after) == expected


@pytest.mark.parametrize(
    ("concerns", "after", "expected"),
    [(set(), WEEK, Verdict.WAIT), (set(), 2 * WEEK, Verdict.ADOPT), ({2}, 2 * WEEK, Verdict.TALK)],
)
def test_where_all_who_were_there_have_left_the_usual_days_decide(
    concerns: set[int], after: timedelta, expected: Verdict
) -> None:
    facts = said(concerns=frozenset(concerns), talked_at=NOW + WEEK, present=frozenset({8, 9}))
    assert verdict(facts, now=NOW + after) == expected


@pytest.mark.parametrize(
    ("yes", "present", "after", "expected"),
    [
        ({1}, {1, 2, 3}, timedelta(0), Verdict.DECIDE),
        ({1, 2}, {1, 2, 3}, timedelta(0), Verdict.ADOPT),
        # Exactly half is not more than half.
        ({1, 2}, {1, 2, 3, 4}, timedelta(0), Verdict.DECIDE),
        ({1, 2}, {1, 2, 3, 4}, WEEK, Verdict.DECLINE),
        # Who was not there has no part in this decision.
        ({1, 4}, {1, 2, 3}, timedelta(0), Verdict.DECIDE),
        # Who was there and has left does not count.
        ({1}, {1, 9}, timedelta(0), Verdict.ADOPT),
    ],
)
def test_after_it_was_talked_about(yes: set[int], present: set[int], after: timedelta, expected: Verdict) -> None:
    facts = said(yes=frozenset(yes), concerns=frozenset({2}), talked_at=NOW + WEEK, present=frozenset(present))
    assert verdict(facts, now=NOW + WEEK + after) == expected


people = st.frozensets(st.integers(1, 6))


@given(people, people, people, people, st.integers(0, 20), st.booleans())
def test_a_concern_of_a_member_is_never_passed_over(
    members: frozenset[int],
    yes: frozenset[int],
    concerns: frozenset[int],
    present: frozenset[int],
    days: int,
    talked: bool,
) -> None:
    """Without a session after it, nothing with an open concern is adopted; a yes of everybody is always enough."""
    facts = said(
        members=members,
        yes=yes - concerns,
        concerns=concerns,
        talked_at=NOW if talked else None,
        present=present,
    )
    found = verdict(facts, now=NOW + timedelta(days=days))
    if concerns & members and not talked:
        assert found == Verdict.TALK
    if members and members <= yes - concerns:
        assert found == Verdict.ADOPT
    if found == Verdict.DECLINE:
        assert talked
        assert days >= 7
        assert 2 * len((yes - concerns) & present & members) <= len(present & members)


def test_counts_from_the_day_it_was_made_or_talked_about() -> None:
    assert counts_from(said()) == NOW + WEEK
    assert counts_from(said(talked_at=NOW + WEEK)) == NOW + 2 * WEEK


def test_a_week_where_nobody_says_otherwise_and_nobody_alone_is_not_everybody() -> None:
    assert USUAL_DAYS == 7
    assert verdict(said(members=frozenset(), yes=frozenset()), now=NOW) == Verdict.WAIT
