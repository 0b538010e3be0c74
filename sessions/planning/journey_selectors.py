"""Reads about the journey that a circle is on."""

from dataclasses import dataclass

from circles.models import Circle
from sessions.enums import BEGUN, SessionStatus
from sessions.models import CircleSession, JourneyTaken, Leg


def journey_of(circle: Circle) -> JourneyTaken | None:
    """The journey a circle is on, if any. One query."""
    on = JourneyTaken.objects.filter(circle=circle, left_at=None)
    return on.select_related("version__journey").first()


@dataclass(frozen=True)
class LegLine:
    """One session of the circle's journey in a list: what it is, its date if it has one, what can be done with it."""

    leg: Leg
    number: int
    session: CircleSession | None
    held: bool
    skipped: bool
    may_skip: bool
    may_swap: bool


def leg_lines(taken: JourneyTaken) -> list[LegLine]:
    """All sessions of a circle's journey in the order in which they come. One query."""
    legs = list(taken.legs.select_related("session", "version").order_by("place", "pk"))
    lines = []
    first_to_come = True
    for number, leg in enumerate(legs, start=1):
        begun = bool(leg.session and leg.session.status in BEGUN)
        to_come = not begun and leg.skipped_at is None
        lines.append(
            LegLine(
                leg=leg,
                number=number,
                session=leg.session,
                held=bool(leg.session and leg.session.status == SessionStatus.ENDED),
                skipped=leg.skipped_at is not None,
                may_skip=not begun,
                may_swap=to_come and not first_to_come,
            )
        )
        first_to_come = first_to_come and not to_come
    return lines
