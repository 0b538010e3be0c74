"""The mails of sessions: circle, time, role and a link. Never an issue, never a word that was said."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from circles.models import Membership
from notifications.models import Message
from notifications.registry import Kind, register
from sessions.enums import Role, Rsvp, SessionStatus
from sessions.models import CircleSession, Participation, SessionRole
from sessions.planning.services import CANCELLED, DAY_BEFORE, HOUR_BEFORE, MOVED, REMINDERS, SCHEDULED


def _session(message: Message, now: datetime) -> CircleSession | None:
    """The session if the person still belongs to its circle and the message is of its present revision."""
    session = CircleSession.objects.filter(code=message.subject_code, revision=message.revision)
    found = session.select_related("circle", "format_version").first()
    if found is None or found.starts_at <= now:
        return None
    member = Membership.objects.filter(circle=found.circle, user=message.user, left_at=None).exists()
    return found if member else None


def _context(session: CircleSession, message: Message) -> dict[str, Any]:
    zone = message.user.time_zone if message.user else session.zone
    role = SessionRole.objects.filter(session=session, user=message.user).order_by("role_key").first()
    return {
        "circle": session.circle,
        "session": session,
        "starts": session.starts_local(zone),
        "format": session.format_version.name,
        "role": Role(role.role_key).label if role else "",
        "path": reverse("sessions:session", args=[session.code]),
    }


def _planned(message: Message, now: datetime) -> dict[str, Any] | None:
    session = _session(message, now)
    if session is None or session.status != SessionStatus.PLANNED:
        return None
    return _context(session, message)


def _reminder(message: Message, now: datetime) -> dict[str, Any] | None:
    context = _planned(message, now)
    away = (
        context and Participation.objects.filter(session=context["session"], user=message.user, rsvp=Rsvp.NO).exists()
    )
    if context is None or away or _superseded(message, context["session"], now):
        return None
    starts = context["starts"]
    days = (starts.date() - now.astimezone(starts.tzinfo).date()).days
    return context | {"near": {0: _("Today"), 1: _("Tomorrow")}.get(days) or date_format(starts, "l j F")}


def _superseded(message: Message, session: CircleSession, now: datetime) -> bool:
    """A reminder so late that a nearer one is due already says nothing new."""
    own = REMINDERS[message.kind]
    return any(before < own and now >= session.starts_at - before for before in REMINDERS.values())


def _cancelled(message: Message, now: datetime) -> dict[str, Any] | None:
    session = _session(message, now)
    if session is None or session.status != SessionStatus.CANCELLED:
        return None
    return _context(session, message)


def register_kinds() -> None:
    register(
        Kind(SCHEDULED, "sessions/email/scheduled", _planned),
        Kind(MOVED, "sessions/email/moved", _planned),
        Kind(CANCELLED, "sessions/email/cancelled", _cancelled),
        Kind(DAY_BEFORE, "sessions/email/reminder", _reminder),
        Kind(HOUR_BEFORE, "sessions/email/reminder", _reminder),
    )
