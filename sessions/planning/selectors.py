"""Reads about the sessions of circles and people: which come, which were held, which stand in each other's way."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Window

from accounts.counting import counted
from accounts.models import User
from accounts.paging import in_pages
from accounts.selectors import away_at
from accounts.statements import FixedStatement
from circles.enums import Cadence
from circles.invitation_services import invited_count
from circles.models import Circle, Covenant, Membership
from circles.selectors import covenant_of
from sessions.enums import SessionStatus
from sessions.models import CircleSession, GuestPass, Participation, coming
from sessions.planning.covenant_selectors import of_covenant
from sessions.rules.reading import LONGEST_SESSION

COMING_AT_MOST = 12
USUAL_MINUTES = 120
OTHERS_LOOKED_AT = 400
PAST_AT_MOST = 12


def sessions_coming(circle: Circle) -> list[CircleSession]:
    """Planned and running sessions, the next first."""
    return _first_coming(circle)


@FixedStatement
def _first_coming(circle: Circle) -> QuerySet[CircleSession]:
    return _coming(circle)[:COMING_AT_MOST]


def _coming(circle: Circle) -> QuerySet[CircleSession]:
    rows = CircleSession.objects.filter(circle=circle, status__in=[SessionStatus.PLANNED, SessionStatus.RUNNING])
    return rows.select_related("format_version").order_by("starts_at", "pk")


def sessions_coming_page(circle: Circle, number: str | None = None) -> Page[CircleSession]:
    """As `sessions_coming`, by pages."""
    return _coming_page(number, circle)


@in_pages(COMING_AT_MOST)
def _coming_page(circle: Circle) -> QuerySet[CircleSession]:
    return _coming(circle).select_related("format_version", "leg")


def sessions_held(circle: Circle, number: str | None = None) -> Page[Any]:
    """Held sessions, the latest first, by pages; each carries `held_so_far`: how many of those now promised were."""
    rows = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
    rows = rows.annotate(held_so_far=Window(Count("pk", filter=of_covenant(circle.pk))), in_all=Window(Count("pk")))
    rows = rows.select_related("format_version", "leg").order_by("-starts_at", "-pk")
    pages = Paginator(rows, PAST_AT_MOST)
    if number in (None, "1"):
        first = list(rows[:PAST_AT_MOST])
        pages.__dict__["count"] = first[0].in_all if first else 0  # known already: one question less
        return Page(first, 1, pages)
    return pages.get_page(number)


def held_page_of(circle: Circle, until: date) -> int:
    """On which page of `sessions_held` the first session stands that was not held after a day."""
    rows = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
    return rows.filter(local_date__gt=until).count() // PAST_AT_MOST + 1


@dataclass(frozen=True)
class Beside:
    """Which of the promised sessions one is (`counts_of`), of how many (0 between two promises), those around it."""

    number: int
    promised: int
    before: CircleSession | None
    after: CircleSession | None


def beside(session: CircleSession) -> Beside:
    """What stands around a session in its circle, leaving out what was called off. One query."""
    around = _around(session.circle_id, session.starts_at, session.pk)
    at = [one.pk for one in around].index(session.pk)
    return Beside(
        0 if session.practice else around[at].earlier + 1,
        around[at].promised or 0,
        around[at - 1] if at else None,
        around[at + 1] if at + 1 < len(around) else None,
    )


@FixedStatement
def _around(circle: int, starts_at: datetime, session: int) -> QuerySet[CircleSession, Any]:
    off = [SessionStatus.CANCELLED, SessionStatus.NOT_HELD]
    rows = CircleSession.objects.filter(circle=circle).exclude(status__in=off)
    earlier = rows.filter(Q(starts_at__lt=starts_at) | Q(starts_at=starts_at, pk__lt=session))
    later = rows.filter(Q(starts_at__gt=starts_at) | Q(starts_at=starts_at, pk__gt=session))
    near = (earlier.order_by("-starts_at", "-pk"), later.order_by("starts_at", "pk"))
    before, after = (Q(pk=Subquery(one.values("pk")[:1])) for one in near)
    promised = Covenant.objects.filter(circle=circle, decided_at=None).values("sessions")[:1]
    found = CircleSession.objects.filter(Q(pk=session) | before | after).annotate(
        promised=Subquery(promised), earlier=counted(earlier.filter(of_covenant(circle)), "circle")
    )
    return found.order_by("starts_at", "pk")


def sessions_next_for(user: User, *, now: datetime) -> list[CircleSession]:
    """The next sessions of a person's circles, and those they are a guest of; planned for over a day ago is past.

    Each carries `said`: whether they come, as far as they have said so.
    """
    return _next_for(user, now=now)


@FixedStatement
def _next_for(user: User, *, now: datetime) -> QuerySet[CircleSession, Any]:
    said = Participation.objects.filter(session=OuterRef("pk"), user=user).values("rsvp")[:1]
    rows = CircleSession.objects.filter(
        coming(now),
        Exists(Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None))
        | Exists(GuestPass.objects.standing(now).filter(session=OuterRef("pk"), user=user)),
    )
    rows = rows.annotate(said=Subquery(said)).select_related("circle", "format_version")
    return rows.order_by("starts_at", "pk")[:COMING_AT_MOST]


Span = tuple[datetime, datetime]


def _meanwhile(rows: QuerySet[CircleSession], spans: Sequence[Span]) -> dict[int, CircleSession]:
    """Planned sessions among `rows` that run at the same time as a span, by its position. One query."""
    if not spans:
        return {}
    near = rows.filter(
        status__in=[SessionStatus.PLANNED, SessionStatus.RUNNING],
        starts_at__lt=max(end for _start, end in spans),
        starts_at__gt=min(start for start, _end in spans) - timedelta(minutes=LONGEST_SESSION),
    )
    others = list(near.select_related("circle").order_by("starts_at", "pk")[:OTHERS_LOOKED_AT])
    return {
        at: other
        for at, (start, end) in enumerate(spans)
        for other in others
        if other.starts_at < end and other.plans_to_end_at > start
    }


def sessions_at(circle: Circle, spans: Sequence[Span], *, besides: Collection[int] = ()) -> dict[int, CircleSession]:
    """Sessions of the circle that are planned at the same time, by position in `spans`."""
    return _meanwhile(CircleSession.objects.filter(circle=circle).exclude(pk__in=besides), spans)


def clashes_of(user: User, circle: Circle, spans: Sequence[Span]) -> dict[int, CircleSession]:
    """Sessions of a person's other circles at the same time, by position in `spans`: theirs to know, nobody else's."""
    mine = Exists(Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None))
    return _meanwhile(CircleSession.objects.filter(mine).exclude(circle=circle), spans)


@dataclass(frozen=True)
class Begin:
    """Where the next dates of a circle would begin: after the last one, in its rhythm, as it was."""

    on: date | None
    at: str
    minutes: int
    place: str
    call_link: str
    left: int


def where_to_begin(circle: Circle, *, now: datetime) -> Begin:
    """A day for the next session, what the last one was like, and how many of those promised are not planned yet."""
    rows = CircleSession.objects.filter(
        circle=circle, status__in=[SessionStatus.PLANNED, SessionStatus.RUNNING, SessionStatus.ENDED]
    )
    last = rows.order_by("-starts_at", "-pk").first()
    covenant = covenant_of(circle)
    # One that was planned and never held is still to be planned.
    counted = rows.filter(status=SessionStatus.ENDED) | CircleSession.objects.filter(coming(now), circle=circle)
    left = (covenant.sessions if covenant else 0) - counted.filter(of_covenant(circle.pk)).count()
    if last is None:
        return Begin(None, "", USUAL_MINUTES, "", "", left)
    on: date = last.local_date
    while on <= now.date():
        on += timedelta(days=Cadence(circle.cadence).days)
    if on == last.local_date:
        on += timedelta(days=Cadence(circle.cadence).days)
    return Begin(on, last.local_time.strftime("%H:%M"), last.minutes, last.place, last.call_link, left)


def likely_people(circle: Circle, seats: int, *, now: datetime) -> int:
    """How many to plan for: those with a seat and those who are invited, as many as the circle wants at least."""
    return min(circle.max_size, max(circle.min_size, seats + invited_count(circle, now=now)))


def sessions_away_from(user: User, *, now: datetime) -> tuple[int, int]:
    """From how many planned sessions of theirs somebody is away, and how many there are."""
    mine = Exists(Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None))
    starts = list(
        CircleSession.objects.filter(mine, status=SessionStatus.PLANNED, starts_at__gt=now).values_list(
            "starts_at", flat=True
        )
    )
    away = away_at([user], starts)
    return sum(bool(away[at]) for at in starts), len(starts)


def made_instead(session: CircleSession) -> CircleSession | None:
    """The date at the end of the series that was made in the moment in which this one was left out, as it was made."""
    if session.series_id is None or session.slot_on is None or session.changed_at is None:
        return None
    made = CircleSession.objects.filter(
        series=session.series_id, slot_on__gt=session.slot_on, changed_at=session.changed_at, revision=0
    )
    return made.filter(status=SessionStatus.PLANNED).select_related("circle", "format_version").order_by("-pk").first()


def guests_of(session: CircleSession) -> list[GuestPass]:
    """Those who are invited as guests, or have said yes."""
    return _guests(session)


@FixedStatement
def _guests(session: CircleSession) -> QuerySet[GuestPass]:
    rows = GuestPass.objects.filter(session=session, revoked_at=None).select_related("user", "session__circle")
    return rows.order_by("created_at", "pk")
