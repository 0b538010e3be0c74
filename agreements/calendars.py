"""Calendar entries of appointments: who talks with whom and when, never about what."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import STATUS, TRANSP, Event

from accounts.models import User
from agreements.models import Appointment, Commitment
from notifications.calendars import CalendarPart, calendar_part, uid

LENGTH_MINUTES = 30


def appointment_file(appointment: Appointment, reader: User) -> CalendarPart:
    """A file with the appointment for one of the two; a cancellation when it was called off."""
    return calendar_part([appointment_entry(appointment, reader)], off=appointment.cancelled)


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
