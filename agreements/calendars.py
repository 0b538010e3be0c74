"""Calendar entries of appointments: who talks with whom and when, never about what."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import STATUS, Calendar, Event

from accounts.models import User
from agreements.models import Appointment

LENGTH_MINUTES = 30


def appointment_file(appointment: Appointment, reader: User) -> bytes:
    """An entry for one of the two: the same UID for ever, a higher SEQUENCE after each change, instants in UTC."""
    commitment = appointment.commitment
    other = commitment.partner if reader == commitment.owner else commitment.owner
    event = Event.new(
        uid=f"{appointment.code}@{urlsplit(settings.SITE_URL).hostname}",
        summary=_("Talk with %s") % (other.first if other else _("somebody")),
        start=appointment.starts_at,
        end=appointment.starts_at + timedelta(minutes=LENGTH_MINUTES),
        stamp=appointment.changed_at,
        last_modified=appointment.changed_at,
        sequence=appointment.sequence,
        status=STATUS.CANCELLED if appointment.cancelled else STATUS.CONFIRMED,
        url=settings.SITE_URL + reverse("agreements:commitment", args=[commitment.code]),
    )
    calendar = Calendar.new(prodid="-//Talking Piece//EN", method="PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
