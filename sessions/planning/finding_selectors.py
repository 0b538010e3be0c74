"""Reads for finding a time: weeks of the members, the season, the standing of a poll."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.enums import Level
from accounts.models import User
from accounts.rules.zones import to_instant
from accounts.selectors import availability_of
from circles.enums import Cadence
from circles.models import Circle, Membership
from circles.selectors import covenant_of, ring_of
from sessions.models import PollAnswer, PollOption, TimePoll
from sessions.planning.busy_selectors import BusyAt, CircleBusy
from sessions.planning.selectors import USUAL_MINUTES
from sessions.rules.finding import COST, TIMES, NamedHours, Season, TimeChoice, Week, found


def season_start(circle: Circle, *, now: datetime) -> dict[str, Any]:
    """The season that is looked at first: the circle's rhythm, as many sessions as it promised, from next week on."""
    covenant = covenant_of(circle)
    return {
        "from": now.date() + timedelta(days=7),
        "number": covenant.sessions if covenant else 6,
        "weeks": Cadence(circle.cadence).days // 7,
        "minutes": USUAL_MINUTES,
    }


@dataclass(frozen=True)
class TimesFound:
    """A time or several in turn, with the people who pay for it by name and how often."""

    choice: TimeChoice
    first: date
    payers: list[tuple[User, float]]
    # The dates of the season on which somebody has a public holiday, with their names.
    off: list[tuple[date, list[str]]]
    # The start that meets the fewest other appointments, of those that are as good, and the dates on which the reader,
    # or somebody else, has something then.
    at: time
    yours: list[date]
    somebodys: list[date]

    @property
    def until(self) -> time | None:
        """The last start that is as good, where there is more than one."""
        return self.choice.until if self.choice.until != self.choice.times[0] else None

    @property
    def also(self) -> str:
        """The times in turn after the first, as the schedule's form takes them."""
        return ", ".join(at.strftime("%H:%M") for at in self.choice.times[1:])


@dataclass(frozen=True)
class Times:
    """What the circle can choose from, and who has not said when they can meet."""

    best: list[TimesFound]
    turns: TimesFound | None
    silent: list[User]
    humane: bool
    weeks: int
    # The same as a rhythm of a series, empty where there is none like it.
    repeat: str
    # Whether anybody has said when they can meet.
    said: bool


def times_for(circle: Circle, asked: Mapping[str, Any], busy: CircleBusy) -> Times:
    """The best times over a season. Those who have said nothing are not counted; they are named. Two queries.

    What stands in calendars decides only between times that are as good: told in burdens, it would say whose it is.
    """
    ring = ring_of(circle)
    named = availability_of(ring)
    weeks = [
        Week(
            user.pk,
            user.time_zone,
            tuple(NamedHours(row.weekday, row.start, row.end, row.level) for row in named[user.pk]),
        )
        for user in ring
        if user.pk in named
    ]
    season = Season(asked["from"], asked["number"], asked["weeks"], circle.time_zone, asked["minutes"])
    people = {user.pk: user for user in ring}
    best, turns = found(weeks, season)
    humane = bool(best) and (best[0].is_humane or (turns is not None and turns.is_humane))
    return Times(
        best=sorted((_found(choice, season, people, busy) for choice in best), key=_rank),
        turns=_found(turns, season, people, busy) if turns else None,
        silent=[user for user in ring if user.pk not in named],
        humane=humane,
        weeks=season.weeks,
        repeat=str(season.weeks) if season.weeks in (1, 2, 3, 4, 6, 8) else "",
        said=bool(weeks),
    )


def _rank(found: TimesFound) -> tuple[float, float, int]:
    """Times that cost everybody as much are told apart by what they meet, and else stand as before."""
    return round(found.choice.worst, 9), round(found.choice.total, 9), len({*found.yours, *found.somebodys})


def _found(choice: TimeChoice, season: Season, people: Mapping[int, User], busy: CircleBusy) -> TimesFound:
    at, met = _least_in_the_way(choice, season, busy)
    return TimesFound(
        choice,
        season.day(choice.weekday, 0),
        [(people[person], choice.burdens[person]) for person in choice.payers()],
        _days_off(choice, season, people),
        at,
        [on for on, who in met if who.you],
        [on for on, who in met if who.somebody],
    )


def _least_in_the_way(choice: TimeChoice, season: Season, busy: CircleBusy) -> tuple[time, list[tuple[date, BusyAt]]]:
    """The start that meets the fewest other appointments, the first of them, and what it meets by date."""
    first = choice.times[0]
    if not busy.spans:
        return first, []
    starts = [at for at in TIMES if choice.until and first <= at <= choice.until] or [first]
    met = {at: _met(choice, at, season, busy) for at in starts}
    least = min(starts, key=lambda at: len(met[at]))
    return least, met[least]


def _met(choice: TimeChoice, at: time, season: Season, busy: CircleBusy) -> list[tuple[date, BusyAt]]:
    times = choice.times if len(choice.times) > 1 else (at,)
    found = []
    for step in range(season.number):
        on = season.day(choice.weekday, step)
        starts_at = to_instant(datetime.combine(on, times[step % len(times)]), season.zone)
        found.append((on, busy.then(starts_at, season.minutes)))
    return [(on, who) for on, who in found if who]


def _days_off(choice: TimeChoice, season: Season, people: Mapping[int, User]) -> list[tuple[date, list[str]]]:
    found = []
    for step in range(season.number):
        on = season.day(choice.weekday, step)
        at = to_instant(datetime.combine(on, choice.times[step % len(choice.times)]), season.zone)
        found.append((on, [user.first for user in people.values() if user.has_day_off(at)]))
    return [(on, names) for on, names in found if names]


def open_poll(circle: Circle) -> TimePoll | None:
    """The question about dates that is not closed; a circle has one at a time."""
    return TimePoll.objects.filter(circle=circle, closed_at=None).first()


@dataclass(frozen=True)
class OptionStanding:
    """One time of a poll: how many it suits, for whom it is not good, and what the reader said."""

    option: PollOption
    good: int
    possible: int
    no: list[User]
    mine: str
    gone: bool
    # Whether something stands in a calendar then.
    busy: BusyAt

    @property
    def rank(self) -> tuple[int, int, datetime]:
        """The worst-off member first, then the sum."""
        worst = COST["no"] if self.no else COST["possible"] if self.possible else 0
        return worst, len(self.no) * COST["no"] + self.possible, self.option.starts_at


@dataclass(frozen=True)
class Standings:
    """A poll as it stands, the best time first, and who has not answered."""

    options: list[OptionStanding]
    silent: list[User]


def options_of(poll: TimePoll, circle: Circle, reader: User, busy: CircleBusy, *, now: datetime) -> Standings:
    """How a poll stands, for members of the ring now. Three queries."""
    ring = ring_of(circle)
    people = {user.pk: user for user in ring}
    said = _said(poll, people)
    found = []
    for option in PollOption.objects.filter(poll=poll).order_by("starts_at"):
        levels = said.get(option.pk, {})
        found.append(
            OptionStanding(
                option,
                good=list(levels.values()).count(Level.GOOD),
                possible=list(levels.values()).count(Level.POSSIBLE),
                # By name, since whoever chooses a time should know for whom it is not good.
                no=[people[pk] for pk, level in levels.items() if level == Level.NO],
                mine=levels.get(reader.pk, ""),
                gone=option.starts_at <= now,
                busy=busy.then(option.starts_at, USUAL_MINUTES) if option.starts_at > now else BusyAt(),
            )
        )
    answered = {pk for levels in said.values() for pk in levels}
    return Standings(sorted(found, key=lambda one: one.rank), [user for user in ring if user.pk not in answered])


def _said(poll: TimePoll, people: Collection[int]) -> dict[int, dict[int, str]]:
    """What these people say to each time of a poll."""
    said: dict[int, dict[int, str]] = {}
    answers = PollAnswer.objects.filter(option__poll=poll, user__in=people)
    for option_id, user_id, level in answers.values_list("option", "user", "level"):
        said.setdefault(option_id, {})[user_id] = level
    return said


def polls_open(*, now: datetime) -> QuerySet[TimePoll]:
    """Polls that are not closed and ask about a time still to come; nothing is asked yet."""
    ahead = PollOption.objects.filter(poll=OuterRef("pk"), starts_at__gt=now)
    return TimePoll.objects.filter(Exists(ahead), closed_at=None).order_by("asked_at", "pk")


def polls_to_answer(user: User, *, now: datetime) -> QuerySet[TimePoll]:
    """Open polls of a person's circles that they have not answered; nothing is asked yet."""
    seated = Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None, takes_part=True)
    answered = PollAnswer.objects.filter(option__poll=OuterRef("pk"), user=user)
    return polls_open(now=now).filter(Exists(seated), ~Exists(answered)).select_related("circle")
