"""The only writes to places for those who came late: a circle is asked, answers itself, and then the person is invited.

Nobody who is in a circle, or invited to one, is moved by any of it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from circles.invitation_services import members_invite
from circles.models import Circle
from circles.selectors import facilitators_of
from notifications.services import About, event_part, messages_drop, messages_put
from programmes.enrolment_services import OVER_WORDS
from programmes.enums import EnrolmentStatus
from programmes.forming_selectors import nobody_manages_words, persons
from programmes.late_selectors import Late, late_of, late_people, managed_there, people_late
from programmes.lock_services import programme_lock
from programmes.models import Enrolment, LatePlace, Placement, Programme, RoundCircle

LATE_ASKED, LATE_SAID = "programme_late_asked", "programme_late_said"
ASKED_AT_ONCE = 100


@transaction.atomic
def late_ask(*, programme: Programme, asked: Mapping[UUID, UUID], by: User, now: datetime) -> int:
    """Ask circles whether they take people who came late: by the code of an enrolment that of a circle. How many.

    Whoever looks after the circle and asks has said yes. Refused where somebody has a place by now, or the circle none
    for them: everything together, or nothing.
    """
    programme_lock(programme)
    if programme.is_over(now):
        raise Refused(OVER_WORDS)
    rows = list(late_people(programme).filter(code__in=asked)[:ASKED_AT_ONCE])
    if not rows or len(rows) < len(asked):
        raise Refused(_("They are not among those who wait now. Look at the list again."))
    # One after the other, so that whoever is asked for first takes the seat.
    return sum(_ask_one(programme, row, asked[row.code], by, now) for row in rows)


def _ask_one(programme: Programme, enrolment: Enrolment, circle: UUID, by: User, now: datetime) -> int:
    late = late_of(programme, [enrolment], now=now)
    to = next((one.row for at, one in enumerate(late.circles) if one.row.circle.code == circle), None)
    if to is None or not _is_open_to(late, enrolment, to):
        raise Refused(_("That circle has no place for them any more. Look at the list again."))
    try:
        with transaction.atomic():
            made = LatePlace.objects.create(of=to, enrolment=enrolment, asked_by=by, asked_at=now)
    except IntegrityError as error:
        raise Refused(_("A circle has been asked for them already.")) from error
    led = facilitators_of(to.circle)
    if by in led:
        late_answer(asked=made, yes=True, by=by, now=now)
        return 1
    about = About("programme_late", made.code, circle=to.circle.code)
    messages_put(kind=LATE_ASKED, about=about, to=led, due_at=now, now=now)
    return 1


def _is_open_to(late: Late, enrolment: Enrolment, to: RoundCircle) -> bool:
    at = next(at for at, one in enumerate(late.circles) if one.row == to)
    return at not in late.not_into[enrolment.pk] and not managed_there(late, enrolment, at)


@transaction.atomic
def late_ask_all(*, programme: Programme, people: Sequence[UUID], by: User, now: datetime) -> int:
    """Ask for each of these people, by the codes of their enrolments, the circle that is proposed for them. How many.

    None is proposed where people told in confidence with whom they would rather not be.
    """
    programme_lock(programme)
    rows = list(late_people(programme).filter(code__in=people)[:ASKED_AT_ONCE])
    found = people_late(late_of(programme, rows, now=now), programme)
    asked = {one.placed.enrolment.code: one.proposed.circle.row.circle.code for one in found if one.proposed}
    return late_ask(programme=programme, asked=asked, by=by, now=now) if asked else 0


@transaction.atomic
def late_answer(*, asked: LatePlace, yes: bool, by: User, now: datetime) -> None:
    """What somebody who looks after the circle answers. After a yes the person is invited as by them.

    Refused once it was answered, for somebody who has a place by now or is no longer asking, and where the circle is
    full meanwhile or their manager is in it.
    """
    programme = asked.of.round.programme
    programme_lock(programme)
    if yes and programme.is_over(now):
        raise Refused(OVER_WORDS)
    row = LatePlace.objects.filter(pk=asked.pk, yes=None)
    if not row.update(yes=yes, answered_at=now):
        raise Refused(_("This has been answered or taken back meanwhile."))
    if yes:
        _invite(asked, by, now)
    messages_drop(about_code=asked.code, kinds=[LATE_ASKED])
    if by != asked.asked_by:
        about = About("programme_late", asked.code, part=event_part(now))
        messages_put(kind=LATE_SAID, about=about, to=[asked.asked_by], due_at=now, now=now)


def _invite(asked: LatePlace, by: User, now: datetime) -> None:
    enrolment, circle = asked.enrolment, asked.of.circle
    programme = asked.of.round.programme
    if not late_people(programme).filter(pk=enrolment.pk).exists():
        raise Refused(_("They have a place in another circle by now, or have withdrawn."))
    late = late_of(programme, [enrolment], now=now)
    at = next((at for at, one in enumerate(late.circles) if one.row.pk == asked.of_id), None)
    if at is None or managed_there(late, enrolment, at):
        raise Refused(_("They cannot be invited here: one of those who are here by now answers to another."))
    _unsay(circle, enrolment)
    if not members_invite(circle=circle, emails=[enrolment.user.email], by=by, now=now, asked_for=True).sent:
        raise Refused(_("There is no free seat any more, or they were invited already."))
    Enrolment.objects.filter(pk=enrolment.pk, status=EnrolmentStatus.ENROLLED).update(status=EnrolmentStatus.PLACED)
    Placement.objects.filter(enrolment=enrolment, round__published_at=None).delete()


def _unsay(circle: Circle, enrolment: Enrolment) -> None:
    """That nobody here manages anyone was said of those who had all told: not of whoever did not tell."""
    person = persons([enrolment])[enrolment.pk]
    if not person.manager:
        Circle.objects.filter(pk=circle.pk, managers_here=nobody_manages_words()).update(managers_here="")


def late_take_back(*, asked: LatePlace) -> None:
    """The circle is no longer asked. Refused once it has answered."""
    if not LatePlace.objects.filter(pk=asked.pk, yes=None).delete()[0]:
        raise Refused(_("The circle has answered meanwhile."))
    messages_drop(about_code=asked.code, kinds=[LATE_ASKED])
