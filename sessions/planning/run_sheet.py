"""The run sheet: one page of paper with everything that a host needs, and nothing that somebody brings."""

from datetime import datetime
from typing import Any

from sessions.access import SessionSeat
from sessions.agreement_selectors import agreement_shown
from sessions.planning.covenant_selectors import counts_of
from sessions.planning.gathering_selectors import gathering_of
from sessions.planning.plan_page import plan_page
from sessions.planning.roles_selectors import roles_needed


def run_sheet_page(seat: SessionSeat, *, now: datetime) -> dict[str, Any]:
    """When and where, who comes with which role, every stage with its clock time, the agreement's first sentences."""
    session = seat.session
    gathering = gathering_of(session)
    needed = roles_needed(session.format_version.rule)
    return (
        {
            "seat": seat,
            "circle": seat.circle,
            "session": session,
            "number": counts_of(session).number,
            "people": [one for one in gathering.people if one.takes_turns],
            "roles": [(role, gathering.roles.get(role.value)) for role in needed],
            "rule": session.format_version.rule,
        }
        | plan_page(session, gathering.people, seat.user, now=now)
        | agreement_shown(seat)
    )
