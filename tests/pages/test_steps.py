"""The one next step and the lines below it: exactly one, and the reader's own, whatever the facts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.rules.steps import LINES_AT_MOST, ORDER, Facts, Matter, Wait, arranged, waits_of

READY = Facts(
    runs=True, signed=True, members=4, min_size=3, dated=6, promised=6, has_next=True, roles_held=3, roles=3,
)  # fmt: skip
FOR_WHO_RUNS = {Matter.INVITE, Matter.SCHEDULE, Matter.ROLES, Matter.WRAP_UP}
MINE, OTHERS = True, False
WAITS = st.builds(Wait, st.sampled_from(Matter), st.booleans(), st.integers(0, 3))


@pytest.mark.parametrize(
    ("facts", "matter", "mine"),
    [
        (replace(READY, members=2), Matter.INVITE, MINE),
        (replace(READY, members=2, invited=1), Matter.INVITE, OTHERS),
        (replace(READY, members=2, invited=1, has_next=False), Matter.SCHEDULE, MINE),
        (replace(READY, signed=False), Matter.SIGN, MINE),
        (replace(READY, unsigned=1), Matter.SIGN, OTHERS),
        (replace(READY, signed=False, near=True), Matter.MEET, MINE),
        (replace(READY, dated=1), Matter.SCHEDULE, MINE),
        (replace(READY, has_next=False), Matter.SCHEDULE, MINE),
        (replace(READY, roles_held=2), Matter.ROLES, MINE),
        (replace(READY, not_out=1), Matter.WRAP_UP, OTHERS),
        (replace(READY, not_out=1, unsigned=2), Matter.SIGN, OTHERS),
        (replace(READY, decided=False, signed=False), Matter.DECIDE, MINE),
        (replace(READY, decided=True), Matter.DECIDE, OTHERS),
        (replace(READY, decided=True, dated=6, has_next=False), Matter.DECIDE, OTHERS),
        (replace(READY, thanked=False), Matter.CLOSE, MINE),
        (replace(READY, thanked=True, runs=False), Matter.CLOSE, OTHERS),
        (replace(READY, thanked=True), Matter.CLOSE, MINE),
    ],
)
def test_the_next_step(facts: Facts, matter: Matter, mine: bool) -> None:
    assert arranged(waits_of(facts)).step == Wait(matter, mine)


@pytest.mark.parametrize(
    "facts",
    [
        READY,
        replace(READY, on_hold=True, has_next=False, dated=2, members=2),
        replace(READY, runs=False, unsigned=2, members=1, dated=0, has_next=False, roles_held=0, not_out=2),
    ],
)
def test_nothing_waits_where_all_is_ready_on_hold_or_somebody_elses_to_do(facts: Facts) -> None:
    assert arranged(waits_of(facts)).step is None


@pytest.mark.parametrize("matter", [Matter.CHANGE, Matter.POLL, Matter.LOOK])
def test_what_nobody_has_to_do_anything_about_is_a_line_and_no_step(matter: Matter) -> None:
    found = arranged([Wait(matter, OTHERS)])
    assert (found.step, found.lines) == (None, (Wait(matter, OTHERS),))


@given(st.lists(WAITS, max_size=12))
def test_a_step_is_the_readers_own_while_anything_is_and_nothing_is_lost(waits: list[Wait]) -> None:
    found = arranged(waits)
    own = [one for one in waits if one.mine]
    if own:
        assert found.step == min(own, key=lambda one: one.rank)
    else:
        first = [one for one in waits if one.may_be_first]
        assert found.step == min(first, key=lambda one: one.rank, default=None)
    shown = [one for one in (found.step, *found.lines, *found.more) if one]
    assert len(shown) == len(set(waits))
    assert set(shown) == set(waits)
    assert len(found.lines) <= LINES_AT_MOST
    assert not found.more or len(found.lines) == LINES_AT_MOST


@given(st.lists(WAITS, max_size=12))
def test_lines_stand_in_their_order_and_the_readers_own_are_folded_away_last(waits: list[Wait]) -> None:
    found = arranged(waits)
    for some in (found.lines, found.more):
        assert [ORDER[one.matter] for one in some] == sorted(ORDER[one.matter] for one in some)
    if any(one.mine for one in found.more):
        assert all(one.mine for one in found.lines)


@given(st.builds(Facts))
def test_a_step_that_is_behind_never_waits(facts: Facts) -> None:
    found = {one.matter: one.mine for one in waits_of(facts)}
    if facts.near:
        assert arranged(waits_of(facts)).step == Wait(Matter.MEET)
    if facts.signed and not facts.unsigned:
        assert Matter.SIGN not in found
    if facts.members >= facts.min_size:
        assert Matter.INVITE not in found
    if facts.has_next and facts.dated >= facts.promised:
        assert Matter.SCHEDULE not in found
    if facts.roles_held >= facts.roles:
        assert Matter.ROLES not in found
    if not facts.runs:
        assert not FOR_WHO_RUNS & set(found)
