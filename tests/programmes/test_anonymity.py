"""P10: nothing is shown about fewer than five people's pulse answers, whatever reports are laid beside each other."""

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programmes.rules.anonymity import (
    EXACT,
    FEWEST,
    FEWEST_CIRCLES,
    LARGEST_SHARE,
    Reports,
    blocks,
    may_be_told,
    reports,
)

circles = st.dictionaries(st.integers(0, 9), st.integers(0, 9), max_size=8)


def people(circles_in: frozenset[int], answered: dict[int, int]) -> frozenset[tuple[int, int]]:
    """The respondents of a report, each as a circle and a number in it."""
    return frozenset((circle, at) for circle in circles_in for at in range(answered[circle]))


def all_reports(answered: dict[int, int]) -> list[frozenset[tuple[int, int]]]:
    may = reports(answered)
    found = [people(frozenset({circle}), answered) for circle in sorted(may.of_circles)]
    return found + ([people(may.of_programme, answered)] if may.of_programme else [])


@given(circles)
def test_the_difference_of_any_two_reports_is_empty_or_at_least_five(answered: dict[int, int]) -> None:
    for one in all_reports(answered):
        assert len(one) >= FEWEST
        for other in all_reports(answered):
            assert len(one - other) == 0 or len(one - other) >= FEWEST


@given(circles)
def test_no_report_less_any_set_of_others_leaves_fewer_than_five(answered: dict[int, int]) -> None:
    found = all_reports(answered)
    for one in found:
        for some in chain.from_iterable(combinations(found, n) for n in range(len(found) + 1)):
            rest = one - frozenset().union(*some)
            assert len(rest) == 0 or len(rest) >= FEWEST


@given(circles)
def test_what_remains_beside_what_is_shared_with_the_programme_is_empty_or_at_least_five(
    answered: dict[int, int],
) -> None:
    may = reports(answered)
    assert may.shared <= may.of_circles
    counted = may.of_programme or frozenset(answered)
    rest = sum(answered[circle] for circle in counted - may.shared)
    assert not may.shared or rest == 0 or rest >= FEWEST
    assert len(may.of_programme) != 1


larger = st.dictionaries(st.integers(0, 9), st.integers(0, 14), max_size=8)


@given(larger)
def test_no_mean_less_any_set_of_others_leaves_fewer_than_eight(answered: dict[int, int]) -> None:
    may = reports(answered)
    found = [people(frozenset({circle}), answered) for circle in sorted(may.exact)]
    found += [people(may.of_programme, answered)] if may.programme_exact else []
    for one in found:
        assert len(one) >= EXACT
        for some in chain.from_iterable(combinations(found, n) for n in range(len(found) + 1)):
            rest = one - frozenset().union(*some)
            assert len(rest) == 0 or len(rest) >= EXACT


weeks_of_circles = st.lists(st.dictionaries(st.integers(0, 3), st.integers(0, 6), max_size=4), max_size=12)


@given(weeks_of_circles)
def test_any_two_figures_of_kept_promises_differ_by_several_circles_or_nothing(weeks: list[dict[int, int]]) -> None:
    """The shares of weeks, and what the totals were at the end of any week: whoever looked each week has seen them all."""
    shown = [frozenset(at for block in blocks(weeks[:end]) for at in block) for end in range(len(weeks) + 1)]
    shown += [frozenset(block) for block in blocks(weeks)]
    for one in shown:
        for other in shown:
            due: dict[int, int] = {}
            for at in one - other:
                for circle, number in weeks[at].items():
                    due[circle] = due.get(circle, 0) + number
            counted = [number for number in due.values() if number]
            if counted:
                assert sum(counted) >= FEWEST
                assert len(counted) >= FEWEST_CIRCLES
                assert max(counted) <= LARGEST_SHARE * sum(counted)


@pytest.mark.parametrize(
    ("answered", "exact", "programme_exact"),
    [
        ({1: 5, 2: 5}, set(), True),
        ({1: 5}, set(), False),
        ({1: 8, 2: 8}, {1, 2}, True),
        # The mean of all less the mean of the eight would be the mean of the five.
        ({1: 8, 2: 5}, {1}, False),
        ({1: 8, 2: 5, 3: 5}, {1}, True),
    ],
)
def test_where_there_are_means(answered: dict[int, int], exact: set[int], programme_exact: bool) -> None:
    may = reports(answered)
    assert (may.exact, may.programme_exact) == (exact, programme_exact)


@pytest.mark.parametrize(
    ("answered", "of_circles", "of_programme", "shared"),
    [
        ({}, set(), set(), set()),
        ({1: 4}, set(), set(), set()),
        ({1: 5}, {1}, set(), {1}),
        # One circle of six and one of three: nothing but the circle's own figures, and those stay with it.
        ({1: 6, 2: 3}, {1}, set(), set()),
        ({1: 5, 2: 5}, {1, 2}, {1, 2}, {1, 2}),
        # The three would be what the whole has and the two reports have not: they are left out of it.
        ({1: 6, 2: 6, 3: 3}, {1, 2}, {1, 2}, {1, 2}),
        ({1: 6, 2: 3, 3: 2}, {1}, {1, 2, 3}, {1}),
        ({1: 3, 2: 2}, set(), {1, 2}, set()),
        ({1: 2, 2: 2}, set(), set(), set()),
    ],
)
def test_examples(answered: dict[int, int], of_circles: set[int], of_programme: set[int], shared: set[int]) -> None:
    may = reports(answered)
    assert (may.of_circles, may.of_programme, may.shared) == (of_circles, of_programme, shared)


@pytest.mark.parametrize(
    ("due", "told"),
    [
        ({}, False), ({"a": 5}, False), ({"a": 5, "b": 0}, False), ({"a": 2, "b": 2}, False),
        # Three of five is as large as a share may be.
        ({"a": 3, "b": 2}, True), ({"a": 4, "b": 2}, False), ({"a": 6, "b": 4}, True), ({"a": 7, "b": 4}, False),
        ({"a": 3, "b": 1, "c": 1}, True), ({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}, True),
    ],
)  # fmt: skip
def test_which_share_tells_nothing_of_one_circle(due: dict[str, int], told: bool) -> None:
    assert may_be_told(due) is told


def test_weeks_are_told_together_until_a_share_may_be_told() -> None:
    weeks = [{"a": 2}, {"b": 2}, {"a": 1}, {}, {"a": 3, "b": 2}, {"a": 9}, {"b": 5}, {"b": 1}, {"a": 4}]
    assert blocks(weeks) == [range(0, 3), range(3, 5), range(5, 8)]
    assert blocks([]) == blocks([{"a": 9}]) == []


def test_which_figures_there_are_in_a_few_programmes() -> None:
    """Worked out by hand from what stands at the head of the rule."""
    none: frozenset[str] = frozenset()
    a, ab = frozenset("a"), frozenset("ab")
    assert reports({"a": 6, "z": 0}) == Reports(a, none, a, none, False)
    assert reports({"a": 6, "b": 3}) == Reports(a, none, none, none, False)
    assert reports({"a": 4, "b": 4}) == Reports(none, ab, none, none, True)
    assert reports({"a": 4, "b": 3}) == Reports(none, ab, none, none, False)
    assert reports({"a": 2, "b": 2}) == Reports(none, none, none, none, False)
    assert reports({"a": 5, "b": 5}) == Reports(ab, ab, ab, none, True)
    assert reports({"a": 8, "b": 5}) == Reports(ab, ab, ab, a, False)
    assert reports({"a": 8, "b": 8}) == Reports(ab, ab, ab, ab, True)
    assert reports({"a": 8, "b": 7, "c": 1}) == Reports(ab, ab, ab, a, False)
