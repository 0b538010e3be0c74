"""Series of sessions: laying one out, changing this one and all that follow, leaving a date out."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from circles.models import Circle
from circles.services import circle_lock
from notifications.services import About, messages_put
from sessions.enums import Repeat, SessionStatus
from sessions.kinds import SERIES_CANCELLED, SERIES_CHANGED, SERIES_SCHEDULED
from sessions.models import CircleSession, Series
from sessions.planning import services
from sessions.planning.reminder_selectors import told_of
from sessions.planning.services import SessionDetails
from sessions.rules.recurrence import Rhythm, Slot, days, is_last, nth_of, slots


@dataclass(frozen=True)
class SeriesDetails:
    """What every session of a series is like, on which days it is, and which of them are left out."""

    session: SessionDetails
    rhythm: Rhythm
    skip: frozenset[date] = frozenset()

    def wishes(self) -> list[tuple[Slot, SessionDetails]]:
        """Each slot with what is wished for it."""
        return [(slot, replace(self.session, local_start=slot.local)) for slot in slots(self.rhythm, self.skip)]


@transaction.atomic
def series_schedule(*, circle: Circle, details: SeriesDetails, now: datetime) -> Series:
    """Plan every session of a series. Everybody gets one mail with all dates, in their own time.

    Refused when one of them is in the past or where another session is; then none is written.
    """
    series = _series(circle, details.rhythm, details.session.zone)
    made = [
        services.session_make(circle=circle, details=one, now=now, series=series, slot_on=slot.on)
        for slot, one in details.wishes()
    ]
    if not made:
        raise Refused(_("No date is left. Keep at least one."))
    services.sessions_settle(circle=circle, sessions=made, now=now)
    series_tell(series, made, SERIES_SCHEDULED, now)
    return series


def _series(circle: Circle, rhythm: Rhythm, zone: str, split_from: Series | None = None) -> Series:
    return Series.objects.create(
        circle=circle,
        repeat=rhythm.repeat,
        weeks=rhythm.weeks,
        times=[at.strftime("%H:%M") for at in rhythm.times],
        zone=zone,
        first_on=rhythm.first,
        count=rhythm.count,
        until=rhythm.until,
        split_from=split_from,
    )


def series_tell(
    series: Series, sessions: Collection[CircleSession], kind: str, now: datetime, due_at: datetime | None = None
) -> None:
    """Write one mail about some dates of a series to every member who is told of them; at once, or at `due_at`."""
    people = {user.pk: user for told in told_of(sessions).values() for user, member in told if member}
    about = About("series", series.code, series.edits, series.circle.code)
    messages_put(kind=kind, about=about, to=people.values(), due_at=due_at or now, now=now)


def rhythm_of(series: Series) -> Rhythm:
    """The rhythm a series was laid out with."""
    return Rhythm(
        first=series.first_on,
        times=tuple(time.fromisoformat(text) for text in series.times),
        repeat=series.repeat,
        weeks=series.weeks,
        count=series.count,
        until=series.until,
    )


def family_of(series: Series) -> list[Series]:
    """A series and those it was split from or into when somebody changed it from a date on, the first day first.

    To people they are one: all that follow a date are all that follow, whichever of them they are in.
    """
    rows = list(Series.objects.filter(circle=series.circle_id))
    found = {series.pk}
    while True:
        near = {one.pk for one in rows if one.split_from_id in found}
        near |= {one.split_from_id for one in rows if one.pk in found and one.split_from_id}
        if near <= found:
            return sorted((one for one in rows if one.pk in found), key=lambda one: (one.first_on, one.pk))
        found |= near


def later_in(session: CircleSession) -> list[CircleSession]:
    """This session and those that follow it and are still planned, also where an earlier change split the series."""
    if session.series is None:
        return [session]
    rows = CircleSession.objects.filter(
        series__in=family_of(session.series), slot_on__gte=session.slot_on, status=SessionStatus.PLANNED
    )
    return list(rows.select_related("circle", "format_version", "series").order_by("slot_on", "pk"))


def was_moved(session: CircleSession) -> bool:
    """Whether a session stands where its series did not mean it."""
    series = session.series
    at = session.local_time.strftime("%H:%M")
    return series is not None and (session.local_date != session.slot_on or at not in series.times)


@transaction.atomic
def series_update(*, session: CircleSession, details: SessionDetails, now: datetime, seen: int) -> tuple[int, bool]:
    """Change this session and all that follow in its series, which is split here; one mail tells everybody.

    How many are changed, and whether anything is that people are told of.

    What differs from how this session was is changed in all of them. A new day or time lays the later dates out
    afresh, in the same rhythm; one that was moved by itself keeps its own. `seen` is the number of edits that the
    person had before them; Refused when somebody has changed the series since, and then nothing is written.
    """
    circle_lock(session.circle)
    series = session.series
    if series is None or not Series.objects.filter(pk=series.pk, edits=seen).update(edits=F("edits") + 1):
        raise Refused(_("Somebody else has just changed this series. Look at it again."))
    later = later_in(session)
    if session.pk not in [one.pk for one in later]:
        raise Refused(_("This session has started or was cancelled already."))
    rhythm = _from_here(series, session, details, len(later))
    fresh_slots = _slots_of(series, session, rhythm, later)
    follows = _series(session.circle, rhythm, details.zone, split_from=series)
    end = session.slot_on - timedelta(days=1) if session.slot_on else series.first_on
    if end >= series.first_on:
        Series.objects.filter(pk=series.pk).update(until=end, count=None)
    told = []
    waiting = {one.pk for one in later}
    for one, slot in zip(later, fresh_slots, strict=True):
        fresh = _merged(one, session, details, slot)
        # Those that are still to be moved stand where they are about to leave: they are in nobody's way.
        waiting.discard(one.pk)
        if services.session_change(
            session=one,
            details=fresh,
            now=now,
            seen=one.revision,
            series=follows,
            slot_on=slot.on,
            besides=waiting,
            telling=False,
        ):
            told.append(one)
    services.sessions_settle(circle=session.circle, sessions=later, now=now)
    if told:
        follows.refresh_from_db()
        series_tell(follows, told, SERIES_CHANGED, now)
    return len(later), bool(told)


def slots_from_here(session: CircleSession, details: SessionDetails, later: Collection[CircleSession]) -> list[Slot]:
    """Where this session and those that follow would stand after `series_update`, for a preview."""
    series = session.series
    if series is None:
        return [Slot(details.local_start.date(), details.local_start)]
    rhythm = _from_here(series, session, details, len(later))
    found = []
    for one, slot in zip(later, _slots_of(series, session, rhythm, later), strict=True):
        local = _merged(one, session, details, slot).local_start
        found.append(Slot(local.date(), local))
    return found


def _details_of(session: CircleSession) -> SessionDetails:
    return SessionDetails(
        local_start=datetime.combine(session.local_date, session.local_time),
        zone=session.zone,
        format=session.format_version,
        minutes=session.minutes,
        fit=session.fit,
        place=session.place,
        call_link=session.call_link,
    )


def _from_here(series: Series, session: CircleSession, details: SessionDetails, number: int) -> Rhythm:
    """The rhythm of what follows: as before, from the wished day on, at the wished time."""
    before = rhythm_of(series)
    at = details.local_start.time()
    turn = before.times.index(at) if at in before.times else None
    times = (at,) if turn is None else (*before.times[turn:], *before.times[:turn])
    keeps_its_day = details.local_start.date() == session.local_date and session.slot_on is not None
    first = session.slot_on if keeps_its_day and session.slot_on else details.local_start.date()
    repeat = before.repeat
    if repeat != Repeat.WEEKS and (repeat == Repeat.MONTH_LAST or nth_of(before.first) < 0):
        repeat = (Repeat.MONTH_LAST if is_last(first) else Repeat.MONTH).value
    return Rhythm(first, times, repeat, before.weeks, count=number)


def _slots_of(series: Series, session: CircleSession, rhythm: Rhythm, later: Collection[CircleSession]) -> list[Slot]:
    """Where these sessions stand in the rhythm from here on: each as many steps on as before.

    The dates between them that were cancelled keep their place; a time in turn stays with its session.
    """
    fresh = dict(zip(_meant_from(series, session, later), days(rhythm), strict=False))
    found = []
    for one in later:
        on = fresh[one.series_id, one.slot_on]
        at = one.local_time if one.local_time in rhythm.times else rhythm.times[0]
        found.append(Slot(on, datetime.combine(on, at)))
    return found


def _meant_from(
    series: Series, session: CircleSession, later: Collection[CircleSession]
) -> list[tuple[int | None, date | None]]:
    """Every day that was meant from a session on, with the series that meant it, through all that it was split into."""
    begin = session.slot_on or session.local_date
    furthest = {one.series_id: one.slot_on for one in later if one.slot_on}  # the last of each: they are in order
    last = max(day for day in furthest.values() if day)
    meant: list[tuple[int | None, date | None]] = []
    for one in family_of(series):
        end = min(one.until or furthest.get(one.pk) or date.min, last)
        meant += [(one.pk, day) for day in _days_until(one, end) if day >= begin]
    return meant


def _days_until(series: Series, end: date) -> Iterator[date]:
    return takewhile(lambda day: day <= end, days(rhythm_of(series)))


def _merged(one: CircleSession, session: CircleSession, details: SessionDetails, slot: Slot) -> SessionDetails:
    """What is wished for one of the later sessions: only what was changed in `session` is changed.

    That one stands where it was put; one that was moved by itself keeps its own day and time.
    """
    before = _details_of(session)
    changes = {
        name: getattr(details, name)
        for name in ("format", "minutes", "fit", "place", "call_link")
        if getattr(details, name) != getattr(before, name)
    }
    if one.pk == session.pk:
        changes |= {"local_start": details.local_start, "zone": details.zone}
    elif (details.local_start, details.zone) != (before.local_start, before.zone) and not was_moved(one):
        changes |= {"local_start": slot.local, "zone": details.zone}
    return replace(_details_of(one), **changes)


@transaction.atomic
def session_skip(
    *,
    session: CircleSession,
    now: datetime,
    reason: str = "",
    told_at: datetime | None = None,
    dated: str = "",
) -> CircleSession | None:
    """Leave this date out of its series. One that goes by number gets one more at its end, which is returned.

    The mail that one is cancelled names the other: people get one mail about one thing, at once or at `told_at`.
    """
    series = session.series
    services.session_cancel(session=session, now=now, reason=reason, told_at=told_at, dated=dated)
    if series is None or series.count is None:
        return None
    last = CircleSession.objects.filter(series=series).order_by("-slot_on").values_list("slot_on", flat=True).first()
    rhythm = rhythm_of(series)
    far = slots(replace(rhythm, count=60, until=None))
    slot = next((slot for slot in far if last and slot.on > last), None)
    if slot is None:
        return None
    details = replace(_details_of(session), local_start=slot.local)
    try:
        with transaction.atomic():
            made = services.session_make(
                circle=session.circle, details=details, now=now, series=series, slot_on=slot.on
            )
    except Refused:
        return None  # that day is taken already: nothing is made up for
    services.sessions_settle(circle=session.circle, sessions=[made], now=now)
    return made


@transaction.atomic
def series_cancel(*, session: CircleSession, now: datetime, reason: str = "", told_at: datetime | None = None) -> int:
    """Cancel this session and all that follow in its series; people are told at once or at `told_at`. How many."""
    circle_lock(session.circle)
    later = later_in(session)
    for one in later:
        services.session_cancel(session=one, now=now, reason=reason, telling=False, told_at=told_at)
    if session.series and later:
        session.series.refresh_from_db()
        series_tell(session.series, later, SERIES_CANCELLED, now, told_at)
    return len(later)
