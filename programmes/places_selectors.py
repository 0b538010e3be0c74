"""Where people stand whom a programme placed: in a circle, invited to one, or in none. Never why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.models import User
from circles.models import Circle, Invitation, Membership
from programmes.enums import EnrolmentStatus
from programmes.models import Enrolment, Programme, RoundCircle

IN, INVITED, LAPSED, DECLINED, LEFT, CLOSED = "in", "invited", "lapsed", "declined", "left", "closed"
STATES = {"open": INVITED, "expired": LAPSED, "declined": DECLINED, "accepted": LEFT}


@dataclass(frozen=True)
class Place:
    """What became of the latest circle that was made for somebody."""

    state: str
    circle: Circle

    @property
    def words(self) -> str:
        """Where somebody of the programme is with a circle, in words."""
        said = {
            IN: _("In %(circle)s"),
            INVITED: _("Invited to %(circle)s, not answered"),
            LAPSED: _("The invitation to %(circle)s has run out"),
            DECLINED: _("Said no to %(circle)s"),
            LEFT: _("No longer in %(circle)s"),
            CLOSED: _("%(circle)s has closed"),
        }
        return said[self.state] % {"circle": self.circle.name}


def circles_of(programme: Programme) -> QuerySet[RoundCircle, Any]:
    """Keys of the circles that were made for the programme, to be asked in a query; none of them is read."""
    return RoundCircle.objects.filter(round__programme=programme).values("circle")


def places_of(programme: Programme, users: Sequence[User], *, now: datetime) -> dict[int, Place]:
    """By user: the circle somebody is in, else the latest they were invited to or in. Two queries."""
    circles = circles_of(programme)
    found: dict[int, tuple[bool, datetime, Place]] = {}
    by_address = {user.email.lower(): user.pk for user in users}
    asked = Invitation.objects.filter(circle__in=circles, email__in=by_address, revoked_at=None)
    for one in asked.select_related("circle").defer("name", "word"):
        place = Place(STATES[one.state(now)], one.circle)
        _later(found, by_address[one.email], (False, one.created_at, place))
    rows = Membership.objects.filter(circle__in=circles, user__in=users).select_related("circle")
    for member in rows:
        inside = member.left_at is None and member.circle.closed_at is None
        state = IN if inside else LEFT if member.left_at else CLOSED
        _later(found, member.user_id, (inside, member.joined_at, Place(state, member.circle)))
    return {user: place for user, (_inside, _at, place) in found.items()}


def _later(found: dict[int, tuple[bool, datetime, Place]], user: int, new: tuple[bool, datetime, Place]) -> None:
    if user not in found or new[:2] >= found[user][:2]:
        found[user] = new


def is_in_circle(programme: Programme) -> Exists:
    """That the person of an enrolment is in an open circle of its programme."""
    rows = Membership.objects.filter(circle__in=circles_of(programme), circle__closed_at=None, left_at=None)
    return Exists(rows.filter(user=OuterRef("user")))


def is_asked_to(programme: Programme, now: datetime) -> Exists:
    """That the person of an enrolment has an invitation to a circle of its programme that they can still answer."""
    rows = Invitation.objects.filter(circle__in=circles_of(programme), circle__closed_at=None)
    rows = rows.filter(used_at=None, revoked_at=None, expires_at__gt=now)
    return Exists(rows.annotate(address=Lower("email")).filter(address=Lower(OuterRef("user__email"))))


def placed_counts(programme: Programme, *, now: datetime) -> dict[str, int]:
    """Of those a circle was made for: how many are in one, have not answered, or are in none. One query."""
    rows = Enrolment.objects.filter(programme=programme, status=EnrolmentStatus.PLACED).order_by()
    rows = rows.annotate(inside=is_in_circle(programme), asked=is_asked_to(programme, now))
    found: dict[str, int] = rows.aggregate(
        inside_count=Count("pk", filter=Q(inside=True)),
        asked_count=Count("pk", filter=Q(inside=False, asked=True)),
        none_count=Count("pk", filter=Q(inside=False, asked=False)),
    )
    return {"inside": found["inside_count"], "unanswered": found["asked_count"], "in_none": found["none_count"]}
