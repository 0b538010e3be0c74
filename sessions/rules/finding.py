"""Finding a time for a circle: pure. Times are judged over a whole season, not over one week.

Each person's week says how well each minute suits them, in their own zone. A time of the circle's week is laid out over
the season's dates, so that a change of clocks counts where it falls. The burden of a time for somebody is the mean over
the season of 0 (good), 1 (possible) and 3 (no). The best time has the smallest largest burden, then the smallest sum:
the worst-off member first. Where times in turn lower the largest burden by 15 % or more, they are offered.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import combinations, permutations

from accounts.rules.zones import place, to_instant, to_local

COST = {"good": 0, "possible": 1, "no": 3}
DAY, WEEK = 24 * 60, 7 * 24 * 60
# 48 times a day are tried over a season, and not 1,440.
STEP_MINUTES = 30
TIMES = tuple(time(*divmod(minute, 60)) for minute in range(0, DAY, STEP_MINUTES))
# Times in turn ask everybody to look up which it is. Less relief than this is not worth that.
TURNS_WORTH = 0.15
# What one time costs: a row a person, a column a date of the season.
Costs = list[list[int]]
# Times in turn are looked for among the best of a weekday: together they are seldom made of bad ones.
TURNS_AMONG = 14


@dataclass(frozen=True)
class NamedHours:
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
    stretches: tuple[NamedHours, ...]

    @cached_property
    def _parts(self) -> tuple[list[int], list[int]]:
        """Where each part of the week begins, in minutes since Monday, and what it costs; the gaps are a no."""
        starts, costs, upto = [], [], 0
        for one in sorted(self.stretches, key=lambda one: (one.weekday, one.start)):
            begins, ends = one.weekday * DAY + one.start, one.weekday * DAY + one.end
            if begins > upto:
                starts.append(upto)
                costs.append(COST["no"])
            starts.append(begins)
            costs.append(COST[one.level])
            upto = ends
        if upto < WEEK:
            starts.append(upto)
            costs.append(COST["no"])
        return starts, costs

    def cost(self, start: int, minutes: int) -> int:
        """The most that any minute costs of a session that begins `start` minutes after Monday, in this week's zone."""
        starts, costs = self._parts
        start %= WEEK
        at, left, worst = bisect_right(starts, start) - 1, start + minutes, 0
        while worst < COST["no"]:
            worst = max(worst, costs[at])
            ends = starts[at + 1] if at + 1 < len(starts) else WEEK
            if ends >= left:
                break
            at, left = (at + 1, left) if at + 1 < len(starts) else (0, left - WEEK)
        return worst


@dataclass(frozen=True)
class Season:
    """The dates that are looked at: every so many weeks from a day on, in the circle's zone, for so many minutes."""

    first: date
    number: int
    weeks: int
    zone: str
    minutes: int

    def day(self, weekday: int, step: int) -> date:
        """The date of the meeting `step` (from 0) if it is on `weekday` (Monday is 0); none is before the first day."""
        return self.first + timedelta(days=(weekday - self.first.weekday()) % 7, weeks=self.weeks * step)


@dataclass(frozen=True)
class TimeChoice:
    """A weekday with one time, or with two or three in turn, and what each person pays for it, by person."""

    weekday: int
    times: tuple[time, ...]
    burdens: Mapping[int, float]
    # The last start of those that follow without a gap and cost everybody the same.
    until: time | None = None

    @property
    def suits_nobody(self) -> bool:
        """Whether it lies outside everybody's times on every date."""
        return all(one >= COST["no"] for one in self.burdens.values())

    @property
    def worst(self) -> float:
        """The largest burden of anybody, which decides first."""
        return max(self.burdens.values(), default=0.0)

    @property
    def total(self) -> float:
        """The sum of all burdens, which decides between choices with the same largest one."""
        return sum(self.burdens.values())

    @property
    def rank(self) -> tuple[float, float, int, tuple[time, ...]]:
        """What choices are sorted by; rounded, since sums in another order differ in the last digit."""
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


def _worst_of(stretches: Iterable[NamedHours], weekday: int, start: int, end: int) -> str:
    """The worst level in one span of one day; the stretches of a day do not overlap."""
    worst, covered = "good", 0
    for one in stretches:
        first, last = max(one.start, start), min(one.end, end)
        if one.weekday == weekday and first < last:
            covered += last - first
            worst = _worse(worst, one.level)
    return worst if covered == end - start else "no"


def found(weeks: Sequence[Week], season: Season) -> tuple[list[TimeChoice], TimeChoice | None]:
    """What `ranked` and `in_turn` say, worked out once."""
    costs = [_costs(weeks, season, weekday) for weekday in range(7)] if weeks else []
    best = _ranked(weeks, season, costs)
    return best, _in_turn(weeks, season, costs, best[0]) if best else None


def ranked(weeks: Sequence[Week], season: Season) -> list[TimeChoice]:
    """The best single time of each weekday, the best first, without what suits nobody. With no week known, none.

    Where starts one after another are as good, the first of them, and until when.
    """
    return found(weeks, season)[0]


def in_turn(weeks: Sequence[Week], season: Season) -> TimeChoice | None:
    """Two or three times of one weekday in turn, if that lowers the largest burden by 15 % or more; else None."""
    return found(weeks, season)[1]


def _ranked(weeks: Sequence[Week], season: Season, costs: Sequence[Mapping[time, Costs]]) -> list[TimeChoice]:
    best = []
    for weekday, times in enumerate(costs):
        singles = (
            TimeChoice(weekday, (at,), _burdens(weeks, [sum(row) for row in rows], season.number))
            for at, rows in times.items()
        )
        first = min(singles, key=lambda choice: choice.rank)
        best.append(replace(first, until=_as_good_until(times, first.times[0])))
    return sorted((one for one in best if not one.suits_nobody), key=lambda choice: choice.rank)


def _as_good_until(times: Mapping[time, Costs], first: time) -> time:
    """The last of the starts that follow and cost everybody as much over the season."""
    sums = {at: [sum(row) for row in rows] for at, rows in times.items()}
    last = first
    for at in TIMES[TIMES.index(first) :]:
        if sums[at] != sums[first]:
            break
        last = at
    return last


def _burdens(weeks: Sequence[Week], sums: Sequence[int], number: int) -> dict[int, float]:
    return {week.person: one / number for week, one in zip(weeks, sums, strict=True)}


def _costs(weeks: Sequence[Week], season: Season, weekday: int) -> dict[time, Costs]:
    """What each time of a weekday costs each person on each date of the season.

    Between two changes of clocks a time lies at the same place of everybody's week, so it is looked up once for each
    difference between zones and not once a date. A date on which clocks change somewhere is worked out by itself.
    """
    rows = [_rows_of(week, season, weekday) for week in weeks]
    return {at: [row[number] for row in rows] for number, at in enumerate(TIMES)}


def _rows_of(week: Week, season: Season, weekday: int) -> list[list[int]]:
    """For one person: a row a time, a column a date."""
    columns: list[list[int]] = []
    known: dict[int, list[int]] = {}
    for step in range(season.number):
        day = season.day(weekday, step)
        apart = _apart(season.zone, week.zone, day)
        if apart is None:
            instants = (to_instant(datetime.combine(day, at), season.zone) for at in TIMES)
            # Somebody's clocks change on this day: no two times lie equally far apart, so each is looked up by itself.
            columns.append([COST[level_at(week, instant, season.minutes)] for instant in instants])
            continue
        if apart not in known:
            starts = (weekday * DAY + at.hour * 60 + at.minute + apart for at in TIMES)
            known[apart] = [week.cost(start, season.minutes) for start in starts]
        columns.append(known[apart])
    return [list(row) for row in zip(*columns, strict=True)]


@lru_cache(maxsize=8192)
def _apart(here: str, zone: str, day: date) -> int | None:
    """How many minutes `zone` is ahead of `here` through that day and the next; None where clocks change meanwhile."""
    begins = datetime.combine(day, time(), place(here))
    ends = begins + timedelta(days=2)
    moments = (begins, ends, begins.astimezone(place(zone)), ends.astimezone(place(zone)))
    offsets = [moment.utcoffset() or timedelta() for moment in moments]
    if offsets[0] != offsets[1] or offsets[2] != offsets[3]:
        return None
    return int((offsets[2] - offsets[0]).total_seconds() // 60)


def _in_turn(
    weeks: Sequence[Week], season: Season, costs: Sequence[Mapping[time, Costs]], best: TimeChoice
) -> TimeChoice | None:
    if best.worst == 0 or season.number < 2:
        return None
    fairest: TimeChoice | None = None
    most = best.worst * (1 - TURNS_WORTH) * season.number
    for weekday, times in enumerate(costs):
        for choice in _turns_of(weeks, season, weekday, times, most):
            if fairest is None or choice.rank < fairest.rank:
                fairest, most = choice, choice.worst * season.number
    return fairest


def _turns_of(
    weeks: Sequence[Week], season: Season, weekday: int, costs: Mapping[time, Costs], most: float
) -> Iterator[TimeChoice]:
    """Times in turn of a weekday with which nobody pays more than `most`, summed over the season."""
    few = _promising(costs)
    for size in (2, 3):
        if size > season.number:
            return
        shares = _shares(costs, few, size)
        for some in combinations(few, size):
            for times in permutations(some):
                # The same turns begun elsewhere: of three times two orders are left to try, and not six.
                if times[0] != some[0] and season.number % size == 0:
                    continue  # over whole rounds the order changes nothing but clocks
                sums = _sums([shares[at][turn] for turn, at in enumerate(times)], most)
                if sums:
                    yield TimeChoice(weekday, times, _burdens(weeks, sums, season.number))


def _shares(costs: Mapping[time, Costs], few: Sequence[time], size: int) -> dict[time, list[list[int]]]:
    """What each time costs each person when it is the first, second or third of `size` in turn."""
    return {at: [[sum(row[turn::size]) for row in costs[at]] for turn in range(size)] for at in few}


def _sums(shares: Sequence[Sequence[int]], most: float) -> list[int]:
    """What each person pays for times in turn; empty as soon as one of them pays more than `most`."""
    sums = []
    for each in zip(*shares, strict=True):
        paid = sum(each)
        # Sums of floats: what is equal on paper may be apart in the last digit.
        if paid > most + 1e-9:
            return []
        sums.append(paid)
    return sums


def _promising(costs: Mapping[time, Costs]) -> list[time]:
    """For each person the times that cost them least, and the least in all: the parts of which turns are made."""
    whole = {at: sum(map(sum, rows)) for at, rows in costs.items()}
    people = range(len(next(iter(costs.values()))))
    per_person = max(2, TURNS_AMONG // max(1, len(people)))
    chosen: set[time] = set()
    for person in people:
        own = [(sum(rows[person]), whole[at], at) for at, rows in costs.items()]
        chosen |= {at for _own, _whole, at in sorted(own)[:per_person]}
    chosen |= set(sorted(costs, key=lambda at: (whole[at], at))[:4])
    # Of times that cost everybody the same on every date two stand for all: three of them in turn gain nothing.
    alike: dict[tuple[tuple[int, ...], ...], list[time]] = {}
    for at in sorted(chosen):
        alike.setdefault(tuple(map(tuple, costs[at])), []).append(at)
    return sorted(at for times in alike.values() for at in times[:2])[: 2 * TURNS_AMONG]
