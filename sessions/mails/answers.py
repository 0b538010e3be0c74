"""The mail that an answer by calendar causes: that another time was wished for, never which."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from circles.selectors import runs
from notifications.models import Message
from sessions.enums import Rsvp
from sessions.models import CircleSession, Participation


def time_wished(message: Message, now: datetime) -> dict[str, Any] | None:
    """While the session stands at that time and the person still cannot come."""
    rows = CircleSession.objects.filter(code=message.subject_code, revision=message.revision, starts_at__gt=now)
    session = rows.select_related("circle", "format_version").first()
    if session is None or not session.is_planned or message.user is None or not runs(session.circle, message.user):
        return None
    who = _who(message)
    said = Participation.objects.filter(session=session, user=who, rsvp=Rsvp.NO)
    if who is None or not said.exists():
        return None
    return {
        "circle": session.circle,
        "session": session,
        "starts": session.starts_local(message.user.zone_or(session.zone)),
        "by": session.starts_at,
        "who": who,
        "path": reverse("sessions:session", args=[session.code]),
    }


def _who(message: Message) -> User | None:
    """The person in the key of the message, between its revision and its reader."""
    try:
        return User.objects.filter(code=UUID(message.key.split(":")[3])).first()
    except (IndexError, ValueError):
        return None
