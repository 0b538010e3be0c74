"""Means of few answers, and whether two of them differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programmes.rules.uncertainty import Band, band_of, change_between, mean_of, t_point

scores = st.lists(st.integers(1, 5), min_size=5, max_size=30)


def test_a_known_interval() -> None:
    """Worked by hand: 1 2 3 4 5 has mean 3 and deviation sqrt(2.5); 2.776 * sqrt(2.5 / 5) = 1.963."""
    low, high = mean_of([1, 2, 3, 4, 5]).interval
    assert (round(low, 3), round(high, 3)) == (1.037, 4.963)


def test_degrees_of_freedom_are_rounded_down() -> None:
    assert [t_point(f) for f in (0.5, 1, 4.9, 30, 30.9, 31)] == [12.706, 12.706, 2.776, 2.042, 2.042, 1.960]


def test_too_few_answers_have_no_mean() -> None:
    with pytest.raises(ValueError, match="two answers"):
        mean_of([3])


@given(scores)
def test_the_interval_holds_the_mean_and_stays_on_the_scale(given_scores: list[int]) -> None:
    mean = mean_of(given_scores)
    low, high = mean.interval
    assert 1 <= low <= mean.mean + 1e-9
    assert mean.mean - 1e-9 <= high <= 5


@given(scores, scores)
def test_a_change_is_the_other_way_round_backwards(one: list[int], other: list[int]) -> None:
    there, back = change_between(mean_of(one), mean_of(other)), change_between(mean_of(other), mean_of(one))
    assert there.by == pytest.approx(-back.by)
    assert (there.low, there.high) == (pytest.approx(-back.high), pytest.approx(-back.low))


def test_chance_is_not_called_a_change() -> None:
    same = [2, 3, 3, 4, 5, 4]
    assert not change_between(mean_of(same), mean_of([3, 3, 4, 4, 5, 4])).is_clear
    assert change_between(mean_of([1, 1, 2, 1, 2]), mean_of([5, 4, 5, 5, 5])).is_clear
    assert change_between(mean_of([3] * 5), mean_of([4] * 5)).is_clear


@pytest.mark.parametrize(
    ("scores", "band"),
    [([1, 2, 2, 3, 3], Band.LOW), ([2, 2, 2, 2, 4], Band.MIDDLE), ([3, 3, 3, 3, 3], Band.MIDDLE),
     ([3, 4, 4, 4, 4], Band.HIGH), ([5, 5, 5, 5, 5], Band.HIGH), ([1, 1, 1, 1, 1], Band.LOW)],
)  # fmt: skip
def test_bands_are_thirds_of_the_scale(scores: list[int], band: Band) -> None:
    assert band_of(mean_of(scores)) == band
