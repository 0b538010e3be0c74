"""Who may see a circle, decided here only. Whoever may not gets the same 404 as for one that does not exist."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef
from django.http import Http404

from accounts.models import User
from circles.models import Announcement, Circle, Membership, RemovalRequest


@dataclass(frozen=True)
class Seat:
    """A person's present place in a circle: who they are there and what they may do."""

    circle: Circle
    user: User
    membership: Membership

    @property
    def facilitates(self) -> bool:
        """Whether they may do what a facilitator does: in a circle that runs itself, everybody with a seat."""
        return self.membership.runs

    @property
    def announced(self) -> bool:
        """Whether a change of what all rely on may be under way: only then is it looked for."""
        return bool(getattr(self.membership, "announced", True))

    def saw(self, since: datetime) -> bool:
        """Whether what the circle has said since then is theirs to read: whoever came from outside later does not."""
        return self.membership.takes_part or self.membership.joined_at <= since


def get_circle(user: User | AnonymousUser, code: UUID) -> Seat:
    """The circle with this code for a present member of it; Http404 for everybody else, staff included."""
    membership = (
        Membership.objects.filter(circle__code=code, user_id=user.pk or 0, left_at=None, user__is_active=True)
        .annotate(announced=Exists(Announcement.objects.filter(circle=OuterRef("circle"), settled_at=None)))
        .select_related("circle__vault")
        .first()
    )
    if membership is None:
        raise Http404
    return Seat(membership.circle, cast(User, user), membership)


def get_circle_to_run(user: User | AnonymousUser, code: UUID) -> Seat:
    """As `get_circle`, for a facilitator of it only."""
    seat = get_circle(user, code)
    if not seat.facilitates:
        raise Http404
    return seat


def get_removal(user: User | AnonymousUser, code: UUID) -> RemovalRequest:
    """An open question whether somebody stays, for the other members of their circle; not for the one it is about."""
    found = RemovalRequest.objects.still_asked().filter(code=code)
    removal: RemovalRequest | None = found.select_related("membership__circle", "membership__user", "asked_by").first()
    if removal is None or removal.membership.user == user:
        raise Http404
    get_circle(user, removal.membership.circle.code)
    return removal


def get_change(user: User | AnonymousUser, code: UUID) -> tuple[Seat, Announcement]:
    """A change of what all rely on that is not settled, for those in its circle.

    While it waits for somebody's yes it is between that person and whoever asked them.
    """
    found = Announcement.objects.filter(code=code, settled_at=None)
    change = found.select_related("circle", "about__user", "asked_by").first()
    if change is None:
        raise Http404
    seat = get_circle(user, change.circle.code)
    between = (change.asked_by, change.about.user if change.about else None)
    if change.waits_for_yes and seat.user not in between:
        raise Http404
    return seat, change
