"""What a move by hand gains and costs, and a place for whoever comes late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from programmes.forming.model import Person, Problem
from programmes.forming.tally import bosses_of, broken, prices, waiting_price, welcome

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


def weighed(circles: Sequence[Circle], who: int, to: int | None, problem: Problem) -> Weighed:
    """What it would change to put somebody into the circle at position `to`, or to let them wait (None)."""
    return weighed_together(circles, {who: to}, problem)


def weighed_together(circles: Sequence[Circle], moves: Mapping[int, int | None], problem: Problem) -> Weighed:
    """The same for several people who are moved at once."""
    by_id = {one.id: one for one in problem.people}
    bosses = bosses_of(problem.people)
    at = {who: place for place, circle in enumerate(circles) for who in circle}
    moved = {who: to for who, to in moves.items() if at.get(who) != to}
    touched = sorted({place for who, to in moved.items() for place in (at.get(who), to) if place is not None})

    def told(circle: Sequence[int]) -> tuple[dict[str, int], set[str]]:
        people = [by_id[one] for one in circle]
        return (prices(people, problem, bosses), set(broken(people, problem, bosses))) if people else ({}, set())

    parts: dict[str, int] = {}
    breaks: set[str] = set()
    mends: set[str] = set()
    for place in touched:
        after = [one for one in circles[place] if one not in moved] + [who for who, to in moved.items() if to == place]
        (old, was), (new, now) = told(circles[place]), told(after)
        for term in old | new:
            parts[term] = parts.get(term, 0) + new.get(term, 0) - old.get(term, 0)
        breaks |= now - was
        mends |= was - now
    waits = sum((to is None) - (who not in at) for who, to in moved.items())
    parts["waiting"] = parts.get("waiting", 0) + waiting_price(problem.rules) * waits
    kept = {term: price for term, price in sorted(parts.items()) if price}
    return Weighed(kept, tuple(sorted(breaks)), tuple(sorted(mends - breaks)))


def place_for(circles: Sequence[Circle], who: int, problem: Problem) -> int | None:
    """The position of the circle that somebody late can join for least while all others stay; None without one.

    No rule that must hold is broken, nor anybody's confidential wish. Circles that are locked take nobody.
    """
    by_id = {one.id: one for one in problem.people}
    bosses = bosses_of(problem.people)
    locked = {tuple(sorted(group)) for group in problem.locked}
    best: tuple[int, int, int] | None = None
    for at, circle in enumerate(circles):
        people: list[Person] = [*(by_id[one] for one in circle), by_id[who]]
        if who in circle or tuple(sorted(circle)) in locked or not welcome(by_id[who], people):
            continue
        if broken(people, problem, bosses):
            continue
        here = (weighed(circles, who, at, problem).cost, len(circle), at)
        best = here if best is None else min(best, here)
    return best[2] if best is not None else None
