"""The only writes to rounds: the board on which circles are made, and publishing it in one step."""

from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.rules.zones import to_instant
from agreements.services import agreement_start
from circles.enums import Cadence
from circles.invitation_services import members_invite
from circles.models import Circle
from circles.services import CircleDetails, audit_write, circle_start
from notifications.services import About, messages_put
from programmes.enums import EnrolmentStatus
from programmes.figures_services import figures_count
from programmes.forming_selectors import NAMES, BoardCircle, board_of, unreadable_words
from programmes.journey_services import journey_begin
from programmes.lock_services import board_lock, programme_lock
from programmes.models import (
    PRACTICE_MINUTES,
    BoardStep,
    DraftCircle,
    Enrolment,
    FormingRun,
    LatePlace,
    Programme,
    Round,
    RoundCircle,
)
from programmes.pulse_services import pulses_plan
from sessions.enums import Repeat
from sessions.formats.library import version_of
from sessions.planning.series_services import SeriesDetails, series_schedule
from sessions.planning.services import SessionDetails, session_schedule
from sessions.rules.recurrence import Rhythm

PRACTICE_BEFORE = timedelta(days=7)
PRACTICE_FORMAT, PRACTICE_TRIAD = "kick_off", "triad"
CIRCLES_AT_MOST = 120
CIRCLE_READY = "programme_circle_ready"


@transaction.atomic
def round_begin(*, programme: Programme, first_on: date) -> Round:
    """A fresh board for those who have asked to take part, with as many empty circles as they would fill.

    Refused while another board is open, and after the programme has ended.
    """
    programme_lock(programme)
    if programme.ended_at:
        raise Refused(_("This programme has ended."))
    # Two may press at once: that one board is open is a constraint, and no look before could hold it.
    newest = Round.objects.filter(programme=programme).aggregate(newest=Max("number"))["newest"] or 0
    try:
        with transaction.atomic():
            made = Round.objects.create(programme=programme, number=newest + 1, first_on=first_on)
    except IntegrityError as error:
        raise Refused(_("Circles are being made already: finish that board first.")) from error
    people = Enrolment.objects.filter(programme=programme, status=EnrolmentStatus.ENROLLED).count()
    usual = (programme.min_size + programme.max_size) / 2
    for _at in range(min(CIRCLES_AT_MOST, max(1, round(people / usual)))):
        draft_add(round_=made)
    return made


def round_drop(*, round_: Round) -> None:
    """Throw a board away: nobody was told of it."""
    Round.objects.filter(pk=round_.pk, published_at=None).delete()


@transaction.atomic
def draft_add(*, round_: Round) -> DraftCircle:
    """One more circle on the board, named after a tree that no circle of the programme is named after."""
    board_lock(round_)
    taken = set(DraftCircle.objects.filter(round=round_).values_list("name", flat=True))
    made = RoundCircle.objects.filter(round__programme=round_.programme_id)
    taken |= set(made.values_list("circle__name", flat=True))
    if DraftCircle.objects.filter(round=round_).count() >= CIRCLES_AT_MOST:
        raise Refused(_("A board holds %(n)s circles at most.") % {"n": CIRCLES_AT_MOST})
    # Lime 2 and so on, once all trees are taken.
    more = (f"{name} {number}" for number in range(2, 100) for name in NAMES)
    name = next(name for name in (*NAMES, *more) if name not in taken)
    return DraftCircle.objects.create(round=round_, name=name)


@transaction.atomic
def draft_drop(*, draft: DraftCircle) -> None:
    """Take a circle off the board; its people are not placed then."""
    board_lock(draft.round)
    draft.delete()


@transaction.atomic
def draft_change(
    *, draft: DraftCircle, name: str, facilitator: User | None, first_on: date | None, first_at: time | None
) -> None:
    """Name a circle on the board, choose who is to be asked to look after it and when it first meets."""
    board_lock(draft.round)
    try:
        with transaction.atomic():
            DraftCircle.objects.filter(pk=draft.pk).update(
                name=name, facilitator=facilitator, first_on=first_on, first_at=first_at
            )
    except IntegrityError as error:
        raise Refused(_("Another circle on this board has that name.")) from error


@transaction.atomic
def round_publish(*, round_: Round, by: User, now: datetime) -> int:
    """Make every circle of the board, with its agreement, its dates and its invitations, or none. How many people.

    Nobody is put into a circle: each placed person gets an invitation and says yes themselves, and whoever looks after
    one has said yes before. Refused while a circle lacks something, and for whoever presses second.
    """
    # Held until the circles are made: whoever withdraws meanwhile comes after it, and nobody is invited who has.
    board_lock(round_)
    # A refusal below takes it back with all the rest.
    Round.objects.filter(pk=round_.pk).update(published_at=now)
    # What was proposed or could be undone is of no use any more.
    FormingRun.objects.filter(round=round_).delete()
    BoardStep.objects.filter(round=round_).delete()
    if round_.programme.ended_at:
        raise Refused(_("This programme has ended, so no more circles are made."))
    board = board_of(round_)
    if not board.pots:
        raise Refused(_("There is no circle on the board."))
    if not board.is_readable:
        raise Refused(unreadable_words())
    if board.blocks:
        name, words = board.blocks[0]
        raise Refused(_("%(circle)s: %(words)s") % {"circle": name, "words": words})
    programme = round_.programme
    # Whoever reads the programme's counts and this circle's words is named to its members, in the trail of the circle.
    administrators = set(programme.admins.values_list("user_id", flat=True))
    for pot in board.pots:
        circle = _circle_make(programme, pot, now)
        facilitator = pot.draft.facilitator
        if facilitator and facilitator.pk in administrators:
            audit_write(circle=circle, verb="administrator_added", by=by, about=facilitator, now=now)
        RoundCircle.objects.create(round=round_, circle=circle)
        if facilitator and facilitator != by:
            about = About("circle", circle.code, circle=circle.code)
            messages_put(kind=CIRCLE_READY, about=about, to=[facilitator], due_at=now, now=now)
    placed = [one.enrolment.pk for pot in board.pots for one in pot.people]
    Enrolment.objects.filter(pk__in=placed).update(status=EnrolmentStatus.PLACED)
    LatePlace.objects.filter(enrolment__in=placed, yes=None).delete()
    # By the circle that meets first: all circles of a round are asked on the same days, or their answers compare badly.
    pulses_plan(round_=round_, first_on=min(pot.first for pot in board.pots if pot.first).date())
    # At once, so that the page of the programme shows its circles before the next turn of the schedule.
    figures_count(programme=programme, now=now)
    return len(placed)


def _circle_make(programme: Programme, pot: BoardCircle, now: datetime) -> Circle:
    """One circle of the board: agreement, promised dates, perhaps session 0, and invitations."""
    facilitator, first = pot.draft.facilitator, pot.first
    if facilitator is None or first is None:
        raise Refused(_("Choose who looks after it, and when it first meets."))
    users = [one.enrolment.user for one in pot.people]
    details = CircleDetails(
        name=pot.draft.name,
        time_zone=programme.time_zone,
        purpose=programme.purpose[:300],
        cadence=programme.cadence,
        sessions=programme.sessions,
        # As it was published: a circle of three is not said to lack somebody from its first day on.
        min_size=min(programme.min_size, len(users)),
        max_size=max(programme.max_size, len(users)),
        takes_part=facilitator in users,
        managers_here=pot.managers_here,
    )
    circle = circle_start(details=details, by=facilitator, now=now)
    agreement_start(circle=circle, now=now, start=programme.agreement)
    session = SessionDetails(
        local_start=first,
        zone=programme.time_zone,
        format=version_of(programme.format_key),
        minutes=programme.minutes,
    )
    series_schedule(circle=circle, details=SeriesDetails(session, _rhythm(programme, first)), now=now)
    journey_begin(programme=programme, circle=circle, now=now)
    if programme.practice:
        _practice(programme, circle, first, len(users), now)
    # Whoever looks after it is in already: their yes was asked for before.
    emails = [user.email for user in users if user != facilitator]
    members_invite(circle=circle, emails=emails, by=facilitator, now=now, asked_for=True)
    return circle


def _rhythm(programme: Programme, first: datetime) -> Rhythm:
    """The programme's cadence, as a rhythm of wall time."""
    weeks = Cadence(programme.cadence).days // 7
    monthly = programme.cadence == Cadence.MONTHLY
    return Rhythm(
        first=first.date(),
        times=(first.time(),),
        repeat=(Repeat.MONTH if monthly else Repeat.WEEKS).value,
        weeks=1 if monthly else weeks,
        count=programme.sessions,
    )


def _practice(programme: Programme, circle: Circle, first: datetime, people: int, now: datetime) -> None:
    """Session 0, a week before the first: a triad where they are three, else a kick-off. Left out when too late."""
    at = first - PRACTICE_BEFORE
    if to_instant(at, programme.time_zone) <= now:
        return
    details = SessionDetails(
        local_start=at,
        zone=programme.time_zone,
        format=version_of(PRACTICE_TRIAD if people == 3 else PRACTICE_FORMAT),
        minutes=PRACTICE_MINUTES,
        practice=True,
    )
    session_schedule(circle=circle, details=details, now=now)
