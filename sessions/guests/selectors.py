"""Reads for guests."""

from typing import Any

from sessions.access import SessionSeat
from sessions.agreement_selectors import agreement_shown


def guest_page(seat: SessionSeat) -> dict[str, Any]:
    """What a guest needs to know before the session, and the agreement they sign first."""
    return {
        "seat": seat,
        "circle": seat.circle,
        "session": seat.session,
        "rule": seat.session.format_version.rule,
        "must_sign": seat.must_sign,
    } | agreement_shown(seat)
