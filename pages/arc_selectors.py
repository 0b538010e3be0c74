"""Reads about the arc of a circle: what it decides after its sessions, how it closes, and who looks after it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from agreements.selectors import signatures_in_force
from circles.access import Seat
from circles.covenant_services import KEPT_AFTER_CLOSING
from circles.enums import Decision
from circles.models import Circle, CovenantVote, Membership
from circles.rules.deciding import standing
from circles.selectors import SHOWN_AT_MOST, covenant_last, farewells_of, ring_of
from programmes.counting_selectors import cadence_words, counted
from programmes.rules.participation import CadenceKept, Sign, cadence_of, signs_of
from sessions.enums import SessionStatus
from sessions.models import CircleSession, coming
from sessions.planning.covenant_selectors import held_count


@dataclass(frozen=True)
class Voice:
    """One of the choices, how many want it, and whether the reader does."""

    choice: Decision
    number: int
    mine: bool


def decide_page(seat: Seat) -> dict[str, Any]:
    """What the circle could do next, how many want each, who has not said, and what more than half want."""
    covenant = covenant_last(seat.circle)
    ring, held = ring_of(seat.circle), held_count(seat.circle)
    said = dict(CovenantVote.objects.filter(covenant=covenant).values_list("user", "choice"))
    stands = standing(said, [user.pk for user in ring])
    return {
        "seat": seat,
        "circle": seat.circle,
        "covenant": covenant,
        "held": held,
        "voices": [
            Voice(choice, stands.counts.get(choice.value, 0), said.get(seat.user.pk) == choice) for choice in Decision
        ],
        "silent": [user for user in ring if user.pk in stands.silent],
        "wanted": Decision(stands.wanted) if stands.wanted else None,
        "due": covenant is not None and covenant.decided_at is None and held >= covenant.sessions,
    }


def is_due(circle: Circle) -> bool:
    """Whether all promised sessions have been held and nothing is decided yet."""
    covenant = covenant_last(circle)
    return covenant is not None and covenant.decided_at is None and held_count(circle) >= covenant.sessions


def closing_page(seat: Seat, *, now: datetime) -> dict[str, Any]:
    """Thanks and what each takes with them, the closing session if one is planned, when what was said goes."""
    circle = seat.circle
    written = [one for one in farewells_of(circle) if one.user == seat.user or seat.saw(one.written_at)]
    planned = CircleSession.objects.filter(coming(now), circle=circle, status=SessionStatus.PLANNED)
    return {
        "seat": seat,
        "circle": circle,
        "farewells": written,
        "mine": next((one for one in written if one.user == seat.user), None),
        "planned": list(planned.select_related("format_version").order_by("starts_at")[:3]),
        "gone_at": circle.closed_at + KEPT_AFTER_CLOSING if circle.closed_at else None,
        "kept_days": KEPT_AFTER_CLOSING.days,
    }


@dataclass(frozen=True)
class LookedAfter:
    """One circle as its facilitator sees it beside the others."""

    circle: Circle
    next: CircleSession | None
    unsigned: list[User]
    cadence: str
    slipping: bool
    fading: bool
    promised: int
    held: int


def facilitating_page(user: User, *, now: datetime) -> list[LookedAfter]:
    """The circles somebody looks after: next session, who has not signed, which fade. Eleven queries at most."""
    rows = Membership.objects.filter(user=user, facilitates=True, left_at=None, circle__closed_at=None)
    circles = [row.circle for row in rows.select_related("circle").order_by("circle__name", "pk")[:SHOWN_AT_MOST]]
    found = counted(circles, now=now)
    upcoming: dict[int, CircleSession] = {}
    planned = CircleSession.objects.filter(
        circle__in=circles, status__in=[SessionStatus.PLANNED, SessionStatus.RUNNING]
    )
    for session in planned.filter(Q(starts_at__gt=now) | Q(status=SessionStatus.RUNNING)).order_by("starts_at", "pk"):
        upcoming.setdefault(session.circle_id, session)
    unsigned = _unsigned(circles)
    promised = dict(
        Circle.objects.filter(pk__in=[one.pk for one in circles], covenants__decided_at=None).values_list(
            "pk", "covenants__sessions"
        )
    )
    return [
        LookedAfter(
            circle,
            upcoming.get(circle.pk),
            unsigned[circle.pk],
            cadence_words(cadence := cadence_of(found[circle.pk].dates, now)),
            cadence == CadenceKept.SLIPPING,
            bool(set(signs_of(found[circle.pk].dates, now)) & {Sign.NO_DATE, Sign.NEVER_MET, Sign.FALLING}),
            promised.get(circle.pk, 0),
            len(found[circle.pk].dates.held),
        )
        for circle in circles
    ]


def _unsigned(circles: list[Circle]) -> dict[int, list[User]]:
    """Who has not signed the text in force, by circle. One query."""
    signed = signatures_in_force().filter(version__agreement__circle=OuterRef("circle"), user=OuterRef("user"))
    rows = Membership.objects.filter(~Exists(signed), circle__in=circles, left_at=None).select_related("user")
    found: dict[int, list[User]] = defaultdict(list)
    for row in rows.order_by("joined_at", "pk"):
        found[row.circle_id].append(row.user)
    return found
