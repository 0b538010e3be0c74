"""Search where possible circles are too many to list: take some circles apart and put their people together exactly."""

import random
import time
from collections.abc import Callable, Sequence

import numpy as np

from programmes.forming.columns import Column, Desk, TooMany, bits, bits_of_all, ones
from programmes.forming.partition import Choice, Pool, choose, relax

# Possible circles of one step: more make a step slow, fewer make it blind.
STEP_COLUMNS = 4_000
STEP_CHOICE = 700
STEP_NODES = 40
DEARER = 50
# How much nearer those are whom somebody asked for in vain.
WISHED = 3
Circles = list[tuple[int, ...]]
Better = Callable[[int, int, Circles], bool]


class Search:
    """Circles of a desk that get better step by step. Every random choice comes from `seed`."""

    def __init__(self, desk: Desk, circles: Sequence[tuple[int, ...]], seed: int) -> None:
        self.desk = desk
        self.random = random.Random(seed)  # noqa: S311  the same seed gives the same circles
        self.circles: Circles = sorted(circles)
        self.prices = {circle: desk.price(circle) or 0 for circle in self.circles}
        self.width = 40
        self.steps = 0

    @property
    def waiting(self) -> int:
        """Who waits, as bits."""
        return self.desk.everybody & ~bits(one for circle in self.circles for one in circle)

    @property
    def cost(self) -> int:
        """What the circles cost, with whoever waits."""
        return sum(self.prices[circle] for circle in self.circles) + self.desk.waiting * self.waiting.bit_count()

    def run(self, deadline: float, steps: int | None, bound: int, better: Better) -> str:
        """Steps until the bound is reached, the steps or the time are over, or `better` answers False."""
        cost = self.cost
        while cost > bound:
            if steps is not None and self.steps >= steps:
                return "steps"
            if time.monotonic() >= deadline:
                return "clock"
            self.step(deadline)
            now = self.cost
            if not better(now, self.steps, self.circles):
                return "asked"
            cost = now
        return "proof"

    def step(self, deadline: float) -> None:
        """Take some circles apart and put their people together in the best way, or in another one that is as good."""
        self.steps += 1
        taken, people = self._neighbourhood()
        spare = self.desk.circles - len(self.circles)
        loose = people & self.waiting
        limit = len(taken) + min(spare, self._share(loose.bit_count()))
        try:
            columns = self.desk.possible(people, STEP_COLUMNS, self._dearest(taken, loose))
        except TooMany:
            # Too many to list: fewer people at a time, and grown again slowly where there is room.
            self.width = max(12, self.width - 4)
            return
        if len(columns) < STEP_COLUMNS // 3:
            self.width = min(150, self.width + 1)
        known = {members for members, _price in columns}
        columns += [(circle, self.prices[circle]) for circle in sorted(taken) if circle not in known]
        if not columns:
            return
        chosen = self._best(columns, people, taken, limit, deadline)
        if chosen is None:
            return
        left = [circle for circle in self.circles if circle not in taken]
        for members, price in chosen:
            self.prices[members] = price
        self.circles = sorted([*left, *(members for members, _price in chosen)])
        self.prices = {circle: self.prices[circle] for circle in self.circles}

    def _dearest(self, taken: set[tuple[int, ...]], loose: int) -> int | None:
        """Dearer circles would hardly be part of anything better, and without them a step can look further."""
        if loose:
            return None
        return sum(self.prices[circle] for circle in taken) * DEARER // 100 + 1

    def _share(self, waiting: int) -> int:
        """How many new circles so many people may use, so that those who come later find some."""
        whole = self.waiting.bit_count()
        spare = self.desk.circles - len(self.circles)
        return spare if waiting == whole else max(1, round(spare * waiting / whole))

    def _neighbourhood(self) -> tuple[set[tuple[int, ...]], int]:
        """Circles near to one that costs something, and people who wait and could join: about `width` people."""
        desk, waiting = self.desk, self.waiting
        weights = [self.prices[circle] + 1 for circle in self.circles]
        alone = list(ones(waiting))
        at = self.random.choices(range(len(self.circles) + len(alone)), [*weights, *([desk.waiting + 1] * len(alone))])[
            0
        ]
        focus = self.circles[at] if at < len(self.circles) else (alone[at - len(self.circles)],)
        near = self._near(focus)
        people, taken = 0, set()
        people |= bits(focus)
        if at < len(self.circles):
            taken.add(focus)
        for group in near:
            if people.bit_count() + len(group) > self.width:
                break
            people |= bits(group)
            if len(group) > 1 or group in self.prices:
                taken.add(group)
        return taken, people

    def _near(self, focus: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Circles and people who wait, in an order that begins with those that fit the focus best, by and large."""
        desk = self.desk
        mask = bits(focus)
        start = self.random.choice(focus)
        slot = self._slot(start)
        wanted = bits_of_all(desk.wants[one] for one in focus if desk.wants[one] and not desk.wants[one] & mask)
        scored = []
        groups = [*self.circles, *((one,) for one in ones(self.waiting))]
        for group in groups:
            if group == focus:
                continue
            fitting = sum((desk.fits[one] & mask).bit_count() + 3 * bool(desk.starts[one] & slot) for one in group)
            wished = 1 + WISHED * sum(bool(wanted >> one & 1) for one in group)
            scored.append((-(fitting / len(group)) * (0.4 + self.random.random()) * wished, group))
        return [group for _score, group in sorted(scored)]

    def _slot(self, one: int) -> int:
        starts = list(ones(self.desk.starts[one]))
        return 1 << self.random.choice(starts) if starts else 0

    def _best(
        self, columns: list[Column], people: int, taken: set[tuple[int, ...]], limit: int, deadline: float
    ) -> list[Column] | None:
        place = {one: at for at, one in enumerate(ones(people))}
        local = [(tuple(place[one] for one in members), price) for members, price in columns]
        held = frozenset(place[one] for seed in self.desk.seeds for one in seed if one in place)
        pool = Pool(Choice(local, len(place), limit, self.desk.waiting, held))
        known = {members: at for at, (members, _price) in enumerate(columns)}
        now = [known[circle] for circle in sorted(taken) if circle in known]
        if len(now) < len(taken):
            return None
        cost = pool.cost(now)
        relaxed = relax(pool, deadline, now)
        if relaxed is None:
            return None
        within = relaxed.within(cost)
        tied = int(np.searchsorted(relaxed.left[within], 0, side="right"))
        if tied > STEP_CHOICE:
            picked = np.array(sorted(self.random.sample(range(tied), STEP_CHOICE)), np.int64)
            within = within[picked]
        among = np.union1d(within[:STEP_CHOICE], np.array(now, np.int64))
        noise = np.array([self.random.randrange(1024 // (limit + 1)) for _one in among], np.int64)
        found, _done = choose(pool, among, deadline, noise, STEP_NODES)
        if found is None or pool.cost(found) > cost:
            return None
        return [columns[at] for at in found]
