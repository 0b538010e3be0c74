"""Calendar entries of sessions: the circle, the time, where; never what is brought to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from icalendar import STATUS, Event

from notifications.calendars import CalendarPart, calendar_part, uid
from sessions.enums import SessionStatus
from sessions.models import CircleSession

CALLED_OFF = (SessionStatus.CANCELLED, SessionStatus.NOT_HELD)


@dataclass(frozen=True)
class _Facts:
    """Everything an entry says of a session; of its circle nothing where it chose so."""

    code: UUID
    circle: str
    format: str
    place: str
    call: str
    starts_at: datetime
    ends_at: datetime
    changed: datetime
    sequence: int
    off: bool


def _facts(session: CircleSession) -> _Facts:
    return _Facts(
        code=session.code,
        circle=session.circle.name if session.circle.name_in_calendar else "",
        format=session.format_version.name,
        place=session.place,
        call=session.call_link if session.circle.call_in_calendar else "",
        starts_at=session.starts_at,
        ends_at=session.plans_to_end_at,
        # Before it was ever changed, the day its circle began is all that a row from an early version knows.
        changed=session.changed_at or session.circle.created_at,
        sequence=session.revision,
        off=session.status in CALLED_OFF,
    )


def sessions_file(sessions: Iterable[CircleSession]) -> CalendarPart:
    """A file with these sessions; a cancellation when none of them is held."""
    return _file(tuple(_facts(session) for session in sessions), get_language() or "")


# Everybody in a circle gets the same file with the same mail, in their language.
@lru_cache(maxsize=64)
def _file(facts: tuple[_Facts, ...], language: str) -> CalendarPart:
    with override(language):
        return calendar_part([_entry(one) for one in facts], off=all(one.off for one in facts))


def session_entry(session: CircleSession) -> Event:
    """The same UID for ever, a higher SEQUENCE after each change, instants in UTC.

    With its place, the link of its page and, unless the circle chose otherwise, of the call: a sign-in that ran out
    never costs the call.
    """
    return _entry(_facts(session))


def _entry(one: _Facts) -> Event:
    page = settings.SITE_URL + reverse("sessions:session", args=[one.code])
    name = one.circle or _("Peer coaching")
    return Event.new(
        uid=uid(one.code),
        summary=_("Cancelled: %s") % name if one.off else name,
        description="\n".join(line for line in (one.format, one.call, page) if line),
        location=one.place or one.call or None,
        start=one.starts_at,
        end=one.ends_at,
        stamp=one.changed,
        last_modified=one.changed,
        sequence=one.sequence,
        status=STATUS.CANCELLED if one.off else STATUS.CONFIRMED,
        url=page,
    )
