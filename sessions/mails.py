"""The mails of sessions: circle, time, role and a link. Never an issue, never a word that was said."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from circles.selectors import belongs
from notifications.models import Message
from notifications.registry import Kind, register
from sessions.enums import Role, Rsvp, SessionStatus
from sessions.guests.services import GUEST_INVITED, GUEST_NOT, GUEST_TOLD, guest_token
from sessions.models import CircleSession, GuestPass, Participation, SessionRole
from sessions.planning.services import CANCELLED, DAY_BEFORE, HOUR_BEFORE, MOVED, REMINDERS, SCHEDULED


def _session(message: Message, now: datetime) -> CircleSession | None:
    """The session if the person still belongs to its circle and the message is of its present revision."""
    session = CircleSession.objects.filter(code=message.subject_code, revision=message.revision)
    found = session.select_related("circle", "format_version").first()
    if found is None or found.starts_at <= now:
        return None
    guest = GuestPass.objects.accepted().filter(session=found, user=message.user)
    return found if belongs(found.circle, message.user) or guest.exists() else None


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


def _pass(message: Message) -> GuestPass | None:
    rows = GuestPass.objects.filter(code=message.subject_code)
    return rows.select_related("session__circle", "session__format_version", "invited_by").first()


def _guest(message: Message, now: datetime) -> tuple[GuestPass, dict[str, Any]] | None:
    """A pass that still stands, of a session that is still to come."""
    guest = _pass(message)
    if guest is None or guest.revoked_at or not guest.session.is_planned or guest.session.starts_at <= now:
        return None
    return guest, _context(guest.session, message) | {"guest": guest, "inviter": guest.invited_by}


def _guest_invited(message: Message, now: datetime) -> dict[str, Any] | None:
    found = _guest(message, now)
    if found is None or found[0].used_at:
        return None
    token = guest_token(found[0])
    if GuestPass.hash_of(token) != found[0].token_hash:
        return None  # SECRET_KEY has changed since: a link that does not work must not go out
    zone = found[0].session.zone
    return found[1] | {"zone": zone, "path": reverse("sessions:guest_open", args=[token])}


def _guest_told(message: Message, now: datetime) -> dict[str, Any] | None:
    """To the members, so that each can say that they would rather not."""
    found = _guest(message, now)
    return found[1] if found and belongs(found[0].session.circle, message.user) else None


def _guest_not(message: Message, now: datetime) -> dict[str, Any] | None:
    """To somebody who had said yes, and is not a guest after all."""
    guest = _pass(message)
    if guest is None or not guest.revoked_at or not guest.session.is_planned:
        return None
    return _context(guest.session, message) | {"path": reverse("pages:today")}


def register_kinds() -> None:
    register(
        Kind(GUEST_INVITED, "sessions/email/guest_invited", _guest_invited),
        Kind(GUEST_TOLD, "sessions/email/guest_told", _guest_told),
        Kind(GUEST_NOT, "sessions/email/guest_not", _guest_not),
        Kind(SCHEDULED, "sessions/email/scheduled", _planned),
        Kind(MOVED, "sessions/email/moved", _planned),
        Kind(CANCELLED, "sessions/email/cancelled", _cancelled),
        Kind(DAY_BEFORE, "sessions/email/reminder", _reminder),
        Kind(HOUR_BEFORE, "sessions/email/reminder", _reminder),
    )
