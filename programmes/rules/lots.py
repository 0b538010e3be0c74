"""Which half of some circles is offered something, by lot, and what can be said of both halves afterwards. Pure.

The circle is what was drawn, so the circle is what is compared: the spread of a share is taken from how much its
circles differ, or from its promises as if they knew nothing of each other, whichever is wider. With few circles the
interval is wide, which is true. The first is the ratio estimator
of cluster samples (W. G. Cochran, Sampling Techniques).
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import sqrt
from typing import TypeVar

from programmes.rules.anonymity import FEWEST, FEWEST_CIRCLES, may_be_told
from programmes.rules.uncertainty import MeanChange, t_point

C = TypeVar("C", bound=Hashable)
# On either side there have to be so many circles.
FEWEST_DRAWN = 2 * FEWEST_CIRCLES


def drawn(codes: Iterable[str], seed: str) -> frozenset[str]:
    """The half that is offered it, of an odd number the larger: the same for the same codes and seed, in any order."""
    mixed = sorted(set(codes), key=lambda code: sha256(f"{seed}:{code}".encode()).digest())
    return frozenset(mixed[: (len(mixed) + 1) // 2])


@dataclass(frozen=True)
class Side:
    """One half: of each of its circles how many promises fell due and how many were kept; of how many people."""

    circles: tuple[tuple[int, int], ...]
    people: int

    @property
    def due(self) -> int:
        """How many promises fell due."""
        return sum(due for due, _kept in self.circles)

    @property
    def kept(self) -> int:
        """How many of them were kept."""
        return sum(kept for _due, kept in self.circles)

    @property
    def share(self) -> float:
        """Kept of due; ZeroDivisionError where nothing fell due."""
        return self.kept / self.due

    @property
    def may_be_told(self) -> bool:
        """Five people and two circles, none of which is most of it."""
        due = {at: due for at, (due, _kept) in enumerate(self.circles)}
        return self.people >= FEWEST and may_be_told(due)

    @property
    def variance(self) -> float:
        """Of the share, the wider of two: between its circles, and of its promises one by one."""
        some = [(due, kept) for due, kept in self.circles if due]
        between = sum((kept - self.share * due) ** 2 for due, kept in some)
        between *= len(some) / (len(some) - 1) / self.due**2
        # Two more kept and two more not: no share of few promises is as sure as nought or all.
        near = (self.kept + 2) / (self.due + 4)
        return max(between, near * (1 - near) / (self.due + 4))


def side_change(without: Side, with_it: Side) -> MeanChange:
    """How much larger the share is with it, with a 95 % interval (Welch, over circles), in shares from -1 to 1.

    Both sides have to have two circles in which something fell due.
    """
    first, second = without.variance, with_it.variance
    free = [sum(1 for due, _kept in side.circles if due) - 1 for side in (without, with_it)]
    freedom = (first + second) ** 2 / (first**2 / free[0] + second**2 / free[1])
    half, by = t_point(freedom) * sqrt(first + second), with_it.share - without.share
    return MeanChange(by, max(-1.0, by - half), min(1.0, by + half))


def told_together(blocks: Sequence[Mapping[C, int]], parts: Sequence[frozenset[C]], others: frozenset[C]) -> int:
    """How many of these blocks of weeks are told of each part, from the first on; 0 for none.

    The blocks are those in which the share of the whole is told, so that nothing told of a part and of the whole
    differs by less than a block. A block waits until every part has enough since the last that was told, and so has the
    rest, if there is any.
    """
    told = 0
    due: dict[C, int] = {}
    for at, block in enumerate(blocks, start=1):
        for circle, number in block.items():
            due[circle] = due.get(circle, 0) + number
        rest = _within(due, others)
        if all(may_be_told(_within(due, part)) for part in parts) and (not any(rest.values()) or may_be_told(rest)):
            told, due = at, {}
    return told


def _within(due: Mapping[C, int], part: frozenset[C]) -> dict[C, int]:
    return {circle: number for circle, number in due.items() if circle in part}
