"""Finding a time for a circle: pure. Times are judged over a whole season, not over one week.

Each person's week says how well each minute suits them, in their own zone. A time of the circle's week is laid out over
the season's dates, so that a change of clocks counts where it falls. The burden of a time for somebody is the mean over
the season of 0 (good), 1 (possible) and 3 (no). The best time has the smallest largest burden, then the smallest sum:
the worst-off member first. Where times in turn lower the largest burden by 15 % or more, they are offered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations, permutations

from accounts.zones import to_instant, to_local

COST = {"good": 0, "possible": 1, "no": 3}
STEP_MINUTES = 30
TURNS_WORTH = 0.15
# Times in turn are looked for among the best of a weekday: together they are seldom made of bad ones.
TURNS_AMONG = 14


@dataclass(frozen=True)
class Stretch:
    """A part of somebody's week, in minutes of the day in their zone. Monday is 0."""

    weekday: int
    start: int
    end: int
    level: str


@dataclass(frozen=True)
class Week:
    """When one person can meet. Whatever is not named is a no."""

    person: int
    zone: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Season:
    """The dates that are looked at: every so many weeks from a day on, in the circle's zone, for so many minutes."""

    first: date
    number: int
    weeks: int
    zone: str
    minutes: int

    def day(self, weekday: int, step: int) -> date:
        return self.first + timedelta(days=(weekday - self.first.weekday()) % 7, weeks=self.weeks * step)


@dataclass(frozen=True)
class Choice:
    """A weekday with one time, or with two or three in turn, and what each person pays for it, by person."""

    weekday: int
    times: tuple[time, ...]
    burdens: Mapping[int, float]

    @property
    def worst(self) -> float:
        return max(self.burdens.values(), default=0.0)

    @property
    def total(self) -> float:
        return sum(self.burdens.values())

    @property
    def rank(self) -> tuple[float, float, int, tuple[time, ...]]:
        return round(self.worst, 9), round(self.total, 9), self.weekday, self.times

    @property
    def is_humane(self) -> bool:
        """Whether nobody has, on average, to come at a worse time than one they called possible."""
        return self.worst <= COST["possible"]

    def payers(self) -> list[int]:
        """Those for whom it is not good throughout, the worst-off first."""
        return sorted((person for person, one in self.burdens.items() if one > 0), key=lambda p: -self.burdens[p])


def level_at(week: Week, starts_at: datetime, minutes: int) -> str:
    """The worst that somebody says of any minute of a session: a `no` wherever nothing is named."""
    worst = "good"
    at, ends_at = to_local(starts_at, week.zone), to_local(starts_at + timedelta(minutes=minutes), week.zone)
    while at < ends_at:
        midnight = datetime.combine(at.date() + timedelta(days=1), time(), at.tzinfo)
        upto = min(ends_at, midnight)
        until = 24 * 60 if upto == midnight else upto.hour * 60 + upto.minute
        worst = _worse(worst, _worst_of(week.stretches, at.weekday(), at.hour * 60 + at.minute, until))
        at = upto
    return worst


def _worse(one: str, other: str) -> str:
    return max(one, other, key=COST.__getitem__)


def _worst_of(stretches: Iterable[Stretch], weekday: int, start: int, end: int) -> str:
    """The worst level in one span of one day; the stretches of a day do not overlap."""
    worst, covered = "good", 0
    for one in stretches:
        first, last = max(one.start, start), min(one.end, end)
        if one.weekday == weekday and first < last:
            covered += last - first
            worst = _worse(worst, one.level)
    return worst if covered == end - start else "no"


def ranked(weeks: Sequence[Week], season: Season) -> list[Choice]:
    """The best single time of each weekday, the best first. With nobody's week known, none."""
    if not weeks:
        return []
    best: dict[int, Choice] = {}
    for choice in sorted(_singles(weeks, season), key=lambda choice: choice.rank):
        best.setdefault(choice.weekday, choice)
    return sorted(best.values(), key=lambda choice: choice.rank)


def _singles(weeks: Sequence[Week], season: Season) -> list[Choice]:
    return [
        Choice(weekday, (at,), _burdens(_costs(weeks, season, weekday, at), range(season.number), weeks))
        for weekday in range(7)
        for at in _times()
    ]


def _times() -> list[time]:
    return [time(*divmod(minute, 60)) for minute in range(0, 24 * 60, STEP_MINUTES)]


def _costs(weeks: Sequence[Week], season: Season, weekday: int, at: time) -> list[list[int]]:
    """What one time costs each person on each date of the season."""
    instants = [
        to_instant(datetime.combine(season.day(weekday, step), at), season.zone) for step in range(season.number)
    ]
    return [[COST[level_at(week, instant, season.minutes)] for instant in instants] for week in weeks]


def _burdens(costs: Sequence[Sequence[int]], steps: Iterable[int], weeks: Sequence[Week]) -> dict[int, float]:
    chosen = list(steps)
    return {
        week.person: sum(row[step] for step in chosen) / len(chosen) for week, row in zip(weeks, costs, strict=True)
    }


def in_turn(weeks: Sequence[Week], season: Season, best: Choice) -> Choice | None:
    """Two or three times of one weekday in turn, if that lowers the largest burden by 15 % or more; else None."""
    if not weeks or best.worst == 0 or season.number < 2:
        return None
    found = min(
        (choice for weekday in range(7) for choice in _turns_of(weeks, season, weekday)),
        key=lambda choice: choice.rank,
        default=None,
    )
    if found is None or found.worst > best.worst * (1 - TURNS_WORTH):
        return None
    return found


def _turns_of(weeks: Sequence[Week], season: Season, weekday: int) -> Iterable[Choice]:
    costs = {at: _costs(weeks, season, weekday, at) for at in _times()}
    few = _promising(costs)
    for size in (2, 3):
        if size > season.number:
            return
        for some in combinations(few, size):
            for times in permutations(some):
                if times[0] != some[0] and season.number % size == 0:
                    continue  # over whole rounds the order changes nothing but clocks
                burdens = {
                    week.person: sum(costs[times[step % size]][at][step] for step in range(season.number))
                    / season.number
                    for at, week in enumerate(weeks)
                }
                yield Choice(weekday, times, burdens)


def _promising(costs: Mapping[time, Sequence[Sequence[int]]]) -> list[time]:
    """For each person the times that cost them least, and the least in all: the parts of which turns are made."""
    people = range(len(next(iter(costs.values()))))
    per_person = max(2, TURNS_AMONG // max(1, len(people)))
    chosen: set[time] = set()
    for person in people:
        chosen |= set(sorted(costs, key=lambda at: (sum(costs[at][person]), sum(map(sum, costs[at])), at))[:per_person])
    chosen |= set(sorted(costs, key=lambda at: (sum(map(sum, costs[at])), at))[:4])
    return sorted(chosen)[: 2 * TURNS_AMONG]
