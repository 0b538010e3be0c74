"""Calendar files: what all entries have in common, whatever they are about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vDuration

OURS = "-//Talking Piece//EN"
FETCHED_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class CalendarPart:
    """A calendar file that goes with a mail, and what a calendar is to do with it: `PUBLISH`, `CANCEL` or `REQUEST`.

    With `answers_to` its reader may answer it from their calendar, by a mail to that address.
    """

    content: bytes
    method: str = "PUBLISH"
    answers_to: str = ""


def uid(code: UUID) -> str:
    """What a calendar knows an entry by, for ever."""
    return f"{code}@{urlsplit(settings.SITE_URL).hostname}"


def calendar_part(events: Iterable[Event], *, off: bool) -> CalendarPart:
    """A calendar file for a mail. `CANCEL` takes what it names out of a calendar, and says who does (RFC 5546)."""
    method = "CANCEL" if off else "PUBLISH"
    return CalendarPart(calendar_of(events, method), method)


def invitation_part(event: Event, *, organizer: str, attendee: str, said: str, off: bool) -> CalendarPart:
    """One entry as an invitation of one person (RFC 5546), or taken back: nobody learns of anybody else's address.

    `organizer` is the address that answers go to, `said` what the person has answered so far.
    """
    by = vCalAddress(f"mailto:{organizer}")
    by.params["CN"] = "Talking Piece"
    event.pop("ORGANIZER", None)
    event.add("organizer", by)
    to = vCalAddress(f"mailto:{attendee}")
    to.params |= {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": said, "RSVP": "TRUE"}
    event.add("attendee", to)
    method = "CANCEL" if off else "REQUEST"
    calendar = Calendar.new(prodid=OURS, method=method)
    calendar.pop("UID", None)
    calendar.add_component(event)
    return CalendarPart(bytes(calendar.to_ical()), method, organizer)


def feed_of(events: Iterable[Event], *, owner: UUID, name: str) -> bytes:
    """The calendar that somebody's program fetches again and again: one and the same, with how often to look (RFC 7986,
    and what Outlook reads of it). The same entries are the same bytes."""
    calendar = Calendar.new(prodid=OURS, method="PUBLISH", name=name, uid=uid(owner))
    calendar.add("REFRESH-INTERVAL", vDuration(FETCHED_EVERY), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(FETCHED_EVERY))
    return _with(calendar, events)


def calendar_of(events: Iterable[Event], method: str) -> bytes:
    """Entries as the bytes of a file for a mail, which is no calendar that is looked at again."""
    calendar = Calendar.new(prodid=OURS, method=method)
    calendar.pop("UID", None)
    return _with(calendar, events)


def _with(calendar: Calendar, events: Iterable[Event]) -> bytes:
    method = calendar["METHOD"]
    for event in events:
        if method == "CANCEL":
            event.add("organizer", vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"))
        calendar.add_component(event)
    return bytes(calendar.to_ical())
