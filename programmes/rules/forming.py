"""How well a proposed circle fits together, and why: pure. People make the circles; this follows along and explains.

A circle that fits has nobody with their own manager, a time of the week that all can keep, nobody who is the only
one of their kind, and as many places and functions as there are people. Whom somebody asked in confidence not to be
with is no part of that: whoever makes circles by hand could read it off any sentence, order or refusal that followed
from it. It is a hard rule of what is proposed (`score_of`), and of nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, unique
from functools import lru_cache
from math import inf

from accounts.rules.zones import to_instant, to_local

Interval = tuple[datetime, datetime]
QUARTER = timedelta(minutes=15)
WEEK_OF_QUARTERS = 7 * 24 * 4


@dataclass(frozen=True)
class WeeklyHours:
    """A part of somebody's week in which they can meet, in minutes of the day in their zone. Monday is 0."""

    weekday: int
    start: int
    end: int


@dataclass(frozen=True)
class Candidate:
    """What is known of one person who asked to take part; whatever they were not asked is empty."""

    key: int
    name: str
    email: str
    zone: str = "UTC"
    stretches: tuple[WeeklyHours, ...] = ()
    function: str = ""
    location: str = ""
    level: str = ""
    manager: str = ""
    languages: frozenset[str] = frozenset()
    together: frozenset[str] = frozenset()
    # None where it cannot be read: then nothing may be proposed.
    apart: frozenset[str] | None = frozenset()


@dataclass(frozen=True)
class FitRules:
    """What a programme wants of its circles; `week` is any day of the week in which times are compared."""

    least: int
    most: int
    minutes: int
    zone: str
    week: date


@unique
class Flaw(Enum):
    """What is wrong with a proposed circle."""

    MANAGED = "managed"
    UNFIT = "unfit"
    SIZE = "size"
    LANGUAGE = "language"
    LONE = "lone"
    SAME = "same"


# How much each flaw weighs in the score.
WEIGHTS = {Flaw.MANAGED: 40, Flaw.UNFIT: 30, Flaw.SIZE: 20, Flaw.LANGUAGE: 20, Flaw.LONE: 6, Flaw.SAME: 2}


class WishesUnknown(Exception):
    """Somebody's wish not to be with somebody cannot be read: what is proposed might go against it."""


@dataclass(frozen=True)
class FitRemark:
    """One flaw, the people it is about by name, and what they share or lack."""

    flaw: Flaw
    names: tuple[str, ...] = ()
    what: str = ""


@dataclass(frozen=True)
class CircleFit:
    """What there is to say about one proposed circle. `common` is the week's best time for all, in the rules' zone."""

    warnings: tuple[FitRemark, ...] = ()
    common: tuple[datetime, datetime] | None = None
    unsaid: tuple[str, ...] = ()
    variety: Mapping[str, int] = field(default_factory=dict)
    wishes: int = 0
    no_reporting: bool = False

    @property
    def score(self) -> int:
        """The lower the better: the weights of the flaws, less one for each wish that came true."""
        return sum(WEIGHTS[one.flaw] for one in self.warnings) - self.wishes


def fit_of(people: Sequence[Candidate], rules: FitRules) -> CircleFit:
    """How one circle fits together: the same whatever anybody asked in confidence.

    People who named no times are counted on none, and are listed.
    """
    if not people:
        return CircleFit()
    told = [one for one in people if one.stretches]
    common = common_time(told, rules) if told else None
    unfit = bool(told) and common is None
    managed = _managed(people)
    warnings = [
        *([FitRemark(Flaw.SIZE)] if not rules.least <= len(people) <= rules.most else []),
        *managed,
        *([FitRemark(Flaw.UNFIT)] if unfit else []),
        *_no_language(people),
        *_alone(people),
        *_same(people),
    ]
    return CircleFit(
        tuple(warnings),
        common,
        tuple(one.name for one in people if not one.stretches),
        {name: len(kinds) for name in ("location", "function") if len(kinds := _kinds(people, name)) > 1},
        sum(bool(one.together & {other.email for other in people if other != one}) for one in people),
        not managed and any(one.manager for one in people),
    )


def _managed(people: Sequence[Candidate]) -> list[FitRemark]:
    by_email = {one.email: one for one in people}
    return [
        FitRemark(Flaw.MANAGED, (one.name, by_email[one.manager].name))
        for one in people
        if one.manager in by_email and one.manager != one.email
    ]


def _no_language(people: Sequence[Candidate]) -> list[FitRemark]:
    spoken = [one.languages for one in people if one.languages]
    return [FitRemark(Flaw.LANGUAGE)] if len(spoken) > 1 and not frozenset.intersection(*spoken) else []


def _alone(people: Sequence[Candidate]) -> list[FitRemark]:
    """Somebody who stands alone against all others: the one from another place, or of another level."""
    found = []
    for name in ("location", "level"):
        values = [(getattr(one, name).casefold(), one) for one in people if getattr(one, name)]
        kinds = {value for value, _one in values}
        # Alone means against all others: of two people neither is, and of three kinds nobody.
        if len(values) < 3 or len(kinds) != 2:
            continue
        found += [
            FitRemark(Flaw.LONE, (one.name,), getattr(one, name))
            for value, one in values
            if sum(other == value for other, _person in values) == 1
        ]
    return found


def _same(people: Sequence[Candidate]) -> list[FitRemark]:
    by_function: dict[str, list[Candidate]] = {}
    for one in people:
        if one.function:
            by_function.setdefault(one.function.casefold(), []).append(one)
    return [
        FitRemark(Flaw.SAME, tuple(one.name for one in some), some[0].function)
        for some in by_function.values()
        if len(some) > 1
    ]


def _kinds(people: Sequence[Candidate], name: str) -> set[str]:
    return {getattr(one, name).casefold() for one in people if getattr(one, name)}


def common_time(people: Sequence[Candidate], rules: FitRules) -> Interval | None:
    """The longest time of the week that all of these people can keep, in the zone of the rules; None if none is long
    enough. Of equally long ones the earliest."""
    if not people:
        return None
    # As instants, so that hours of two zones can be compared in the week that is meant.
    shared: Sequence[Interval] = _free(people[0], rules.week)
    for one in people[1:]:
        shared = _both(shared, _free(one, rules.week))
    least = timedelta(minutes=rules.minutes)
    monday = rules.week - timedelta(days=rules.week.weekday())
    begin = to_instant(datetime.combine(monday, time()), rules.zone)
    fitting = [span for span in shared if span[1] - span[0] >= least and begin <= span[0] < begin + timedelta(days=7)]
    best = max(fitting, key=lambda span: (span[1] - span[0], -span[0].timestamp()), default=None)
    return (to_local(best[0], rules.zone), to_local(best[1], rules.zone)) if best else None


def _free(one: Candidate, week: date) -> tuple[Interval, ...]:
    """When somebody can meet in the week and the days around it, as instants in order; what touches is one."""
    return _free_in(one.stretches, one.zone, week)


# A board asks it of everybody at every look, and hours seldom change.
@lru_cache(maxsize=4096)
def _free_in(stretches: tuple[WeeklyHours, ...], zone: str, week: date) -> tuple[Interval, ...]:
    monday = week - timedelta(days=week.weekday())
    spans = sorted(
        (_instant(day, part.start, zone), _instant(day, part.end, zone))
        # A day more on both sides: the Monday of one zone begins on the Sunday of another.
        for at in range(-1, 9)
        for day in [monday + timedelta(days=at)]
        for part in stretches
        if part.weekday == day.weekday()
    )
    # What touches is one time: two hours named beside each other make a session of two hours.
    merged: list[Interval] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def starts_of(one: Candidate, rules: FitRules) -> frozenset[int] | None:
    """At which quarters of the week, from Monday in the zone of the rules, somebody can meet for long enough.

    None where they named no times.
    """
    return _starts_in(one.stretches, one.zone, rules) if one.stretches else None


@lru_cache(maxsize=4096)
def _starts_in(stretches: tuple[WeeklyHours, ...], zone: str, rules: FitRules) -> frozenset[int]:
    monday = rules.week - timedelta(days=rules.week.weekday())
    begin = to_instant(datetime.combine(monday, time()), rules.zone).astimezone(UTC)
    found: set[int] = set()
    for start, end in _free_in(stretches, zone, rules.week):
        first = max(0, -(-(start - begin) // QUARTER))
        last = (end - timedelta(minutes=rules.minutes) - begin) // QUARTER
        found |= set(range(first, min(last, WEEK_OF_QUARTERS - 1) + 1))
    return frozenset(found)


def wall_of_start(start: int, rules: FitRules) -> datetime:
    """A quarter of the week as wall time of the rules' week."""
    monday = rules.week - timedelta(days=rules.week.weekday())
    begin = to_instant(datetime.combine(monday, time()), rules.zone).astimezone(UTC)
    return to_local(begin + start * QUARTER, rules.zone)


def _instant(day: date, minute: int, zone: str) -> datetime:
    return to_instant(datetime.combine(day, time()) + timedelta(minutes=minute), zone).astimezone(UTC)


def _both(one: Sequence[Interval], other: Sequence[Interval]) -> list[Interval]:
    """What two ordered lists of times share."""
    found, at, to = [], 0, 0
    while at < len(one) and to < len(other):
        start, end = max(one[at][0], other[to][0]), min(one[at][1], other[to][1])
        if start < end:
            found.append((start, end))
        if one[at][1] <= other[to][1]:
            at += 1
        else:
            to += 1
    return found


def goes_against_a_wish(people: Sequence[Candidate]) -> bool:
    """Whether somebody here asked not to be with somebody here. WishesUnknown where that cannot be told."""
    if any(one.apart is None for one in people):
        raise WishesUnknown
    here = {one.email for one in people}
    return any((one.apart or frozenset()) & (here - {one.email}) for one in people)


def score_of(circles: Sequence[Sequence[Candidate]], rules: FitRules) -> float:
    """The score of a whole proposal, the lower the better: what proposing brings down. Shown to nobody.

    Infinite where it goes against what somebody asked in confidence. WishesUnknown where that cannot be told.
    """
    if any(goes_against_a_wish(people) for people in circles):
        return inf
    return sum(fit_of(people, rules).score for people in circles)
