"""From a problem to an answer: exact where the possible circles can be listed, else by search whose steps are exact.

The clock is read to keep a time limit and for nothing else: while the limit is not reached, the same problem and seed
lead to the same answer.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from programmes.forming.columns import Column, Desk, TooMany, desk_of
from programmes.forming.model import MUST, Answer, Problem, Remark
from programmes.forming.quick import quick
from programmes.forming.tally import bosses_of, broken, parts_of

# As many possible circles as are listed at most before searching instead.
LISTED = 250_000
# As many of the cheapest to begin with where all are too many, and how many branches are followed for each.
CHEAP = 25_000
PATIENCE = 15
# From so many seconds on as much is listed as ever is.
UNHURRIED = 5.0
# What a first answer may take beyond the time there was.
LEAST_FOR_A_START = 0.5
# Of the columns that can still beat what is known, so many of the likeliest at first, then more.
STAGES = (300, 1_200, 5_000, 25_000)
Circles = Sequence[tuple[int, ...]]
Tell = Callable[[int, int, int, Circles], bool]


@dataclass(frozen=True)
class Progress:
    """How far it is: what the best so far costs, what nothing can cost less than, steps, and seconds so far."""

    cost: int
    bound: int
    steps: int
    seconds: float


Told = Callable[[Progress, Sequence[Sequence[int]]], bool]


@dataclass(frozen=True)
class Prepared:
    """A problem without what is fixed: the desk, the circles that stay, and what should be said about the input."""

    desk: Desk
    fixed: Circles
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class Found:
    """Circles of a desk, a bound on what any cost, and what ended the search."""

    circles: Circles
    bound: int
    stopped: str
    steps: int = 0


def prepared(problem: Problem) -> Prepared:
    """Take out what stays as it is. A pinned group that breaks a rule by itself stays as it is: nobody joins it."""
    by_id = {one.id: one for one in problem.people}
    bosses = bosses_of(problem.people)
    remarks: list[Remark] = []
    fixed: list[tuple[int, ...]] = list(problem.locked)
    seeds: list[tuple[int, ...]] = []
    for group in problem.pinned:
        wrong = set(broken([by_id[who] for who in group], problem, bosses))
        # What more people could still put right.
        wrong -= {"size", "alone", "wishes"} if len(group) < problem.rules.most else set()
        (fixed if wrong else seeds).append(tuple(sorted(group)))
    for group in fixed:
        remarks += [Remark(f"fixed:{what}", group) for what in broken([by_id[who] for who in group], problem, bosses)]
    held = {who for group in fixed for who in group}
    free = [one for one in problem.people if one.id not in held]
    limit = len(problem.people) if problem.rules.circles is None else problem.rules.circles
    if limit < len(fixed) + len(seeds):
        remarks.append(Remark("circles"))
    circles = max(limit - len(fixed), len(seeds))
    remarks += _about(problem)
    return Prepared(desk_of(problem, free, seeds, circles), tuple(fixed), tuple(remarks))


def _about(problem: Problem) -> list[Remark]:
    """What should be said about the people themselves."""
    people, rules = problem.people, problem.rules
    found = []
    if len(people) < rules.least:
        found.append(Remark("few", tuple(one.id for one in people)))
    if unsaid := tuple(one.id for one in people if one.slots is None):
        found.append(Remark("unsaid", unsaid))
    if rules.times == MUST and (never := tuple(one.id for one in people if one.slots is not None and not one.slots)):
        found.append(Remark("never", never))
    return found


def solve(
    problem: Problem, seconds: float, seed: int = 1, steps: int | None = None, told: Told | None = None
) -> Answer:
    """The best circles that can be found in so many seconds, and what is known about how good they are.

    `told` hears of the best so far and ends the search by answering False. `steps` ends a search after so many steps.
    """
    begun = time.monotonic()
    ready = prepared(problem)
    people = ready.desk.people
    fixed = parts_of(ready.fixed, problem)
    beside = sum(fixed.values()) - fixed["waiting"]

    def tell(cost: int, bound: int, step: int, circles: Circles) -> bool:
        if told is None:
            return True
        by_id = [*ready.fixed, *(tuple(people[at].id for at in members) for members in circles)]
        return told(Progress(cost + beside, bound + beside, step, time.monotonic() - begun), by_id)

    # Whoever is killed at once has an answer, too. In a short time less can be listed.
    alone = ready.desk.waiting * (len(people) - sum(len(seed) for seed in ready.desk.seeds))
    tell(alone, 0, 0, ready.desk.seeds)
    share = min(1.0, seconds / UNHURRIED)
    try:
        columns = ready.desk.possible(ready.desk.everybody, int(LISTED * share), until=begun + 0.4 * seconds)
    except TooMany:
        found = _searched(ready.desk, seed, begun + seconds, steps, tell, int(CHEAP * share))
    else:
        found = _exact(ready.desk, columns, begun + seconds, tell) if columns else _nothing(ready.desk)
    return _answer(problem, ready, found)


def _nothing(desk: Desk) -> Found:
    """No circle is possible: everybody waits, and that is the best there is."""
    return Found([], desk.waiting * len(desk.people), "proof")


def _exact(desk: Desk, columns: list[Column], deadline: float, tell: Tell) -> Found:
    """The best choice among listed circles: a bound first, then only what could still beat the best known.

    A column is left out where the bound shows that every choice with it costs at least as much as what is known.
    """
    import numpy as np

    from programmes.forming.partition import Choice, Pool, choose, relax

    held = frozenset(one for seed in desk.seeds for one in seed)
    pool = Pool(Choice(columns, len(desk.people), desk.circles, desk.waiting, held))
    best = greedy(desk, columns)
    tell(pool.cost(best), 0, 0, [columns[at][0] for at in best])
    relaxed = relax(pool, deadline - 0.3 * max(0.0, deadline - time.monotonic()), best)

    def found(bound: int, stopped: str) -> Found:
        return Found([columns[at][0] for at in best], bound, stopped)

    if relaxed is None:
        return found(0, "clock")
    for stage in STAGES:
        cost = pool.cost(best)
        if not tell(cost, min(cost, relaxed.whole), 0, [columns[at][0] for at in best]):
            return found(min(cost, relaxed.whole), "asked")
        within = relaxed.within(cost - 1)
        if not len(within):
            return found(cost, "proof")
        chosen, done = choose(pool, np.union1d(within[:stage], np.array(best, np.int64)), deadline)
        if chosen is not None and pool.cost(chosen) < cost:
            best = chosen
        if done and len(within) <= stage:
            return found(pool.cost(best), "proof")
    return found(min(pool.cost(best), relaxed.whole), "clock")


def _searched(desk: Desk, seed: int, deadline: float, steps: int | None, tell: Tell, most: int) -> Found:
    """A choice among the cheapest circles first, then steps from there."""
    from programmes.forming.neighbourhoods import Search

    bound = floor_of(desk)
    columns = _cheap(desk, most, time.monotonic() + 0.3 * max(0.0, deadline - time.monotonic()))
    if columns:
        span = max(0.0, deadline - time.monotonic())
        start = _exact(
            desk, columns, deadline - 0.6 * span, lambda cost, _bound, step, got: tell(cost, bound, step, got)
        ).circles
    else:
        # No time to list any: something that can be used all the same, even where the time is over already.
        start = quick(desk, max(deadline, time.monotonic() + LEAST_FOR_A_START))
    search = Search(desk, start, seed)
    if not columns:
        tell(search.cost, bound, 0, search.circles)
    stopped = search.run(deadline, steps, bound, lambda cost, step, circles: tell(cost, bound, step, circles))
    return Found(search.circles, bound, stopped, search.steps)


def _cheap(desk: Desk, most: int, until: float) -> list[Column]:
    """The circles that cost least, as many as can be listed: those for nothing, then up to a price that doubles."""
    found: list[Column] = []
    dearest = 0
    while dearest <= desk.waiting:
        try:
            found = desk.possible(desk.everybody, most, dearest, PATIENCE, until)
        except TooMany:
            break
        dearest = max(1, 2 * dearest)
    return found


def floor_of(desk: Desk) -> int:
    """What can be said without looking: who is beyond the seats of all circles waits, and who fits too few others."""
    lonely = sum(1 for row in desk.fits if row.bit_count() + 1 < desk.least)
    return desk.waiting * max(lonely, len(desk.people) - desk.circles * desk.most)


def greedy(desk: Desk, columns: Sequence[Column]) -> list[int]:
    """A first choice: pinned groups first, then whatever places most people for least."""
    held = {one for seed in desk.seeds for one in seed}
    order = sorted(
        range(len(columns)),
        key=lambda at: (
            not held & set(columns[at][0]),
            columns[at][1] - desk.waiting * len(columns[at][0]),
            columns[at][0],
        ),
    )
    taken: set[int] = set()
    chosen: list[int] = []
    for at in order:
        if len(chosen) < desk.circles and not taken & set(columns[at][0]):
            chosen.append(at)
            taken |= set(columns[at][0])
    return chosen


def _answer(problem: Problem, ready: Prepared, found: Found) -> Answer:
    people = ready.desk.people
    fixed = parts_of(ready.fixed, problem)
    # What stays as it is costs what it costs, whatever is chosen beside it.
    bound = found.bound + sum(fixed.values()) - fixed["waiting"]
    circles = [*ready.fixed, *(tuple(people[at].id for at in one) for one in found.circles)]
    return judged(problem, circles, bound, found.stopped, found.steps, ready.remarks)


def judged(
    problem: Problem,
    circles: Iterable[Iterable[int]],
    bound: int,
    stopped: str,
    steps: int,
    remarks: tuple[Remark, ...] | None = None,
) -> Answer:
    """An answer made of these circles, counted afresh; whoever is in none waits."""
    found = sorted(tuple(sorted(circle)) for circle in circles)
    parts = parts_of(found, problem)
    cost = sum(parts.values())
    placed = {who for circle in found for who in circle}
    return Answer(
        tuple(found),
        tuple(sorted(one.id for one in problem.people if one.id not in placed)),
        cost,
        parts,
        min(cost, bound),
        bound >= cost,
        steps,
        "proof" if bound >= cost else stopped,
        prepared(problem).remarks if remarks is None else remarks,
    )
