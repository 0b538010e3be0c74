"""What stands round a page: the head with what is unread, and the bar of a circle's places with its live room."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.counting import counted
from accounts.models import User
from accounts.statements import FixedStatement
from circles.models import Circle, Membership
from notifications.selectors import unread_counted
from programmes.models import ProgrammeAdmin
from sessions.enums import SessionStatus
from sessions.models import CircleSession, coming
from sessions.rules.door import NEAR

HEAD_OF_NOBODY: dict[str, Any] = {"unread": 0, "administers": False}


def head_of(user: User, *, now: datetime) -> dict[str, Any]:
    """How many notices wait (up to sixty), and whether they administer a programme. One query."""
    found = _head(user, no_mail=not user.takes_mail, now=now)
    return next(iter(found), HEAD_OF_NOBODY)


@FixedStatement
def _head(user: User, *, no_mail: bool, now: datetime) -> QuerySet[User, Any]:
    led = ProgrammeAdmin.objects.filter(user=OuterRef("pk"), since__lte=now)
    unread = unread_counted(user, no_mail=no_mail)
    return User.objects.filter(pk=user.pk).values(unread=unread, administers=Exists(led))


@dataclass(frozen=True)
class CirclePlace:
    """The circle's bar for one of its members: how many take part, and the session that is near, if any."""

    people: int
    live: UUID | None
    live_at: datetime | None
    running: bool


def circle_place(user: User, circle: Circle, *, now: datetime) -> CirclePlace | None:
    """The bar of a circle for a present member of it; None for everybody else. One query, however much there is."""
    row = next(iter(_place(user, circle, now=now)), None)
    if row is None:
        return None
    running = row["running"] == SessionStatus.RUNNING
    return CirclePlace(row["seats"], row["live"], row["live_at"], running)


@FixedStatement
def _place(user: User, circle: Circle, *, now: datetime) -> QuerySet[Membership, Any]:
    near = CircleSession.objects.filter(coming(now), circle=OuterRef("circle"), starts_at__lte=now + NEAR)
    first = near.order_by("-status", "starts_at")  # "running" sorts after "planned": what is under way comes first
    people = Membership.objects.filter(circle=OuterRef("circle"), left_at=None, takes_part=True)
    return Membership.objects.filter(circle=circle, user=user, left_at=None).values(
        seats=counted(people, "circle"),
        live=Subquery(first.values("code")[:1]),
        live_at=Subquery(first.values("starts_at")[:1]),
        running=Subquery(first.values("status")[:1]),
    )
