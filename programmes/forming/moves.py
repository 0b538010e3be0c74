"""What a move by hand gains and costs, and a place for whoever comes late."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from programmes.forming.model import MUST, Problem
from programmes.forming.tally import RULES, bosses_of, breaches, broken, prices, waiting_price, welcome

Circle = tuple[int, ...]


@dataclass(frozen=True)
class Weighed:
    """What changes by a move: prices by rule, and rules that must hold and no longer would, or again do.

    Whom somebody would rather not be with changes nothing here: whoever moves people about could read it off.
    """

    parts: Mapping[str, int]
    breaks: tuple[str, ...]
    mends: tuple[str, ...]

    @property
    def cost(self) -> int:
        """What the move costs in all; less than nothing is a gain."""
        return sum(self.parts.values())


class Scales:
    """What circles of a problem cost and break, each worked out once however often it is asked."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.bosses = problem, bosses_of(problem.people)
        self.by_id = {one.id: one for one in problem.people}
        self.known: dict[Circle, tuple[dict[str, int], frozenset[str]]] = {}
        self.counted: dict[Circle, Counter[str]] = {}

    def breaking(self, circle: Circle) -> Counter[str]:
        """How often the circle breaks each rule, whatever the rule weighs."""
        if circle not in self.counted:
            people = [self.by_id[one] for one in circle]
            self.counted[circle] = breaches(people, self.problem.rules, self.problem.met, self.bosses)
        return self.counted[circle]

    def told(self, circle: Sequence[int]) -> tuple[dict[str, int], frozenset[str]]:
        """The price by rule, and the rules that must hold and are broken."""
        key = tuple(circle)
        if not key:
            return {}, frozenset()
        if key not in self.known:
            people = [self.by_id[one] for one in key]
            wrong = frozenset(broken(people, self.problem, self.bosses))
            self.known[key] = prices(people, self.problem, self.bosses), wrong
        return self.known[key]


def weighed_together(circles: Sequence[Circle], moves: Mapping[int, int | None], scales: Scales) -> Weighed:
    """What it would change to put people into circles by position, or to let them wait (None), all at once.

    Only circles that are touched need be among `circles`.
    """
    problem = scales.problem
    at = {who: place for place, circle in enumerate(circles) for who in circle}
    moved = {who: to for who, to in moves.items() if at.get(who) != to}
    touched = sorted({place for who, to in moved.items() for place in (at.get(who), to) if place is not None})

    parts: dict[str, int] = {}
    breaks: set[str] = set()
    mends: set[str] = set()
    for place in touched:
        after = [one for one in circles[place] if one not in moved] + [who for who, to in moved.items() if to == place]
        (old, was), (new, now) = scales.told(circles[place]), scales.told(after)
        for term in old | new:
            parts[term] = parts.get(term, 0) + new.get(term, 0) - old.get(term, 0)
        breaks |= now - was
        mends |= was - now
    waits = sum((to is None) - (who not in at) for who, to in moved.items())
    parts["waiting"] = parts.get("waiting", 0) + waiting_price(problem.rules) * waits
    kept = {term: price for term, price in sorted(parts.items()) if price}
    return Weighed(kept, tuple(sorted(breaks)), tuple(sorted(mends - breaks)))


def places_for(circles: Sequence[Circle], who: int, scales: Scales) -> list[int]:
    """The positions of the circles that somebody late can join while all others stay, the best first.

    Circles that have become too small come first, then those in which it costs least. No rule that must hold is broken
    more than it was, nor anybody's confidential wish; a circle that is too small may still be so afterwards. Circles
    that are locked take nobody.
    """
    problem, late = scales.problem, scales.by_id[who]
    locked = {tuple(sorted(group)) for group in problem.locked}
    musts = [term for term in RULES if getattr(problem.rules, term) == MUST]
    found: list[tuple[bool, int, int, int]] = []
    for at, circle in enumerate(circles):
        if len(circle) >= problem.rules.most or who in circle or tuple(sorted(circle)) in locked:
            continue
        if not welcome(late, [*(scales.by_id[one] for one in circle), late]):
            continue
        before, after = scales.breaking(circle), scales.breaking((*circle, who))
        if not any(after[term] > before[term] for term in musts):
            enough = len(circle) >= problem.rules.least
            found.append((enough, weighed_together(circles, {who: at}, scales).cost, len(circle), at))
    return [at for _enough, _cost, _size, at in sorted(found)]


def places_for_all(
    circles: Sequence[Circle],
    seats: Sequence[int],
    late: Sequence[int],
    scales: Scales,
    not_into: Mapping[int, Container[int]],
) -> dict[int, int]:
    """A place for as many of those who came late as find one, each by the position of a circle; all others stay.

    Each circle has so many `seats` free. Whoever has fewest places to choose from comes first, then whoever came first.
    `not_into` are the circles that somebody must not be put into, by position.
    """
    now, free = [tuple(circle) for circle in circles], list(seats)

    def open_to(who: int) -> list[int]:
        return [at for at in places_for(now, who, scales) if free[at] and at not in not_into.get(who, ())]

    found: dict[int, int] = {}
    waiting = sorted(late, key=lambda one: (len(open_to(one)), late.index(one)))
    # Somebody who came may be whom somebody else asked for: until nobody who still waits finds a place.
    while (who := next((one for one in waiting if open_to(one)), None)) is not None:
        waiting.remove(who)
        at = found[who] = open_to(who)[0]
        now[at] = (*now[at], who)
        free[at] -= 1
    return found
