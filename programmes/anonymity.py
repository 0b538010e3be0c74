"""Which figures of a pulse may exist at all, so that nothing is ever shown about fewer than five people. Pure.

Those who answered fall into parts: each circle with five answers or more is one, and all smaller circles together are
one. Every report is a union of whole parts, and no part that is used has fewer than five people. Whatever reports
somebody lays beside each other, what one has and the others lack is then empty or at least five people.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

FEWEST = 5
FEWEST_CIRCLES = 2

C = TypeVar("C", bound=Hashable)


@dataclass(frozen=True)
class Reports(Generic[C]):
    """Of which circles there is a report, of which circles the programme's report is made, and what it is shown."""

    of_circles: frozenset[C]
    of_programme: frozenset[C]
    shared: frozenset[C]


def reports(answered: Mapping[C, int]) -> Reports[C]:
    """What may be reported, given how many answered in each circle.

    The smaller circles count in the programme's figures only if they have five answers together. The programme has
    figures from two circles on. A circle's report goes to the programme only when what remains of all answers beside
    those reported is empty or at least five.
    """
    counted = {circle: number for circle, number in answered.items() if number > 0}
    large = frozenset(circle for circle, number in counted.items() if number >= FEWEST)
    small = frozenset(counted) - large
    pooled = sum(counted[circle] for circle in small)
    whole = large | small if pooled >= FEWEST else large
    programme = whole if len(whole) >= FEWEST_CIRCLES else frozenset()
    shared = large if programme or not small else frozenset()
    return Reports(large, programme, shared)
