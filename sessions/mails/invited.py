"""The mail that invites into a circle: who asks, when it meets first and for how long, to what purpose."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from circles.models import Invitation
from circles.selectors import covenant_of
from circles.tokens import token_for
from notifications.models import Message
from sessions.enums import SessionStatus
from sessions.models import CircleSession


def invited(message: Message, now: datetime) -> dict[str, Any] | None:
    """While the invitation is open. Times are the circle's, since nobody knows yet where its reader lives.

    What its writer calls the reader is sealed, and greets them on the page alone.
    """
    rows = Invitation.objects.filter(code=message.subject_code).select_related("circle", "invited_by")
    invitation = rows.first()
    if invitation is None or not invitation.is_open(now):
        return None
    token = token_for(invitation)
    if Invitation.hash_of(token) != invitation.token_hash:
        return None  # SECRET_KEY has changed since: a link that does not work must not go out
    circle = invitation.circle
    coming = CircleSession.objects.filter(circle=circle, status=SessionStatus.PLANNED, starts_at__gt=now)
    covenant = covenant_of(circle)
    return {
        "circle": circle,
        "inviter": invitation.invited_by,
        "first": coming.order_by("starts_at", "pk").first(),
        "promised": covenant.sessions if covenant else 0,
        "until": invitation.expires_at,
        "path": reverse("pages:invitation_open", args=[token]),
    }
