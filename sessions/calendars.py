"""Calendar entries of sessions: the circle, the time, where; never what is brought to it."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from icalendar import STATUS, Event

from agreements.calendars import calendar_of, uid
from sessions.enums import SessionStatus
from sessions.models import CircleSession

CALLED_OFF = (SessionStatus.CANCELLED, SessionStatus.NOT_HELD)


def sessions_file(sessions: Iterable[CircleSession]) -> bytes:
    """A file with these sessions."""
    return calendar_of(session_entry(session) for session in sessions)


def session_entry(session: CircleSession) -> Event:
    """The same UID for ever, a higher SEQUENCE after each change, instants in UTC.

    With its place, the link of its page and, unless the circle chose otherwise, of the call: a sign-in that ran out
    never costs the call.
    """
    page = settings.SITE_URL + reverse("sessions:session", args=[session.code])
    call = session.call_link if session.circle.call_in_calendar else ""
    # Before it was ever changed, the day it was meant for is all that a row from an early version knows.
    changed = session.changed_at or session.circle.created_at
    return Event.new(
        uid=uid(session.code),
        summary=session.circle.name,
        description="\n".join(line for line in (session.format_version.name, call, page) if line),
        location=session.place or call or None,
        start=session.starts_at,
        end=session.plans_to_end_at,
        stamp=changed,
        last_modified=changed,
        sequence=session.revision,
        status=STATUS.CANCELLED if session.status in CALLED_OFF else STATUS.CONFIRMED,
        url=page,
    )
