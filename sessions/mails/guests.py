"""Mails to guests and about them."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from circles.selectors import belongs
from notifications.models import Message
from sessions.mails.context import context_of
from sessions.mails.inviting import calendar_for
from sessions.models import GuestPass


def _pass(message: Message) -> GuestPass | None:
    rows = GuestPass.objects.filter(code=message.subject_code)
    return rows.select_related("session__circle", "session__format_version", "invited_by").first()


def _guest(message: Message, now: datetime) -> tuple[GuestPass, dict[str, Any]] | None:
    """A pass that still stands, of a session that is still to come."""
    guest = _pass(message)
    if guest is None or guest.revoked_at or not guest.session.is_planned or guest.session.starts_at <= now:
        return None
    return guest, context_of(guest.session, message) | {"guest": guest, "inviter": guest.invited_by}


def guest_invited(message: Message, now: datetime) -> dict[str, Any] | None:
    found = _guest(message, now)
    # Said yes already, by the page: asking again would read as if that had been lost.
    if found is None or found[0].used_at:
        return None
    token = found[0].secret
    if GuestPass.hash_of(token) != found[0].token_hash:
        return None  # SECRET_KEY has changed since: a link that does not work must not go out
    zone = found[0].session.zone
    return found[1] | {"zone": zone, "path": reverse("sessions:guest_open", args=[token])}


def guest_told(message: Message, now: datetime) -> dict[str, Any] | None:
    """To the members, so that each can say that they would rather not."""
    found = _guest(message, now)
    return found[1] if found and belongs(found[0].session.circle, message.user) else None


def guest_not(message: Message, now: datetime) -> dict[str, Any] | None:
    """To somebody who had said yes, and is not a guest after all."""
    guest = _pass(message)
    if guest is None or not guest.revoked_at or not guest.session.is_planned:
        return None
    return context_of(guest.session, message) | {"path": reverse("pages:today")}


def guest_comes(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a guest who has said yes: when, where, what they sign first, and the entry for their calendar."""
    found = _guest(message, now)
    if found is None or not found[0].is_accepted or found[0].user != message.user:
        return None
    return found[1] | calendar_for(message, [found[0].session], now=now)


def guest_answered(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever invited a guest, while they are in the circle: that they come, or that there is no such guest."""
    guest = _pass(message)
    if guest is None or not guest.session.is_planned or guest.session.starts_at <= now:
        return None
    if not belongs(guest.session.circle, message.user):
        return None
    return context_of(guest.session, message) | {"guest": guest, "comes": guest.is_accepted}
