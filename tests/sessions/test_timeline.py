"""Plans add up to the second, nobody is left out, and the library says what the literature says."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.formats.library import definitions, fitting, rules
from sessions.rules.timeline import (
    FormatError,
    plan,
    presenters_that_fit,
    read_format,
    speaking_order,
    suits,
)

COUNCIL = rules()["council"]


def test_council_has_the_minutes_of_its_source() -> None:
    """Seed 001: three minutes to present, three of short questions, ten of counsel: sixteen a presenter."""
    assert [COUNCIL.stage(key).seconds for key in ("present", "questions", "counsel")] == [180, 180, 600]
    five = plan(COUNCIL, [1, 2, 3, 4, 5], [1, 2, 3, 4, 5])
    four = plan(COUNCIL, [1, 2, 3, 4, 5], [1, 2, 3, 4])
    assert five.seconds - four.seconds == 16 * 60


def test_council_for_four_is_seventy_two_minutes_and_the_agreement() -> None:
    assert plan(COUNCIL, [1, 2, 3, 4], [1, 2, 3, 4]).minutes == 72 + 8


def test_opening_is_the_hosts_and_presenters_go_in_speaking_order() -> None:
    timed = plan(COUNCIL, [3, 1, 2], [1, 3], host=2)
    assert timed.segments[0].speaker == 2
    assert [s.presenter for s in timed.segments if s.stage == "present"] == [3, 1]
    assert [s.speaker for s in timed.segments if s.stage == "check_in"] == [3, 1, 2]


def test_pair_gives_equal_halves() -> None:
    timed = plan(rules()["pair"], [1, 2], [1, 2])
    halves = {seat: sum(s.seconds for s in timed.segments if s.presenter == seat) for seat in (1, 2)}
    assert halves == {1: 22 * 60, 2: 22 * 60}
    assert 30 <= timed.minutes <= 60


def test_over_says_how_much_too_long() -> None:
    timed = plan(COUNCIL, [1, 2, 3, 4], [1, 2, 3, 4], room=60 * 60)
    assert timed.over == 20 * 60
    assert presenters_that_fit(COUNCIL, [1, 2, 3, 4], room=60 * 60) == 2
    assert presenters_that_fit(COUNCIL, [1, 2, 3, 4], room=60) == 0


def test_nobody_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="needs people"):
        plan(COUNCIL, [], [])


@pytest.mark.parametrize("key", list(rules()))
def test_every_library_format_plans_for_every_size(key: str) -> None:
    rule = rules()[key]
    for size in range(rule.least, rule.most + 1):
        seats = list(range(1, size + 1))
        presenters = seats[: rule.most_presenters]
        timed = plan(rule, seats, presenters, host=1)
        assert timed.seconds == sum(segment.seconds for segment in timed.segments)
        assert {s.speaker for s in timed.segments if s.stage == "check_in"} == set(seats)
        assert {s.speaker for s in timed.segments if s.stage == "check_out"} == set(seats)
        assert {s.presenter for s in timed.segments if s.presenter} == set(presenters)
        assert timed.segments[0].stage == "opening"
        assert timed.segments[-1].stage == "closing"
        for stage in (segment.stage for segment in timed.segments):
            assert rule.stage(stage).text("rule"), stage
            assert rule.stage(stage).text("prompt"), stage


def test_every_size_from_two_to_eight_has_a_format() -> None:
    assert [n for n in range(2, 9) if not fitting(n)] == []
    assert suits(COUNCIL, 3)
    assert not suits(COUNCIL, 2)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=12, unique=True), st.integers(0, 100))
def test_everybody_is_first_equally_often(seats: list[int], start: int) -> None:
    orders = [speaking_order(seats, start + at) for at in range(len(seats))]
    assert sorted(order[0] for order in orders) == sorted(seats)
    for order in orders:
        assert sorted(order) == sorted(seats)
        assert all(seats[(seats.index(a) + 1) % len(seats)] == b for a, b in pairwise(order))


def broken(**changes: object) -> dict[str, object]:
    return definitions()["council"] | changes


@pytest.mark.parametrize(
    ("definition", "place"),
    [
        (broken(schema=2), "schema"),
        (broken(people={"least": 5, "most": 3}), "people"),
        (broken(people={"least": 1, "most": 3}), "people"),
        (broken(people={"least": True, "most": 3}), "people"),
        (broken(most_presenters=0), "most_presenters"),
        (broken(blocks=[]), "blocks"),
        (broken(blocks=[{"repeat": "often", "stages": []}]), r"blocks\[0\].repeat"),
        (broken(blocks=[{"stages": []}]), r"blocks\[0\].stages"),
        (
            broken(blocks=[{"stages": [{"key": "a", "kind": "fixed", "floor": "all", "seconds": 0}]}]),
            "seconds",
        ),
        (broken(blocks=[{"stages": [{"key": "a", "kind": "fixed", "floor": "sky", "seconds": 9}]}]), "floor"),
        (broken(blocks=[{"stages": [{"kind": "fixed", "floor": "all", "seconds": 9}]}]), "key"),
        (broken(blocks=definitions()["council"]["blocks"] * 2), "same key"),
    ],
)
def test_a_definition_that_cannot_be_planned_says_where(definition: dict[str, object], place: str) -> None:
    with pytest.raises(FormatError, match=place):
        read_format(definition)
