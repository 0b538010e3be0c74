"""The circles of somebody as cards and rows: who sits there, what is promised and held, the next date, what is due."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.counting import counted
from accounts.models import User
from accounts.statements import FixedStatement
from agreements.selectors import has_signed
from circles.enums import CircleStatus
from circles.models import Covenant, Membership
from circles.selectors import SHOWN_AT_MOST
from pages.waiting_selectors import names_said
from sessions.enums import SessionStatus
from sessions.models import CircleSession, coming
from sessions.planning.covenant_selectors import of_covenant
from sessions.planning.finding_selectors import polls_open

Membered = Any  # a membership with the columns that `memberships_shown` counts beside it


def memberships_shown(user: User, *, now: datetime) -> list[Membered]:
    """The circles a person is in, by name, each with what its card says. One query, however many there are.

    `seats`, `held` of the promise, `promised` (None between two promises), `next_at` and `next_code` of the next
    session, `last_at` of the last one, `unsigned` (how many members have not signed), `poll` (the code of an open one).
    """
    return _shown(user, now=now)


@FixedStatement
def _shown(user: User, *, now: datetime) -> QuerySet[Membership, Membered]:
    here = OuterRef("circle")
    members = Membership.objects.filter(circle=here, left_at=None)
    held = CircleSession.objects.filter(circle=here, status=SessionStatus.ENDED)
    ahead = CircleSession.objects.filter(coming(now), circle=here).order_by("starts_at", "pk")
    rows = Membership.objects.filter(user=user, left_at=None).exclude(circle__status=CircleStatus.CLOSED)
    rows = rows.annotate(
        seats=counted(members.filter(takes_part=True), "circle"),
        unsigned=counted(members.filter(~has_signed()), "circle"),
        held=counted(held.filter(of_covenant(OuterRef("circle"))), "circle"),
        promised=Subquery(Covenant.objects.filter(circle=here, decided_at=None).values("sessions")[:1]),
        next_at=Subquery(ahead.values("starts_at")[:1]),
        next_code=Subquery(ahead.values("code")[:1]),
        last_at=Subquery(held.order_by("-starts_at").values("starts_at")[:1]),
        poll=Subquery(polls_open(now=now).filter(circle=here).values("code")[:1]),
    )
    return rows.select_related("circle").order_by("circle__name", "pk")[:SHOWN_AT_MOST]


def say_who_has_not_signed(led: Sequence[Membered], user: User) -> None:
    """Give each card of a circle that somebody looks after the `names` of others who have not signed. One query."""
    found: dict[int, list[User]] = defaultdict(list)
    circles = [one.circle_id for one in led if one.unsigned]
    if circles:
        rows = Membership.objects.filter(~has_signed(), circle__in=circles, left_at=None).exclude(user=user)
        for row in rows.select_related("user").order_by("joined_at", "pk"):
            found[row.circle_id].append(row.user)
    for one in led:
        one.names = names_said(found[one.circle_id]) if found[one.circle_id] else ""
