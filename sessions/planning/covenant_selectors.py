"""Reads about what a circle promised itself: how many sessions of it were held, and what is due then."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.statements import FixedStatement
from agreements.selectors import last_looked_on
from circles.models import Circle, Covenant, CovenantVote, Membership
from sessions.enums import SessionStatus
from sessions.models import CircleSession

LOOK_AFTER = 3


def of_covenant(circle_id: int | OuterRef) -> Q:
    """Sessions that count towards the promise the circle made last: since it was made, and none to practise."""
    later = Covenant.objects.filter(circle=circle_id, number__gt=1).order_by("-number").values("opened_at")[:1]
    # The first promise has no beginning: sessions held before anything was promised count towards it.
    since = Coalesce(Subquery(later), Value(datetime.min.replace(year=1900, tzinfo=UTC)))
    return Q(practice=False, starts_at__gte=since)


def held_count(circle: Circle) -> int:
    """How many of the sessions now promised were held."""
    return CircleSession.objects.filter(of_covenant(circle.pk), circle=circle, status=SessionStatus.ENDED).count()


def has_met(circle: Circle) -> bool:
    """Whether it ever held a session that was none to practise."""
    return CircleSession.objects.filter(circle=circle, practice=False, status=SessionStatus.ENDED).exists()


def covenants_due() -> QuerySet[Covenant]:
    """The promises that were held and are not decided upon yet, of circles that are not closed."""
    held = Q(circle__sessions__status=SessionStatus.ENDED, circle__sessions__practice=False)
    since = Q(number=1) | Q(circle__sessions__starts_at__gte=F("opened_at"))
    rows = Covenant.objects.filter(decided_at=None, circle__closed_at=None).select_related("circle")
    return rows.annotate(held=Count("circle__sessions", filter=held & since)).filter(held__gte=F("sessions"))


def decisions_to_make(user: User) -> QuerySet[Covenant]:
    """Promises of a person's circles that were held, where they have not said how to go on; nothing is asked yet."""
    mine = Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None, takes_part=True)
    said = CovenantVote.objects.filter(covenant=OuterRef("pk"), user=user)
    return covenants_due().filter(Exists(mine), ~Exists(said)).order_by("pk")


@dataclass(frozen=True)
class Counts:
    """Which of the promised sessions this is (one to practise is number 0), and how many were held."""

    number: int
    held: int


def look_is_due(circle: Circle) -> bool:
    """Whether three sessions were held since the circle last looked at its agreement."""
    looked_on = last_looked_on(circle)
    return len(_held_since(circle, looked_on)) >= LOOK_AFTER


@FixedStatement
def _held_since(circle: Circle, looked_on: date | None) -> QuerySet[CircleSession, Any]:
    held = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
    if looked_on:
        held = held.filter(local_date__gt=looked_on)
    return held.values("pk")[:LOOK_AFTER]


def counts_of(session: CircleSession) -> Counts:
    """Which session of the promise it is, and how many were held. Session 0 counts as none.

    Sessions that were cancelled or not held take no number, so that numbers have no gaps.
    """
    found = _counted(session.circle_id, session.starts_at, session.pk)
    earlier, held = found[0] if found else (0, 0)
    return Counts(0 if session.practice else earlier + 1, held)


@FixedStatement
def _counted(circle: int, starts_at: datetime, session: int) -> QuerySet[CircleSession, tuple[int, int]]:
    before = Q(starts_at__lt=starts_at) | Q(starts_at=starts_at, pk__lt=session)
    own = CircleSession.objects.filter(of_covenant(circle), circle=circle).order_by().values("circle")
    counts = own.annotate(
        earlier=Count("pk", filter=before & ~Q(status__in=[SessionStatus.CANCELLED, SessionStatus.NOT_HELD])),
        held=Count("pk", filter=Q(status=SessionStatus.ENDED)),
    )
    return counts.values_list("earlier", "held")
