"""What a series will look like before it is scheduled: each date, in each zone, and what stands in its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import User
from accounts.rules.zones import exists, to_instant, to_local
from accounts.selectors import away_at
from circles.models import Circle
from sessions.models import CircleSession
from sessions.planning.busy_selectors import BusyAt, busy_of
from sessions.planning.selectors import clashes_of, sessions_at
from sessions.rules.recurrence import Shift, Slot, shifts


@dataclass(frozen=True)
class There:
    """What the clocks say somewhere, and whether that is another hour, or another day, than the series means."""

    local: datetime
    shifted: bool
    other_day: bool


@dataclass(frozen=True)
class PreviewRow:
    """One date of the series."""

    on: date
    starts_at: datetime
    there: list[There]
    gap: datetime | None
    away: list[str]
    # Who has a public holiday then, and is not away anyway.
    off: list[str]
    # Whether something stands then in a calendar that people let be looked into.
    busy: BusyAt
    clash: CircleSession | None
    taken: CircleSession | None


@dataclass(frozen=True)
class ShiftSaid:
    """A change of clocks in words: by how many hours, for whom, on which dates."""

    minutes: int
    people: list[str]
    dates: list[date]

    @property
    def hours(self) -> float:
        return abs(self.minutes) / 60

    @property
    def later(self) -> bool:
        return self.minutes > 0


@dataclass(frozen=True)
class Preview:
    """The dates of a series, for the people of a circle."""

    zones: list[tuple[str, list[str]]]
    rows: list[PreviewRow]
    shifts: list[ShiftSaid]

    @property
    def number(self) -> int:
        return len(self.rows)


def preview_of(
    circle: Circle,
    people: Sequence[User],
    slots: Sequence[Slot],
    zone: str,
    minutes: int,
    *,
    by: User,
    now: datetime,
    besides: Sequence[int] = (),
) -> Preview:
    """Five queries, however many dates there are. `besides` are sessions that move away from where they are."""
    instants = [to_instant(slot.local, zone) for slot in slots]
    spans = [(at, at + timedelta(minutes=minutes)) for at in instants]
    by_zone: dict[str, list[str]] = {}
    for person in people:
        by_zone.setdefault(person.time_zone, []).append(person.first)
    moves = shifts(instants, zone, by_zone) if instants else []
    moved = {(shift.zone, at) for shift in moves for at in shift.at}
    away = away_at(people, instants)
    busy = busy_of(people, by, now=now)
    clashes = clashes_of(by, circle, spans)
    taken = sessions_at(circle, spans, besides=besides)
    rows = [
        PreviewRow(
            on=slot.on,
            starts_at=starts_at,
            there=[_there(starts_at, other, slot.on, (other, at) in moved) for other in by_zone],
            # The hour that is put forward does not exist that night: people see which one it becomes.
            gap=None if exists(slot.local, zone) else to_local(starts_at, zone),
            away=[person.first for person in people if person.pk in away[starts_at]],
            off=[one.first for one in people if one.pk not in away[starts_at] and one.has_day_off(starts_at)],
            busy=busy.then(starts_at, minutes),
            clash=clashes.get(at),
            taken=taken.get(at),
        )
        for at, (slot, starts_at) in enumerate(zip(slots, instants, strict=True))
    ]
    return Preview(list(by_zone.items()), rows, _said(moves, by_zone, slots))


def _there(starts_at: datetime, zone: str, on: date, shifted: bool) -> There:
    local = to_local(starts_at, zone)
    return There(local.replace(tzinfo=None), shifted, local.date() != on)


def _said(moves: Sequence[Shift], by_zone: dict[str, list[str]], slots: Sequence[Slot]) -> list[ShiftSaid]:
    """One sentence for all zones whose clocks part from the series' by as much on the same dates."""
    together: dict[tuple[int, tuple[int, ...]], list[str]] = {}
    for shift in moves:
        together.setdefault((shift.minutes, shift.at), []).extend(by_zone[shift.zone])
    return [
        ShiftSaid(minutes, people, [slots[position].on for position in at])
        for (minutes, at), people in together.items()
    ]
