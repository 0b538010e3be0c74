"""Who speaks when, fairly from session to session. Pure: no Django, no clock.

Three things are counted for everybody who came: how often they spoke first, how often last, and how often one person
spoke right after another. The fair share of a session of n people is 1/n of a first place, of a last place, and of each
"b right after a". The credit of a count is what was held less what was due; absence earns no credit and costs none.
The next order is the one that leaves the credits most even: the sum of their twelfth powers is smallest, which looks at
the worst one first; first and last places count fourfold. A plain rotation is fair to first places, and lets the same
person follow the same person for ever.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import lcm
from typing import Any

# The work grows with 2 to the power of the people, times their square.
EXACT_UP_TO = 10
POWER = 12
# A first place comes to a person once in n sessions, a neighbour too; yet everybody notices who begins.
ENDS_WEIGH = 4
# Shares are counted in parts of this size, so that credits are whole numbers and ties are true ties.
WHOLE = lcm(*range(1, 13))


@dataclass
class Credits:
    """Held less due, in parts of 1/27720: for first places, last places, and "b right after a"."""

    first: dict[int, int] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    follows: dict[tuple[int, int], int] = field(default_factory=dict)

    def worst(self) -> tuple[float, float, float]:
        """The largest |held - due| of first, last and follows, in places."""

        def largest(counts: Mapping[Any, int]) -> float:
            return max(map(abs, counts.values()), default=0) / WHOLE

        return largest(self.first), largest(self.last), largest(self.follows)


def credits_of(history: Iterable[Sequence[int]]) -> Credits:
    """The credits after a history of orders, the oldest first. An order of one person changes nothing."""
    credits = Credits()
    for order in history:
        if len(order) < 2:
            continue
        share = WHOLE // len(order)
        for person in order:
            credits.first[person] = credits.first.get(person, 0) - share
            credits.last[person] = credits.last.get(person, 0) - share
            for other in order:
                if other != person:
                    credits.follows[person, other] = credits.follows.get((person, other), 0) - share
        credits.first[order[0]] += WHOLE
        credits.last[order[-1]] += WHOLE
        for before, after in pairwise(order):
            credits.follows[before, after] += WHOLE
    return credits


def next_order(people: Sequence[int], history: Sequence[Sequence[int]]) -> list[int]:
    """The fairest order for `people` (in the order of the ring, which settles ties) after `history`, oldest first.

    Exact for up to ten people; a larger circle goes round the ring, one seat further each session.
    """
    if len(people) < 2:
        return list(people)
    if len(people) > EXACT_UP_TO:
        # Not the fairest, but fair to first places, and foreseeable.
        start = len(history) % len(people)
        return [*people[start:], *people[:start]]
    return list(_fairest(tuple(people), tuple(tuple(order) for order in history)))


@lru_cache(maxsize=512)
def _fairest(people: tuple[int, ...], history: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
    costs = _Costs(people, credits_of(history))
    cost, order = _shortest(costs)
    # At full attendance the rows of a balanced design are among the fairest orders, and only they stay fairest to the
    # end of the design; so one of them is taken where it costs no more.
    for row in williams(len(people)):
        if costs.of(row) == cost:
            return tuple(people[at] for at in row)
    return tuple(people[at] for at in order)


class _Costs:
    """What each first place, last place and neighbourhood would add to the sum of powers; people are places 0…n-1."""

    def __init__(self, people: Sequence[int], credits: Credits) -> None:
        share = WHOLE // len(people)

        def rise(credit: int) -> int:
            due = credit - share
            return int(abs(due + WHOLE) ** POWER - abs(due) ** POWER)

        self.first = [ENDS_WEIGH * rise(credits.first.get(person, 0)) for person in people]
        self.last = [ENDS_WEIGH * rise(credits.last.get(person, 0)) for person in people]
        self.follows = [[rise(credits.follows.get((a, b), 0)) if a != b else 0 for b in people] for a in people]

    def of(self, order: Sequence[int]) -> int:
        between = sum(self.follows[a][b] for a, b in pairwise(order))
        return self.first[order[0]] + between + self.last[order[-1]]


def _shortest(costs: _Costs) -> tuple[int, tuple[int, ...]]:
    """The cheapest order by dynamic programming over (who has spoken, who spoke last); the first found wins ties."""
    count = len(costs.first)
    best: dict[tuple[int, int], tuple[int, tuple[int, ...]]] = {
        (1 << at, at): (costs.first[at], (at,)) for at in range(count)
    }
    for spoken in range(1, 1 << count):
        for last in range(count):
            reached = best.get((spoken, last))
            if reached is None:
                continue
            for after in range(count):
                if spoken >> after & 1:
                    continue
                key = (spoken | 1 << after, after)
                cost = reached[0] + costs.follows[last][after]
                if key not in best or cost < best[key][0]:
                    best[key] = (cost, (*reached[1], after))
    whole = (1 << count) - 1
    ends = [(best[whole, at][0] + costs.last[at], best[whole, at][1]) for at in range(count)]
    return min(ends, key=lambda end: end[0])


@lru_cache(maxsize=16)
def williams(count: int) -> tuple[tuple[int, ...], ...]:
    """A balanced design (E. J. Williams, 1949) for places 0…count-1, one row a session.

    In its rows everybody is first and last equally often and follows everybody else equally often: after `count` rows
    when the number is even, after twice as many when it is odd.
    """
    # 0, 1, n-1, 2 …: each step is of another length, so that shifted copies repeat no neighbours.
    zigzag, low, high = [0], 1, count - 1
    while len(zigzag) < count:
        zigzag.append(low if len(zigzag) % 2 else high)
        low, high = (low + 1, high) if len(zigzag) % 2 == 0 else (low, high - 1)
    rows = [tuple((at + step) % count for at in zigzag) for step in range(count)]
    if count % 2:
        rows += [tuple(reversed(row)) for row in rows]
    return tuple(rows)


def longest_wait_first(people: Sequence[int], presented: Sequence[tuple[Iterable[int], Iterable[int]]]) -> list[int]:
    """`people` by how long they have waited to present: whoever waited longest stands first.

    `presented` holds, for each past session, the oldest first, who came and who presented. A wait is the number of
    sessions somebody came to since they last presented, or ever, if they never did; ties keep the given order.
    """
    waits = dict.fromkeys(people, 0)
    for came, had_a_turn in presented:
        turns = set(had_a_turn)
        for person in set(came) & waits.keys():
            waits[person] = 0 if person in turns else waits[person] + 1
    # Who never presented comes before who presented as long ago as that.
    never = set(people) - {person for _came, turns in presented for person in turns}
    return sorted(people, key=lambda person: (-waits[person], person not in never, people.index(person)))
