"""The days of a series, and what clock changes do to it. Pure: wall time, without instants of now.

A series keeps its wall time in its own zone. A wall time that a change of clocks leaves out becomes the first minute
after the gap; one that happens twice is the first of the two (`accounts.rules.zones.to_instant`).
"""

import calendar
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count as counted
from itertools import islice, takewhile

from accounts.rules.zones import to_local

MOST = 60
WEEKDAYS = 7


@dataclass(frozen=True)
class Rhythm:
    """How a series goes on from its first day, until a day or for a number of sessions; times are used in turn."""

    first: date
    times: tuple[time, ...]
    repeat: str = "weeks"
    weeks: int = 1
    count: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class Slot:
    """One place in a series: the day by which it is known, and the wall time it is meant for."""

    on: date
    local: datetime


def nth_of(day: date) -> int:
    """Which weekday of its month a day is: 1 to 4, or -1 for a fifth one, which is always the last."""
    nth = (day.day - 1) // WEEKDAYS + 1
    return nth if nth < 5 else -1


def is_last(day: date) -> bool:
    """Whether it is the last such weekday of its month."""
    return day.day + WEEKDAYS > calendar.monthrange(day.year, day.month)[1]


def days(rhythm: Rhythm) -> Iterator[date]:
    """The days of a rhythm, without an end; stops at the end of the calendar only."""
    if rhythm.repeat == "weeks":
        for step in counted():
            try:
                yield rhythm.first + timedelta(weeks=rhythm.weeks * step)
            except OverflowError:
                return
    nth = -1 if rhythm.repeat == "month_last" else nth_of(rhythm.first)
    for step in counted():
        year, month = divmod(rhythm.first.year * 12 + rhythm.first.month - 1 + step, 12)
        if year > date.max.year:
            return
        yield _weekday_of(year, month + 1, rhythm.first.weekday(), nth)


def _weekday_of(year: int, month: int, weekday: int, nth: int) -> date:
    first, length = calendar.monthrange(year, month)
    on = 1 + (weekday - first) % WEEKDAYS + (nth - 1) * WEEKDAYS
    if nth < 0:
        on = length - (calendar.weekday(year, month, length) - weekday) % WEEKDAYS
    return date(year, month, on)


def slots(rhythm: Rhythm, skip: Collection[date] = ()) -> list[Slot]:
    """The slots of a series, at most sixty. A day that is skipped is made up for if the series goes by number."""
    if rhythm.count is None and rhythm.until is None:
        raise ValueError("a series needs an end")
    end = rhythm.until or date.max
    kept = (day for day in takewhile(lambda day: day <= end, days(rhythm)) if day not in skip)
    return [
        Slot(day, datetime.combine(day, rhythm.times[at % len(rhythm.times)]))
        for at, day in enumerate(islice(kept, min(rhythm.count or MOST, MOST)))
    ]


@dataclass(frozen=True)
class Shift:
    """By how many minutes some sessions are later (or, below zero, earlier) than usual in some zone."""

    minutes: int
    zone: str
    at: tuple[int, ...]


def shifts(instants: Sequence[datetime], zone: str, others: Collection[str]) -> list[Shift]:
    """What clock changes do to a series of `zone` for people in other zones, against its first session.

    `at` are positions in `instants`. A zone that changes its clocks on the same days as the series has no shift.
    """
    found = []
    for other in sorted(set(others)):
        apart = [_apart(at, other, zone) for at in instants]
        for minutes in sorted({one - apart[0] for one in apart if one != apart[0]}):
            found.append(Shift(minutes, other, tuple(i for i, one in enumerate(apart) if one - apart[0] == minutes)))
    return found


def _apart(at: datetime, other: str, zone: str) -> int:
    """Minutes by which the clocks of one zone are ahead of those of another at an instant."""
    there, here = (to_local(at, name).replace(tzinfo=None) for name in (other, zone))
    return round((there - here) / timedelta(minutes=1))
