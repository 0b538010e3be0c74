"""Who may see and change a journey: decided here only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from accounts.models import User
from circles.access import Seat, get_seat, must_be_open
from sessions.journeys.library import shipped_definitions, shipped_journeys
from sessions.models import Journey, JourneyVersion
from sessions.rules.journey import JourneyRule


@dataclass(frozen=True)
class JourneySeat:
    """A journey as one person may use it. Those that are shipped belong to nobody and are everybody's to read."""

    user: User
    ref: str
    rule: JourneyRule
    definition: Mapping[str, Any]
    version: JourneyVersion | None = None
    seat: Seat | None = None

    @property
    def may_change(self) -> bool:
        """Whether it is their circle's own, in use, and they run the circle."""
        return bool(self.seat and self.seat.facilitates and self.version and not self.version.journey.retired_at)


def get_journey(user: User | AnonymousUser, ref: str) -> JourneySeat:
    """One that is shipped by its key, or a circle's own by its code for a present member; else Http404."""
    person = cast(User, user)
    if ref in shipped_journeys():
        return JourneySeat(person, ref, shipped_journeys()[ref], shipped_definitions()[ref])
    try:
        code = UUID(ref)
    except ValueError as error:
        raise Http404 from error
    own = JourneyVersion.objects.filter(journey__code=code, journey__circle__isnull=False)
    version = own.select_related("journey__circle").order_by("-number").first()
    if version is None or version.journey.circle is None:
        raise Http404
    seat = get_seat(user, version.journey.circle.code)
    return JourneySeat(person, ref, version.rule, version.definition, version, seat)


def get_journey_to_change(user: User | AnonymousUser, ref: str) -> tuple[JourneySeat, Journey]:
    """As `get_journey`, for a circle's own that is in use and somebody who runs the circle."""
    seat = get_journey(user, ref)
    if seat.version is None or seat.seat is None or not seat.seat.membership.runs:
        raise Http404
    must_be_open(seat.seat.circle)
    if not seat.may_change:
        raise Http404
    return seat, seat.version.journey
