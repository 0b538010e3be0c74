"""Every possible circle among some people, with its price: people as bits, branches cut as soon as a rule is broken."""

import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import TypeVar

from programmes.forming.model import MUST, Person, Problem
from programmes.forming.tally import above, bosses_of, kept_price, price_of_met, prices, waiting_price

Column = tuple[tuple[int, ...], int]
# A price, and with whom each person pays it.
Layer = tuple[int, tuple[int, ...]]


# Above every sum of prices, and far below where exact integers end in the solver's floats.
DEAREST = 10**15
Value = TypeVar("Value", bound=Hashable)


class TooMany(Exception):
    """There are more possible circles than were asked for."""


@dataclass(frozen=True)
class Desk:
    """A problem in numbers: people are positions 0…n-1, sets of people, starts and languages are bits of an integer.

    `seeds` are groups that stay together: a circle holds one of them whole or nobody of it, and never of two.
    """

    people: tuple[Person, ...]
    least: int
    most: int
    circles: int
    waiting: int
    fits: tuple[int, ...]
    layers: tuple[Layer, ...]
    starts: tuple[int, ...]
    speaks: tuple[int, ...]
    kinds: tuple[int, ...]
    wants: tuple[int, ...]
    seeds: tuple[tuple[int, ...], ...]
    problem: Problem

    @property
    def everybody(self) -> int:
        """All people as bits."""
        return (1 << len(self.people)) - 1

    def price(self, members: Sequence[int]) -> int | None:
        """What one circle costs; None where it breaks a rule that must hold between these people."""
        mask = bits(members)
        starts, speaks, cost = -1, -1, 0
        held = self._held(mask)
        for one in members:
            if (mask & ~self.fits[one] & ~(1 << one)) and not (held and self._excused(one, mask, held)):
                return None
            starts &= self.starts[one]
            speaks &= self.speaks[one]
        cost = self.pairs(mask)
        if not self.least <= len(members) <= self.most and not held:
            return None
        price = self.close(tuple(members), mask, cost, starts, speaks)
        bare = held == mask and (price is None or len(members) < self.least)
        return self._bare(members) if bare else price

    def pairs(self, mask: int) -> int:
        """What the pairs of a circle cost."""
        return sum(price * (rows[one] & mask).bit_count() for price, rows in self.layers for one in ones(mask)) // 2

    def _held(self, mask: int) -> int:
        for seed in self.seeds:
            if mask & bits(seed) == bits(seed):
                return bits(seed)
        return 0

    def _excused(self, one: int, mask: int, held: int) -> bool:
        return bool(held >> one & 1) and not mask & ~self.fits[one] & ~held

    def close(self, members: tuple[int, ...], mask: int, cost: int, starts: int, speaks: int) -> int | None:
        """The price of a whole circle whose pairs cost `cost`; None where it breaks a rule that must hold."""
        rules = self.problem.rules
        if not starts:
            if rules.times == MUST:
                return None
            cost += rules.times
        elif rules.choice and not starts & (starts - 1):
            if rules.choice == MUST:
                return None
            cost += rules.choice
        if not speaks:
            if rules.language == MUST:
                return None
            cost += rules.language
        if rules.alone:
            lone = sum(1 for kind in self.kinds if (here := mask & kind) and not here & (here - 1))
            if lone and rules.alone == MUST:
                return None
            cost += lone * rules.alone
        if rules.wishes:
            alas = sum(1 for one in members if self.wants[one] and not self.wants[one] & mask)
            if alas and rules.wishes == MUST:
                return None
            cost += alas * rules.wishes
        return cost + (self._spread(members) if rules.levels > 0 else 0)

    def _spread(self, members: Sequence[int]) -> int:
        rules = self.problem.rules
        levels = [level for one in members if (level := self.people[one].level) is not None]
        return rules.levels if levels and max(levels) - min(levels) > rules.levels_apart else 0

    def possible(
        self, within: int, most: int, dearest: int | None = None, patience: int = 4, until: float = inf
    ) -> list[Column]:
        """Every possible circle of these people, each worth having; TooMany where there are more than `most`.

        TooMany also where `patience` times as many branches have been followed, or the clock is past `until`.

        `dearest` leaves out what costs more. Circles that cost more than all of theirs waiting are left out as well.
        """
        found: list[Column] = []
        seeded = 0
        for seed in self.seeds:
            seeded |= bits(seed)
        budget = [most * patience + 1000, until]
        for seed in self.seeds:
            if bits(seed) & within == bits(seed):
                self._from_seed(found, seed, within & ~seeded, most, budget, dearest)
        free = within & ~seeded
        limit = self.waiting * self.most if dearest is None else dearest
        for one in ones(free):
            # Each circle is found once, from its first person.
            later = free >> (one + 1) << (one + 1)
            start = (one,), 1 << one, 0, self.starts[one], self.speaks[one], later & self.fits[one]
            self._grow(found, *start, most, limit, budget)
        if dearest is not None:
            found = [column for column in found if column[1] <= dearest or column[0] in self.seeds]
        return found

    def _from_seed(
        self, found: list[Column], seed: tuple[int, ...], free: int, most: int, budget: list[float], dearest: int | None
    ) -> None:
        starts, speaks, cost, fitting = -1, -1, self.pairs(bits(seed)), free
        for one in seed:
            starts &= self.starts[one]
            speaks &= self.speaks[one]
            fitting &= self.fits[one]
        alone = self.close(seed, bits(seed), cost, starts, speaks)
        if len(seed) < self.least or alone is None:
            found.append((tuple(sorted(seed)), self._bare(seed)))
        elif dearest is not None and alone > dearest + cost:
            found.append((tuple(sorted(seed)), alone))
        # A pinned group must be somewhere, whatever that costs.
        limit = DEAREST if dearest is None else dearest + cost
        self._grow(found, seed, bits(seed), cost, starts, speaks, fitting, most, limit, budget)

    def _bare(self, seed: Sequence[int]) -> int:
        """The price of a pinned group that nobody joins and that is no good circle by itself."""
        people = [self.people[one] for one in seed]
        told = prices(people, self.problem, bosses_of(self.problem.people))
        return sum(told.values()) + kept_price(self.problem.rules)

    def _grow(
        self,
        found: list[Column],
        members: tuple[int, ...],
        mask: int,
        cost: int,
        starts: int,
        speaks: int,
        fitting: int,
        most: int,
        limit: int,
        budget: list[float],
    ) -> None:
        """Add this circle, and everything that it grows into by people of `fitting`, lowest first."""
        budget[0] -= 1
        if len(found) > most or budget[0] < 0 or (not budget[0] % 4096 and time.monotonic() > budget[1]):
            raise TooMany
        size = len(members)
        if size >= self.least:
            price = self.close(members, mask, cost, starts, speaks)
            if price is not None and price <= limit and (price <= self.waiting * size or not self._is_free(members)):
                found.append((tuple(sorted(members)), price))
        if size == self.most:
            return
        timed = self.problem.rules.times == MUST
        spoken = self.problem.rules.language == MUST
        narrow = self._narrow()
        while fitting:
            # The lowest bit: people one after the other, without a list for every branch.
            bit = fitting & -fitting
            fitting ^= bit
            one = bit.bit_length() - 1
            shared = starts & self.starts[one]
            if timed and not shared:
                continue
            common = speaks & self.speaks[one]
            if spoken and not common:
                continue
            more = cost if shared & (shared - 1) else cost + narrow
            for price, rows in self.layers:
                if met := mask & rows[one]:
                    more += price * met.bit_count()
            if more > limit:
                continue
            if not shared & (shared - 1):
                more -= narrow
            grown = (*members, one)
            self._grow(found, grown, mask | bit, more, shared, common, fitting & self.fits[one], most, limit, budget)

    def _narrow(self) -> int:
        """What a circle that shares one start at most will cost for that, whoever joins: starts never come back."""
        rules = self.problem.rules
        after = [price for price in (rules.choice, rules.times) if price != MUST]
        return min(after, default=0)

    def _is_free(self, members: tuple[int, ...]) -> bool:
        return not any(set(seed) <= set(members) for seed in self.seeds)


def bits(members: Iterable[int]) -> int:
    """Positions as bits of one integer."""
    mask = 0
    for one in members:
        mask |= 1 << one
    return mask


def ones(mask: int) -> Iterator[int]:
    """The positions of the bits, lowest first."""
    while mask:
        bit = mask & -mask
        yield bit.bit_length() - 1
        mask ^= bit


def desk_of(problem: Problem, free: Sequence[Person], seeds: Sequence[Sequence[int]], circles: int) -> Desk:
    """The desk for these people of a problem; `seeds` hold ids. Locked circles are not on it."""
    rules = problem.rules
    place = {one.id: at for at, one in enumerate(free)}
    layers, fits = _layers(problem, free, place)
    for at, one in enumerate(free):
        for who in one.avoid:
            if who in place:
                fits[at] &= ~(1 << place[who])
                fits[place[who]] &= ~(1 << at)
    groups = tuple(tuple(sorted(place[who] for who in seed)) for seed in seeds)
    for group in groups:
        for at in group:
            fits[at] |= bits(group) & ~(1 << at)
    # A wish for somebody who is not here stays one that cannot come true: a bit that nobody has.
    nobody = 1 << len(free)
    wants = tuple((bits(place[who] for who in one.want if who in place) or nobody) if one.want else 0 for one in free)
    kinds = _by_value((kind, at) for at, one in enumerate(free) for kind in sorted(one.kinds))
    return Desk(
        tuple(free),
        rules.least,
        rules.most,
        circles,
        waiting_price(rules),
        tuple(fits),
        layers,
        _starts(problem, free),
        _languages(free),
        tuple(kinds.values()),
        wants,
        groups,
        problem,
    )


def _by_value(pairs: Iterable[tuple[Value, int]]) -> dict[Value, int]:
    """Who has each value, as bits."""
    found: dict[Value, int] = {}
    for value, at in pairs:
        found[value] = found.get(value, 0) | 1 << at
    return found


def _layers(problem: Problem, free: Sequence[Person], place: dict[int, int]) -> tuple[tuple[Layer, ...], list[int]]:
    """What pairs cost, a layer for each price, and who fits with whom at all, `avoid` apart."""
    rules = problem.rules
    everybody = (1 << len(free)) - 1
    fits = [everybody & ~(1 << at) for at in range(len(free))]
    priced: dict[tuple[str, int], list[int]] = {}
    for term, strength, rows in (
        ("functions", rules.functions, _alike([one.function for one in free], False)),
        ("places", rules.places, _alike([one.place for one in free], rules.places_alike)),
        ("manager", rules.manager, _managers(problem, free, place)),
        ("levels", rules.levels if rules.levels == MUST else 0, _levels(free, rules.levels_apart)),
        ("times", rules.times if rules.times == MUST else 0, _timeless(free)),
    ):
        if strength == MUST:
            fits = [row & ~other for row, other in zip(fits, rows, strict=True)]
        elif strength:
            priced[term, strength] = rows
    for (one, other), ago in problem.met.items():
        if not rules.met or one not in place or other not in place:
            continue
        at, to = place[one], place[other]
        if rules.met == MUST:
            fits[at] &= ~(1 << to)
            fits[to] &= ~(1 << at)
            continue
        rows = priced.setdefault(("met", price_of_met(rules, ago)), [0] * len(free))
        rows[at] |= 1 << to
        rows[to] |= 1 << at
    return tuple((price, tuple(rows)) for (_term, price), rows in priced.items()), fits


def _alike(values: Sequence[str | int | None], differing: bool) -> list[int]:
    """Who else has the same value, or with `differing` another one. Nobody for whoever has none."""
    told = _by_value((value, at) for at, value in enumerate(values) if value is not None)
    known = 0
    for mask in told.values():
        known |= mask
    return [
        0 if value is None else ((known & ~told[value]) if differing else (told[value] & ~(1 << at)))
        for at, value in enumerate(values)
    ]


def _managers(problem: Problem, free: Sequence[Person], place: dict[int, int]) -> list[int]:
    bosses = bosses_of(problem.people)
    rows = [0] * len(free)
    for at, one in enumerate(free):
        for boss in above(one.id, problem.rules, bosses):
            if boss in place:
                rows[at] |= 1 << place[boss]
                rows[place[boss]] |= 1 << at
    return rows


def _levels(free: Sequence[Person], apart: int) -> list[int]:
    """Who is too many levels away."""
    by_level = _by_value((one.level, at) for at, one in enumerate(free) if one.level is not None)
    far = {
        level: bits_of_all(mask for other, mask in by_level.items() if abs(other - level) > apart) for level in by_level
    }
    return [0 if one.level is None else far[one.level] for one in free]


def _timeless(free: Sequence[Person]) -> list[int]:
    """Who shares no start of the week with whom, of those who named any."""
    by_slot = _by_value((slot, at) for at, one in enumerate(free) for slot in one.slots or ())
    named = bits(at for at, one in enumerate(free) if one.slots is not None)
    return [
        0 if one.slots is None else named & ~bits_of_all(by_slot[slot] for slot in one.slots) & ~(1 << at)
        for at, one in enumerate(free)
    ]


def bits_of_all(masks: Iterable[int]) -> int:
    """Whoever stands in any of them."""
    whole = 0
    for mask in masks:
        whole |= mask
    return whole


def _starts(problem: Problem, free: Sequence[Person]) -> tuple[int, ...]:
    """Starts as bits. Whoever named none has all of them and two that nobody else has: they never leave one choice."""
    named = sorted({slot for one in problem.people for slot in one.slots or ()})
    place = {slot: at for at, slot in enumerate(named)}
    every = (1 << len(named) + 2) - 1
    return tuple(every if one.slots is None else bits(place[slot] for slot in one.slots) for one in free)


def _languages(free: Sequence[Person]) -> tuple[int, ...]:
    named = sorted({language for one in free for language in one.languages})
    place = {language: at for at, language in enumerate(named)}
    every = (1 << len(named) + 1) - 1
    return tuple(bits(place[name] for name in one.languages) if one.languages else every for one in free)
