"""When somebody is busy, by a calendar file of theirs: the times of what counts as busy, and nothing of what it is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import recurring_ical_events
from icalendar import Calendar

from accounts.rules.zones import place
from sessions.rules.busy import BusySpans

# What Outlook calls a time at which one can be met all the same.
FREE_IN_OUTLOOK = ("FREE", "WORKINGELSEWHERE")


class NoCalendar(Exception):
    """Something lies there, and it is no calendar."""


def busy_in(raw: bytes, zone: str, first: datetime, last: datetime) -> BusySpans:
    """The busy times of a file between two moments. Whole days and hours without a zone are those of `zone`."""
    try:
        calendars: list[Any] = list(Calendar.from_ical(raw, multiple=True))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NoCalendar from error
    if not any(one.name == "VCALENDAR" for one in calendars):
        raise NoCalendar
    spans = []
    for calendar in calendars:
        spans += [*_of_events(calendar, zone, first, last), *_of_free_busy(calendar, zone)]
    return BusySpans.of((max(begin, first), min(end, last)) for begin, end in spans if begin < last and first < end)


def _of_events(calendar: Any, zone: str, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """With what comes again and again, as its exceptions say."""
    try:
        found = _laid_out(calendar, first, last)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
        found = [event for one in _one_by_one(calendar) for event in _laid_out_or_none(one, first, last)]
    for event in found:
        if _counts(event):
            yield _moment(event.start, zone), _moment(event.end, zone)


def _laid_out(calendar: Any, first: datetime, last: datetime) -> list[Any]:
    # A day to each side: hours without a zone are looked for as if they were those of another place.
    found = recurring_ical_events.of(calendar, skip_bad_series=True)
    return list(found.between(first - timedelta(days=1), last + timedelta(days=1)))


def _laid_out_or_none(calendar: Any, first: datetime, last: datetime) -> list[Any]:
    try:
        return _laid_out(calendar, first, last)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
        return []


def _one_by_one(calendar: Any) -> list[Any]:
    """The same calendar with one entry at a time: one that makes no sense takes no other along."""
    parts: dict[str, Any] = {}
    for event in calendar.walk("VEVENT"):
        one = parts.setdefault(str(event.get("UID", "")), Calendar(calendar))
        one.subcomponents.append(event)
    return list(parts.values())


def _counts(event: Any) -> bool:
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT" or str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    return str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() not in FREE_IN_OUTLOOK


def _of_free_busy(calendar: Any, zone: str) -> Iterator[tuple[datetime, datetime]]:
    for part in calendar.walk("VFREEBUSY"):
        lines = part.get("FREEBUSY", [])
        for line in lines if isinstance(lines, list) else [lines]:
            if str(line.params.get("FBTYPE", "BUSY")).upper() == "FREE":
                continue
            begin, end = line.dt if isinstance(line.dt, tuple) else (line.start, line.end)
            begin = _moment(begin, zone)
            yield begin, begin + end if isinstance(end, timedelta) else _moment(end, zone)


def _moment(at: date | datetime, zone: str) -> datetime:
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    return (at if at.tzinfo else at.replace(tzinfo=place(zone))).astimezone(UTC)
