"""A programme takes a journey for its circles: told beforehand, begun on its day, left by any circle."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.each import each
from accounts.models import User
from accounts.refusals import Refused
from circles.enums import CircleStatus
from circles.models import Circle, Membership
from circles.services import audit_write
from notifications.selectors import heard_by
from notifications.services import About, messages_put
from programmes.lock_services import programme_lock
from programmes.models import JourneyOffer, Programme, ProgrammeJourney, RoundCircle
from sessions.models import JourneyTaken, JourneyVersion
from sessions.planning.journey_services import journey_take

JOURNEY_TOLD, JOURNEY_OFF = "programme_journey", "programme_journey_off"
# From the day on which everybody in a circle is told to the day on which it begins there.
TOLD_BEFORE = timedelta(days=3)


@transaction.atomic
def programme_journey_take(*, programme: Programme, version: JourneyVersion, now: datetime) -> ProgrammeJourney:
    """Take a journey for the circles of a programme, in place of the one before; everybody in them is told.

    It begins three days later in each circle that has not said no and is on no other; those that are made later are on
    it from the first. Refused for the one it is on, and once the programme is over.
    """
    programme_lock(programme)
    programme.refresh_from_db()
    if programme.is_over(now):
        raise Refused(_("The programme is over: nothing begins in its circles any more."))
    before = ProgrammeJourney.objects.filter(programme=programme, ended_at=None).first()
    if before and before.version_id == version.pk:
        raise Refused(_("The programme has taken this journey already."))
    journey_over(programme=programme, now=now)
    made = ProgrammeJourney.objects.create(
        programme=programme, version=version, told_at=now, begins_at=now + TOLD_BEFORE
    )
    rows = RoundCircle.objects.filter(round__programme=programme).exclude(circle__status=CircleStatus.CLOSED)
    rows = rows.exclude(circle__in=JourneyTaken.objects.filter(left_at=None).values("circle"))
    for row in rows.select_related("circle").order_by("pk"):
        JourneyOffer.objects.create(journey=made, of=row)
        _tell(row.circle, made, now)
    return made


def _tell(circle: Circle, made: ProgrammeJourney, now: datetime) -> None:
    seats = Membership.objects.filter(circle=circle, left_at=None, user__is_active=True).select_related("user")
    about = About("circle", circle.code, revision=made.pk, circle=circle.code)
    messages_put(kind=JOURNEY_TOLD, about=about, to=[seat.user for seat in seats], due_at=now, now=now)


def journey_over(*, programme: Programme, now: datetime) -> None:
    """Take no journey for any more circles; those that are on it stay on it.

    The caller holds the programme's lock.
    """
    ProgrammeJourney.objects.filter(programme=programme, ended_at=None).update(ended_at=now)


@transaction.atomic
def programme_journey_end(*, programme: Programme, now: datetime) -> None:
    """Take the journey back: it begins in no more circles, and whoever was told that it would hears so.

    Refused where there is none.
    """
    programme_lock(programme)
    taken = ProgrammeJourney.objects.filter(programme=programme, ended_at=None).first()
    if taken is None:
        raise Refused(_("The programme has taken no journey."))
    journey_over(programme=programme, now=now)
    for offer in (
        JourneyOffer.objects.filter(journey=taken, settled_at=None).select_related("of__circle").order_by("pk")
    ):
        code = offer.of.circle.code
        heard = heard_by(about_code=code, kinds=[JOURNEY_TOLD], revision=taken.pk, now=now)
        about = About("circle", code, revision=taken.pk, circle=code)
        messages_put(kind=JOURNEY_OFF, about=about, to=heard, due_at=now, now=now)


@transaction.atomic
def journey_refuse(*, offer: JourneyOffer, by: User, now: datetime) -> None:
    """A circle says no before it begins; nobody outside it is told. Refused once it has begun, or was answered."""
    programme_lock(offer.journey.programme)
    if not JourneyOffer.objects.filter(pk=offer.pk, settled_at=None, journey__ended_at=None).exists():
        raise Refused(_("It has begun already, or somebody has answered. Your circle can leave it at any time."))
    JourneyOffer.objects.filter(pk=offer.pk).update(settled_at=now)
    audit_write(circle=offer.of.circle, verb="journey_refused", by=by, now=now)


def journey_begin(*, programme: Programme, circle: Circle, now: datetime) -> None:
    """A circle that is just made begins with the journey of its programme, if that has one: its invitation says so.

    The caller holds the programme's lock.
    """
    taken = ProgrammeJourney.objects.filter(programme=programme, ended_at=None).select_related("version").first()
    if taken:
        journey_take(circle=circle, version=taken.version, by=None, now=now)


def journeys_begin(*, now: datetime) -> int:
    """Begin what circles were told of, where its day has come. In how many."""
    due = JourneyOffer.objects.filter(settled_at=None, journey__ended_at=None, journey__begins_at__lte=now)
    rows = due.select_related("of__circle", "journey__version", "journey__programme").order_by("pk")
    return each("begin journeys of programmes", rows, lambda offer: _begin(offer, now))


def _begin(offer: JourneyOffer, now: datetime) -> bool:
    programme_lock(offer.journey.programme)
    open_ = JourneyOffer.objects.filter(pk=offer.pk, settled_at=None, journey__ended_at=None)
    if not open_.exists():
        return False  # the circle, or the programme, was first
    JourneyOffer.objects.filter(pk=offer.pk).update(settled_at=now)
    circle = offer.of.circle
    on_another = JourneyTaken.objects.filter(circle=circle, left_at=None).exists()
    if on_another or circle.status == CircleStatus.CLOSED:
        return False
    journey_take(circle=circle, version=offer.journey.version, by=None, now=now)
    return True
