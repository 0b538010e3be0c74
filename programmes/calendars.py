"""The calendar entry of a programme's kick-off."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Event

from accounts.models import User
from accounts.rules.zones import to_instant
from notifications.calendars import uid
from programmes.enums import EnrolmentStatus
from programmes.models import Enrolment, Programme

KICKOFF_LASTS = timedelta(hours=2)


def kickoffs_of(user: User, *, since: date) -> list[Event]:
    """The kick-offs of programmes somebody takes part in. One query."""
    rows = Enrolment.objects.filter(user=user, programme__kickoff_date__gte=since, programme__ended_at=None)
    rows = rows.exclude(status=EnrolmentStatus.WITHDRAWN).select_related("programme")
    return [_kickoff(row.programme) for row in rows.order_by("programme__kickoff_date", "pk")[:50]]


def _kickoff(programme: Programme) -> Event:
    if programme.kickoff_date is None or programme.kickoff_time is None:
        raise ValueError("this programme has no kick-off")
    start = to_instant(datetime.combine(programme.kickoff_date, programme.kickoff_time), programme.time_zone)
    return Event.new(
        uid=uid(programme.code),
        summary=_("Kick-off: %s") % programme.name,
        location=programme.kickoff_place or None,
        start=start,
        end=start + KICKOFF_LASTS,
        stamp=programme.created_at,
        url=settings.SITE_URL + reverse("programmes:mine", args=[programme.code]),
    )
