"""Calendar entries of appointments: who talks with whom and when, never about what."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import STATUS, TRANSP, Calendar, Event, vCalAddress

from accounts.models import User
from agreements.models import Appointment, Commitment
from notifications.registry import CalendarPart

LENGTH_MINUTES = 30


def uid(code: UUID) -> str:
    """What a calendar knows an entry by, for ever."""
    return f"{code}@{urlsplit(settings.SITE_URL).hostname}"


def appointment_file(appointment: Appointment, reader: User) -> CalendarPart:
    """A file with the appointment for one of the two; a cancellation when it was called off."""
    return calendar_part([appointment_entry(appointment, reader)], off=appointment.cancelled)


def calendar_part(events: Iterable[Event], *, off: bool) -> CalendarPart:
    """A calendar file for a mail. `CANCEL` takes what it names out of a calendar, and says who does (RFC 5546)."""
    method = "CANCEL" if off else "PUBLISH"
    return CalendarPart(calendar_of(events, method=method), method)


def calendar_of(events: Iterable[Event], name: str = "", method: str = "PUBLISH") -> bytes:
    """Entries as the bytes of a calendar file."""
    calendar = Calendar.new(prodid="-//Talking Piece//EN", method=method, name=name or None)
    for event in events:
        if method == "CANCEL":
            event.add("organizer", vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def due_entry(commitment: Commitment, now: datetime) -> Event:
    """That something falls due, all day, in no words of it."""
    return Event.new(
        uid=uid(commitment.code),
        summary=_("A commitment is due"),
        start=commitment.due_on,
        end=commitment.due_on + timedelta(days=1),
        stamp=now,
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
