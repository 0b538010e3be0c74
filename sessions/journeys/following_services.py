"""A circle's journey on its dates: which session of it comes when, and in which format for those who take part."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from circles.models import Circle, Membership
from sessions.enums import BEGUN, SessionStatus
from sessions.formats.selectors import version_chosen
from sessions.journeys.selectors import formats_known
from sessions.models import MISSED_AFTER, CircleSession, JourneyTaken, Leg
from sessions.rules.format import FormatRule
from sessions.rules.journey import SIZES, held

# The format that is offered where nothing else suits better.
USUAL = "council"


@transaction.atomic
def journey_follow(*, circle: Circle, now: datetime) -> None:
    """Lay what is left of the circle's journey onto its dates to come, in order; called when either has changed.

    A date that is cancelled hands its session of the journey on to the next. Each gets the format that suits the number
    of members, again when that changes, unless somebody has chosen another: for a date of its own, too, that is planned
    while the circle is on its journey. The caller holds the circle's lock.
    """
    taken = JourneyTaken.objects.filter(circle=circle, left_at=None).first()
    if taken is None:
        return
    legs = taken.legs.filter(skipped_at=None).select_related("session__format_version__format", "version")
    left = [leg for leg in legs.order_by("place", "pk") if not (leg.session and leg.session.status in BEGUN)]
    planned = CircleSession.objects.filter(
        circle=circle, status=SessionStatus.PLANNED, practice=False, starts_at__gte=now - MISSED_AFTER
    )
    dates = list(planned.select_related("format_version__format").order_by("starts_at", "pk")[: len(left)])
    wished: list[CircleSession | None] = [*dates, *[None] * (len(left) - len(dates))]
    moved = [(leg, date) for leg, date in zip(left, wished, strict=True) if leg.session != date]
    had = {leg.session_id for leg in left}
    chosen = set() if taken.taken_at == now else {one.pk for one in dates if one.pk not in had and _is_chosen(one)}
    # All let go before any is given: two that change places would else stand on one date for a moment.
    Leg.objects.filter(pk__in=[leg.pk for leg, _date in moved]).update(session=None, laid="")
    for leg, date in moved:
        Leg.objects.filter(pk=leg.pk).update(session=date)
        leg.session, leg.laid = date, ""
    _suit(circle, left, chosen)


def _is_chosen(session: CircleSession) -> bool:
    """Whether whoever planned this date meant its format. A series has one for all, and the usual one is offered."""
    return session.series_id is None and session.format_version.format.ref != USUAL


def _suit(circle: Circle, legs: list[Leg], chosen: Collection[int]) -> None:
    """The format of each date, for as many as take part; fewer than three are counted as the three they need to be."""
    dated = [leg for leg in legs if leg.session]
    if not dated:
        return
    members = Membership.objects.filter(circle=circle, left_at=None, takes_part=True).count()
    known = formats_known(circle)
    for leg in dated:
        _suit_one(circle, leg, known, max(members, SIZES[0]), kept=leg.session_id in chosen)


def _suit_one(circle: Circle, leg: Leg, known: Mapping[str, FormatRule], people: int, *, kept: bool) -> None:
    session = leg.session
    if session is None or (leg.laid and session.format_version.format.ref != leg.laid):
        return  # chosen by somebody since
    found = held(leg.step, known, people, session.minutes)
    version = version_chosen(circle, found.format) if found else None
    if found is None or version is None:
        return
    Leg.objects.filter(pk=leg.pk).update(laid=found.format)
    if not kept and (session.format_version_id, session.fit) != (version.pk, found.how):
        CircleSession.objects.filter(pk=session.pk, status=SessionStatus.PLANNED).update(
            format_version=version, fit=found.how, version=F("version") + 1
        )
