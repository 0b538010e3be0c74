"""What somebody who has just come into a circle can do at once."""

from datetime import datetime
from typing import Any

from agreements.selectors import versions_to_sign
from circles.access import Seat
from circles.forms import ComingPlanForm
from circles.selectors import coming_plan_of
from sessions.models import Participation
from sessions.planning.selectors import sessions_coming


def joined_page(seat: Seat, *, now: datetime) -> dict[str, Any]:
    """Whether the agreement is still to sign, the first session that is planned, and what was answered to it."""
    coming = [one for one in sessions_coming(seat.circle) if one.is_planned and one.starts_at > now]
    first = coming[0] if coming else None
    said = Participation.objects.filter(session=first, user=seat.user).values_list("rsvp", flat=True).first()
    if first:
        first.circle = seat.circle
    return {
        "seat": seat,
        "circle": seat.circle,
        "to_sign": versions_to_sign(seat.user).filter(agreement__circle=seat.circle).exists(),
        "session": first,
        "more": len(coming) - 1,
        "rsvp": said or "",
        "coming_plan": (stands := coming_plan_of(seat.circle, seat.user)),
        "plan_form": ComingPlanForm(initial={"text": stands}, auto_id="coming_%s"),
    }
