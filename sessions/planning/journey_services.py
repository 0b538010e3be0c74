"""A circle takes a journey, leaves it, skips one of its sessions or brings one forward."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from circles.models import Circle
from circles.services import audit_write, circle_lock
from sessions.enums import BEGUN
from sessions.models import JourneyTaken, JourneyVersion, Leg
from sessions.planning.services import sessions_settle


@transaction.atomic
def journey_take(*, circle: Circle, version: JourneyVersion, by: User | None, now: datetime) -> JourneyTaken:
    """Take a journey: its sessions stand on the circle's dates, in order, as far as there are dates.

    Refused while the circle is on another. Taken by nobody it is the one of the circle's programme.
    """
    circle_lock(circle)
    if JourneyTaken.objects.filter(circle=circle, left_at=None).exists():
        raise Refused(_("Your circle is on a journey already. Leave that one first."))
    taken = JourneyTaken.objects.create(circle=circle, version=version, taken_at=now)
    Leg.objects.bulk_create(
        Leg(taken=taken, version=version, number=at, place=at) for at in range(len(version.rule.steps))
    )
    sessions_settle(circle=circle, sessions=[], now=now)
    audit_write(circle=circle, verb="journey_taken" if by else "journey_of_programme", by=by, now=now)
    return taken


@transaction.atomic
def journey_leave(*, circle: Circle, by: User, now: datetime, since: str = "") -> None:
    """Leave the journey: dates and their formats stay, themes and sheets of what is to come are offered no more.

    `since` is when the one that whoever pressed saw was taken; Refused where the circle is on another by now.
    """
    circle_lock(circle)
    taken = JourneyTaken.objects.filter(circle=circle, left_at=None).first()
    if taken is None:
        raise Refused(_("Your circle is on no journey."))
    if since not in ("", taken.since):
        raise Refused(_("Your circle is on another journey by now. This is how it is."))
    JourneyTaken.objects.filter(pk=taken.pk).update(left_at=now)
    Leg.objects.filter(taken__circle=circle).exclude(session__status__in=BEGUN).update(session=None, laid="")
    audit_write(circle=circle, verb="journey_left", by=by, now=now)


@transaction.atomic
def leg_skip(*, leg: Leg, skip: bool, now: datetime) -> None:
    """Leave one session of the journey out, or take it up again; those after it move up, or back."""
    circle_lock(leg.taken.circle)
    _must_be_to_come(leg)
    Leg.objects.filter(pk=leg.pk).update(skipped_at=now if skip else None, session=None, laid="")
    sessions_settle(circle=leg.taken.circle, sessions=[], now=now)


@transaction.atomic
def leg_swap(*, leg: Leg, now: datetime, seen: int | None = None) -> None:
    """Bring one session of the journey forward: it changes places with the one before it. Refused for the next one.

    `seen` is the place in which whoever pressed saw it; Refused where it has another by now.
    """
    circle_lock(leg.taken.circle)
    _must_be_to_come(leg)
    if seen not in (None, leg.place):
        raise Refused(_("Somebody has just moved it. This is how it is now."))
    to_come = Leg.objects.filter(taken=leg.taken_id, skipped_at=None).exclude(session__status__in=BEGUN)
    before = to_come.filter(place__lt=leg.place).order_by("-place").first()
    if before is None:
        raise Refused(_("It is the next one already."))
    Leg.objects.filter(pk=leg.pk).update(place=before.place)
    Leg.objects.filter(pk=before.pk).update(place=leg.place)
    sessions_settle(circle=leg.taken.circle, sessions=[], now=now)


def _must_be_to_come(leg: Leg) -> None:
    leg.refresh_from_db()
    if leg.taken.left_at is not None or (leg.session and leg.session.status in BEGUN):
        raise Refused(_("This session of the journey has begun, or the circle has left it."))
