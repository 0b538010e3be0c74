"""Mails around answers by calendar: another time was wished for, never which; and dates that leave a calendar."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from circles.selectors import runs
from notifications.models import Message
from sessions.enums import Rsvp
from sessions.mails.inviting import is_invited, taken_back
from sessions.models import CircleSession, Participation
from sessions.replies.addresses import answer_address
from sessions.replies.selectors import invited_before, invited_no_more


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


def calendar_left(message: Message, now: datetime) -> dict[str, Any] | None:
    """To somebody who is in a circle no more, or whose dates come in another way, while a date that they were invited
    to is still to come."""
    if message.user is None or answer_address() is None:
        return None
    left = is_invited(message.user)
    tokens = invited_no_more(now) if left else invited_before(now)
    token = tokens.filter(user=message.user, pk=message.revision).first()
    if token is None:
        return None
    return {
        "circle": token.session.circle,
        "session": token.session,
        "left": left,
        "invitation": partial(taken_back, token, message.user, now=now),
        "path": reverse("pages:today"),
    }


def answer_probe(message: Message, now: datetime) -> dict[str, Any] | None:
    """Our own mail to the answer address, on its day: a late one would say nothing of how it is now."""
    fresh = now - message.created_at < timedelta(days=1)
    return {"path": reverse("pages:outbox")} if fresh and answer_address() is not None else None


def _who(message: Message) -> User | None:
    """The person in the key of the message, between its revision and its reader."""
    try:
        return User.objects.filter(code=UUID(message.key.split(":")[3])).first()
    except (IndexError, ValueError):
        return None
