"""Calendar entries of appointments: who talks with whom and when, never about what."""

from collections.abc import Iterable
from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import STATUS, TRANSP, Calendar, Event, vCalAddress, vDuration

from accounts.models import User
from agreements.models import Appointment, Commitment
from notifications.registry import CalendarPart

LENGTH_MINUTES = 30
OURS = "-//Talking Piece//EN"
FETCHED_EVERY = timedelta(hours=1)


def uid(code: UUID) -> str:
    """What a calendar knows an entry by, for ever."""
    return f"{code}@{urlsplit(settings.SITE_URL).hostname}"


def appointment_file(appointment: Appointment, reader: User) -> CalendarPart:
    """A file with the appointment for one of the two; a cancellation when it was called off."""
    return calendar_part([appointment_entry(appointment, reader)], off=appointment.cancelled)


def calendar_part(events: Iterable[Event], *, off: bool) -> CalendarPart:
    """A calendar file for a mail. `CANCEL` takes what it names out of a calendar, and says who does (RFC 5546)."""
    method = "CANCEL" if off else "PUBLISH"
    return CalendarPart(calendar_of(events, method), method)


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


def due_entry(commitment: Commitment) -> Event:
    """That something falls due, all day, in no words of it."""
    return Event.new(
        uid=uid(commitment.code),
        summary=_("A commitment is due"),
        start=commitment.due_on,
        end=commitment.due_on + timedelta(days=1),
        stamp=commitment.made_at,
        sequence=commitment.revision,
        transparency=TRANSP.TRANSPARENT,
        url=settings.SITE_URL + reverse("agreements:commitment", args=[commitment.code]),
    )


def appointment_entry(appointment: Appointment, reader: User) -> Event:
    """An entry for one of the two: the same UID for ever, a higher SEQUENCE after each change, instants in UTC."""
    return Event.new(
        uid=uid(appointment.code),
        summary=(_("Called off: talk with %s") if appointment.cancelled else _("Talk with %s"))
        % appointment.other(reader).first,
        start=appointment.starts_at,
        end=appointment.starts_at + timedelta(minutes=LENGTH_MINUTES),
        stamp=appointment.changed_at,
        last_modified=appointment.changed_at,
        sequence=appointment.sequence,
        status=STATUS.CANCELLED if appointment.cancelled else STATUS.CONFIRMED,
        url=settings.SITE_URL + reverse("agreements:commitment", args=[appointment.commitment.code]),
    )
