"""What every mail about a session knows: whether it holds for its reader, the session, when, their roles, a link."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.statements import FixedStatement
from circles.models import Membership
from notifications.models import Message
from sessions.enums import Role, SessionStatus
from sessions.models import CircleSession, GuestPass, SessionRole


def session_coming(message: Message, now: datetime) -> CircleSession | None:
    """The session if the person still belongs to its circle and the message is of its present revision."""
    found = _found(message.user, message.subject_code, message.revision)
    return found[0] if found and found[0].starts_at > now else None


def session_of(message: Message) -> QuerySet[CircleSession]:
    """The session a message is about in its present revision, for members of its circle and guests who said yes."""
    return _for(message.user, message.subject_code, message.revision)


def _for(user: User | None, code: UUID, revision: int) -> QuerySet[CircleSession]:
    member = Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None)
    guest = GuestPass.objects.accepted().filter(session=OuterRef("pk"), user=user)
    rows = CircleSession.objects.filter(Exists(member) | Exists(guest), code=code, revision=revision)
    return rows.select_related("circle", "format_version")


# What is asked of every mail, some of them thousands at once, is put together once.
_found = FixedStatement(_for)


@FixedStatement
def _roles(session: CircleSession, user: User | None) -> QuerySet[SessionRole, str]:
    held = SessionRole.objects.filter(session=session, user=user).order_by("role_key")
    return held.values_list("role_key", flat=True)


@FixedStatement
def _as_it_was(session: CircleSession, revision: int, status: str) -> QuerySet[CircleSession, int]:
    return CircleSession.objects.filter(pk=session.pk, revision=revision, status=status).values_list("pk", flat=True)


def context_of(session: CircleSession, message: Message) -> dict[str, Any]:
    """What a mail before a session says of it; it is of no use once that has begun (`by`), or changed (`still`)."""
    zone = message.user.zone_or(session.zone) if message.user else session.zone
    # One small question just before sending, in place of all that preparing asks.
    revision, status = session.revision, session.status
    roles = [str(Role(key).label) for key in _roles(session, message.user)]
    return {
        "circle": session.circle,
        "session": session,
        "starts": session.starts_local(zone),
        "by": session.starts_at,
        "still": lambda at: session.starts_at > at and bool(_as_it_was(session, revision, status)),
        "was": session.moved_from,
        "format": session.format_version.name,
        "roles": roles,
        "role": ", ".join(roles),
        "path": reverse("sessions:session", args=[session.code]),
    }


def context_after(session: CircleSession, message: Message) -> dict[str, Any]:
    """As `context_of` for a mail that goes when the session is over: that its time has passed makes it no less true."""
    return {name: value for name, value in context_of(session, message).items() if name not in ("by", "still")}


def planned(message: Message, now: datetime) -> dict[str, Any] | None:
    session = session_coming(message, now)
    if session is None or session.status != SessionStatus.PLANNED:
        return None
    return context_of(session, message)
