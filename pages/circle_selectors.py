"""Reads of the places of a circle below its overview."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from agreements.commitment_selectors import commitments_open_for, commitments_to_ask_about
from circles.access import Seat
from circles.selectors import covenant_of, decided_to_close, members_of
from pages.opening_selectors import independence_of
from programmes.counting_selectors import led_by
from sessions.enums import SessionStatus
from sessions.models import CircleSession
from sessions.planning.selectors import clashes_of, sessions_coming_page, sessions_held


def sessions_page(seat: Seat, *, now: datetime, asked: Mapping[str, str]) -> dict[str, Any]:
    """Coming and held, by pages (`asked` says which), and which of those to come the reader cannot attend twice."""
    dates = sessions_coming_page(seat.circle, asked.get("coming"))
    spans = [(one.starts_at, one.plans_to_end_at) for one in dates]
    return {
        "seat": seat,
        "circle": seat.circle,
        "coming": [(session, session.was_missed(now)) for session in dates],
        "coming_page": dates,
        "held": sessions_held(seat.circle, asked.get("held")),
        "clashes": {dates[at].pk for at in clashes_of(seat.user, seat.circle, spans)},
    }


def commitments_page(seat: Seat, *, now: datetime) -> dict[str, Any]:
    """What is open of one's own here, and of others who asked one to ask how it went."""
    return {
        "seat": seat,
        "circle": seat.circle,
        "today": seat.user.today(now),
        "mine": [one for one in commitments_open_for(seat.user) if one.circle_id == seat.circle.pk],
        "asked": [one for one in commitments_to_ask_about(seat.user) if one.circle_id == seat.circle.pk],
    }


def more_page(seat: Seat) -> dict[str, Any]:
    """Who the reader is there; whether the circle is in a programme, is closing, and could run itself."""
    circle = seat.circle
    held = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED).count()
    covenant = covenant_of(circle)
    return {
        "seat": seat,
        "circle": circle,
        "code": str(circle.code),
        "covenant": covenant,
        "closing": covenant is None and decided_to_close(circle),
        "led": led_by(circle),
        "independence": independence_of(seat, members_of(circle), held=held) if seat.is_open else None,
        "hosted_first": settings.INDEPENDENT_AFTER,
    }
