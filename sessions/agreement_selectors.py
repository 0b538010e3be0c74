"""The agreement as the pages of a session show it."""

from typing import Any

from agreements.models import by_theme
from agreements.selectors import in_force, signatures_of
from agreements.sentences import rule_of
from sessions.access import SessionSeat


def agreement_shown(seat: SessionSeat) -> dict[str, Any]:
    """The agreement in force as the start of a session shows it, and whether this person has signed just that one."""
    version, clauses = in_force(seat.circle)
    signed = version is not None and seat.user.pk in signatures_of(version)
    rule = rule_of(version) if version else ""
    return {"version": version, "themes": by_theme(clauses), "signed": signed, "agreement_rule": rule}
