"""Reads about what ends with a circle."""

from datetime import datetime
from typing import Any

from circles.access import Seat
from circles.covenant_services import KEPT_AFTER_CLOSING
from circles.enums import Relied
from circles.models import Announcement, Circle, Invitation, Membership
from sessions.enums import SessionStatus
from sessions.models import CircleSession
from sessions.planning.selectors import sessions_coming


def what_ends(circle: Circle, *, now: datetime) -> dict[str, Any]:
    """The dates that would be cancelled and how many invitations would be withdrawn."""
    opened = Invitation.objects.filter(circle=circle, used_at=None, revoked_at=None, expires_at__gt=now)
    return {
        "dates": [session for session in sessions_coming(circle) if session.starts_at > now],
        "invited": opened.count(),
        "kept_days": KEPT_AFTER_CLOSING.days,
    }


def end_page(seat: Seat, *, now: datetime) -> dict[str, Any]:
    """Whether a circle can be deleted or is to be closed, and what that means."""
    circle = seat.circle
    others = Membership.objects.filter(circle=circle, left_at=None, user__is_active=True).exclude(user=seat.user)
    return what_ends(circle, now=now) | {
        "seat": seat,
        "circle": circle,
        "met": has_met(circle),
        "others": others.count(),
        "alone": was_ever_alone(circle),
        "announced": Announcement.objects.filter(circle=circle, settled_at=None, what=Relied.CLOSING).exists(),
    }


def has_met(circle: Circle) -> bool:
    """Whether a session of the circle was held, or is running now."""
    begun = (SessionStatus.RUNNING, SessionStatus.ENDED)
    return CircleSession.objects.filter(circle=circle, status__in=begun).exists()


def was_ever_alone(circle: Circle) -> bool:
    """Whether one person only was ever in the circle: nobody else can have written anything there."""
    return Membership.objects.filter(circle=circle).values("user").distinct().count() <= 1
