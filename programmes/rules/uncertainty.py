"""How sure a mean of few answers is, and whether two of them differ: numbers with an interval, never a verdict. Pure.

The intervals are 95 % t intervals; the difference is Welch's, since answers carry no name and cannot be paired.
Source: B. L. Welch, The generalization of "Student's" problem, Biometrika 34 (1947).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import sqrt

LOWEST, HIGHEST = 1, 5
# The 97.5 % points of t for 1 to 30 degrees of freedom; above that the normal one is close enough.
T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
NORMAL = 1.960


@dataclass(frozen=True)
class Mean:
    """The mean of so many answers between 1 and 5, and their standard deviation."""

    number: int
    mean: float
    deviation: float

    @property
    def interval(self) -> tuple[float, float]:
        """Where the mean would probably lie if everybody like these people were asked; within the scale."""
        half = t_point(self.number - 1) * self.deviation / sqrt(self.number)
        return max(LOWEST, self.mean - half), min(HIGHEST, self.mean + half)


def t_point(freedom: float) -> float:
    """The 97.5 % point of t; degrees of freedom are rounded down, which makes intervals wider, never narrower."""
    return NORMAL if freedom >= len(T) + 1 else T[max(1, int(freedom)) - 1]


def mean_of(scores: Sequence[int]) -> Mean:
    """ValueError for fewer than two answers: there is no deviation of one."""
    if len(scores) < 2:
        raise ValueError("a mean needs two answers at least")
    mean = sum(scores) / len(scores)
    variance = sum((score - mean) ** 2 for score in scores) / (len(scores) - 1)
    return Mean(len(scores), mean, sqrt(variance))


class Band(Enum):
    """Where a mean of few answers lies, as roughly as can be: thirds of the scale."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


def band_of(mean: Mean) -> Band:
    """The third of the scale in which a mean lies; on a border the middle one."""
    third = (HIGHEST - LOWEST) / 3
    if mean.mean < LOWEST + third:
        return Band.LOW
    return Band.HIGH if mean.mean > HIGHEST - third else Band.MIDDLE


@dataclass(frozen=True)
class MeanChange:
    """The difference of two means, later less earlier, and where it probably lies."""

    by: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves no change out; otherwise there is too little to say."""
        return self.low > 0 or self.high < 0


def change_between(before: Mean, after: Mean) -> MeanChange:
    """The change between two pulses, of people who answered without a name. Where nobody differs, it is exact."""
    first, second = before.deviation**2 / before.number, after.deviation**2 / after.number
    by = after.mean - before.mean
    if first + second == 0:
        return MeanChange(by, by, by)
    freedom = (first + second) ** 2 / (first**2 / (before.number - 1) + second**2 / (after.number - 1))
    half = t_point(freedom) * sqrt(first + second)
    return MeanChange(by, by - half, by + half)
