"""Which figures may exist at all, so that nothing is ever shown about fewer than five people, or one circle. Pure.

Those who answered fall into parts: each circle with five answers or more is one, and all smaller circles together are
one. Every report is a union of whole parts, and no part that is used has fewer than five people. Whatever reports
somebody lays beside each other, what one has and the others lack is then empty or at least five people.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

FEWEST = 5
FEWEST_CIRCLES = 2
# Below this many answers there is no mean: a band of three is all that is said.
EXACT = 8
# Of what is shown of several circles, no circle makes up more than this.
LARGEST_SHARE = 0.6

C = TypeVar("C", bound=Hashable)


@dataclass(frozen=True)
class Reports(Generic[C]):
    """Of which circles there is a report, of which circles the programme's report is made, and what it is shown."""

    of_circles: frozenset[C]
    of_programme: frozenset[C]
    shared: frozenset[C]
    # Of which circles, and whether of the programme, there are means; of the others there are bands.
    exact: frozenset[C]
    programme_exact: bool


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
    # Of one circle alone they would be that circle's figures under another name.
    programme = whole if len(whole) >= FEWEST_CIRCLES else frozenset()
    shared = large if programme or not small else frozenset()
    exact = frozenset(circle for circle in large if counted[circle] >= EXACT)
    # Less the means of circles, a mean of the programme would be the mean of those who are left.
    left = sum(counted[circle] for circle in programme - exact)
    programme_exact = sum(counted[circle] for circle in programme) >= EXACT and (left == 0 or left >= EXACT)
    return Reports(large, programme, shared, exact, programme_exact)


def blocks(weeks: Sequence[Mapping[C, int]]) -> list[range]:
    """Which weeks are told together, given how many promises fell due in each circle: as positions, in order.

    A block ends as soon as it has five promises of two circles, none of which makes up more than its largest share.
    What follows the last block waits: it is not told at all. Only whole blocks are ever told, and a later week changes
    no earlier block, so that no two figures differ by less than a block.
    """
    found, begin = [], 0
    due: dict[C, int] = {}
    for at, week in enumerate(weeks):
        for circle, number in week.items():
            due[circle] = due.get(circle, 0) + number
        if may_be_told(due):
            found.append(range(begin, at + 1))
            begin, due = at + 1, {}
    return found


def may_be_told(due: Mapping[C, int]) -> bool:
    """Whether a share over some circles tells nothing of one of them."""
    counted = [number for number in due.values() if number > 0]
    total = sum(counted)
    return total >= FEWEST and len(counted) >= FEWEST_CIRCLES and max(counted) <= LARGEST_SHARE * total
