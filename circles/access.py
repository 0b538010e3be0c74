"""Who may see a circle, decided here only. Whoever may not gets the same 404 as for one that does not exist."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.statements import FixedStatement
from circles.models import Announcement, Circle, Goal, Membership, RemovalRequest


class CircleClosed(Refused):
    """Something new was asked of a circle that is closed, or words of one whose words are deleted.

    Said on the circle's page by `config.middleware.Refusals`, wherever it was asked.
    """

    def __init__(self, circle: Circle, why: str) -> None:
        super().__init__(why)
        self.circle = circle


@dataclass(frozen=True)
class Seat:
    """A person's present place in a circle: who they are there and what they may do."""

    circle: Circle
    user: User
    membership: Membership

    @property
    def facilitates(self) -> bool:
        """Whether they may do what a facilitator does: in a circle that runs itself, everybody with a seat."""
        return self.membership.runs and self.is_open

    @property
    def announced(self) -> bool:
        """Whether a change of what all rely on may be under way: only then is it looked for."""
        return bool(getattr(self.membership, "announced", True))

    @property
    def is_open(self) -> bool:
        """Whether anything new can begin in the circle: it is not closed."""
        return self.circle.closed_at is None

    def saw(self, at: datetime) -> bool:
        """Whether what was said then is theirs to read: nothing from before they came is, whoever they are."""
        return self.membership.joined_at <= at


def get_seat(user: User | AnonymousUser, code: UUID) -> Seat:
    """The circle with this code for a present member of it, also once its words are deleted.

    Http404 for everybody else, staff included. For pages that show dates and counts only; others ask `get_circle`.
    """
    membership = next(iter(_place_in(code=code, user=user.pk or 0)), None)
    if membership is None:
        raise Http404
    return Seat(membership.circle, cast(User, user), membership)


@FixedStatement
def _place_in(*, code: UUID, user: int) -> QuerySet[Membership, Any]:
    rows = Membership.objects.filter(circle__code=code, user_id=user, left_at=None, user__is_active=True)
    changing = Announcement.objects.filter(circle=OuterRef("circle"), settled_at=None)
    return rows.annotate(announced=Exists(changing)).select_related("circle__vault").order_by("pk")[:1]


def get_circle(user: User | AnonymousUser, code: UUID, *, writes: bool = False) -> Seat:
    """The circle for a present member who reads in it, or who writes something new there (`writes`).

    Http404 for everybody else; CircleClosed where it is closed and they write, or where its words are deleted.
    """
    seat = get_seat(user, code)
    must_have_words(seat.circle)
    if writes:
        must_be_open(seat.circle)
    return seat


def get_circle_to_run(user: User | AnonymousUser, code: UUID) -> Seat:
    """As `get_circle`, for a facilitator of it only, who invites, schedules and changes: a closed one has no such."""
    seat = get_seat(user, code)
    if not seat.membership.runs:
        raise Http404
    must_be_open(seat.circle)
    return seat


def must_be_open(circle: Circle) -> None:
    """CircleClosed for a circle in which nothing new begins any more."""
    must_have_words(circle)
    if circle.closed_at:
        raise CircleClosed(circle, _("This circle is closed: what was said can be read, and nothing new begins in it."))


def must_have_words(circle: Circle) -> None:
    """CircleClosed for a circle whose key is destroyed: of what was said in it nothing is left."""
    if circle.vault.destroyed_at:
        raise CircleClosed(circle, _("What was said in this circle has been deleted. Dates and counts stay."))


def reads_goal(seat: Seat, goal: Goal) -> bool:
    """One written, or read out, since they came; their own; and for members all that wait to be read out at first."""
    told = goal.told_at and seat.saw(goal.told_at)
    waits = goal.told_at is None and seat.membership.takes_part
    return bool(seat.user.pk == goal.user_id or seat.saw(goal.written_at) or told or waits)


def get_removal(user: User | AnonymousUser, code: UUID) -> RemovalRequest:
    """An open question whether somebody stays, for the other members of their circle; not for the one it is about."""
    found = RemovalRequest.objects.still_asked().filter(code=code)
    removal: RemovalRequest | None = found.select_related("membership__circle", "membership__user", "asked_by").first()
    if removal is None or removal.membership.user == user:
        raise Http404
    get_circle(user, removal.membership.circle.code, writes=True)
    return removal


def get_change(user: User | AnonymousUser, code: UUID) -> tuple[Seat, Announcement]:
    """A change of what all rely on that is not settled, for those in its circle.

    While it waits for somebody's yes it is between that person and whoever asked them.
    """
    found = Announcement.objects.filter(code=code, settled_at=None)
    change = found.select_related("circle", "about__user", "asked_by").first()
    if change is None:
        raise Http404
    seat = get_circle(user, change.circle.code, writes=True)
    between = (change.asked_by, change.about.user if change.about else None)
    if change.waits_for_yes and seat.user not in between:
        raise Http404
    return seat, change
