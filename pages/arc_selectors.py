"""Reads about the arc of a circle: what it decides after its sessions, how it closes, and who looks after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from circles.access import Seat
from circles.covenant_services import KEPT_AFTER_CLOSING
from circles.enums import Decision
from circles.models import Circle, CovenantVote
from circles.rules.deciding import standing
from circles.selectors import covenant_last, farewells_of, ring_of
from programmes.counting_selectors import cadence_words, counted
from programmes.rules.participation import CadenceKept, Sign, cadence_of, signs_of
from sessions.enums import SessionStatus
from sessions.models import CircleSession, coming
from sessions.planning.covenant_selectors import held_count
from sessions.shelf.sentence_selectors import may_offer


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
        "may_offer": may_offer(seat.circle),
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


def say_how_they_keep_to_their_rhythm(led: Sequence[Any], *, now: datetime) -> None:
    """Give each card of a circle that somebody looks after the words of its rhythm, and whether it slips or fades."""
    found = counted([one.circle for one in led], now=now)
    for one in led:
        dates = found[one.circle_id].dates
        kept = cadence_of(dates, now)
        one.cadence, one.slipping = cadence_words(kept), kept == CadenceKept.SLIPPING
        one.fading = bool(set(signs_of(dates, now)) & {Sign.NO_DATE, Sign.NEVER_MET, Sign.FALLING})
