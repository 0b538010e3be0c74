"""Reads about a circle that looks at itself: what is asked, what came of it, and the change that is being tried."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.statements import FixedStatement
from agreements.enums import Became, Facet
from agreements.models import Mirror, MirrorTicket, OneChange
from circles.access import Seat
from circles.models import Circle, Membership


def mirror_page(seat: Seat, *, reads: bool) -> dict[str, Any]:
    """The latest look of a circle as one of its members sees it; words only if they read those. Four queries.

    `asked`: whether they have still to answer; `answered` and `all`: how many have, of how many; `questions`: the
    statements about which people differ most, once it is closed, and `change`: what is being tried, if they were there.
    """
    mirror = Mirror.objects.filter(circle=seat.circle).order_by("-pk").first()
    tickets = list(MirrorTicket.objects.filter(mirror=mirror)) if mirror else []
    mine = next((one for one in tickets if one.user_id == seat.user.pk), None)
    is_open = mirror is not None and mirror.closed_at is None
    return {
        "seat": seat,
        "circle": seat.circle,
        "mirror": mirror,
        "is_open": is_open,
        "asked": is_open and mine is not None and not mine.answered,
        "answered": sum(one.answered for one in tickets),
        "all": len(tickets),
        # What came of it is of those who were there: it is said of how they see each other.
        "questions": [Facet(one).label for one in mirror.widest if seat.saw(mirror.opened_at)]
        if mirror and not is_open
        else [],
        "change": trying_in(seat) if reads else None,
        "busy": trying_of(seat.circle) is not None,
    }


def trying_in(seat: Seat) -> OneChange | None:
    """The change that a circle is trying, for whoever was there when it was decided. One query."""
    change = trying_of(seat.circle)
    return change if change and seat.saw(change.decided_at) else None


def trying_of(circle: Circle) -> OneChange | None:
    """The change that a circle is trying, as long as somebody is left who knows of it. One query."""
    found = _trying(circle)
    return found[0] if found else None


@FixedStatement
def _trying(circle: Circle) -> QuerySet[OneChange]:
    return OneChange.objects.filter(remembered(), circle=circle, became=Became.TRYING).order_by("pk")[:1]


def remembered() -> Exists:
    """Whether somebody with a seat was there when it was decided: nobody else reads it, or says what became of it."""
    seats = Membership.objects.filter(circle=OuterRef("circle"), left_at=None, takes_part=True, user__is_active=True)
    return Exists(seats.filter(joined_at__lte=OuterRef("decided_at")))
