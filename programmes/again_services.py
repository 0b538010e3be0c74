"""The only writes to who would like to be in a next round: asking those who are in circles, and their answers."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from notifications.services import About, event_part, message_rows, messages_write
from programmes.enrolment_services import OVER_WORDS
from programmes.enums import EnrolmentStatus
from programmes.lock_services import programme_lock
from programmes.models import Enrolment, Placement, Programme, Round
from programmes.places_selectors import is_in_circle

AGAIN = "programme_again"


def circle_wanted_again(*, enrolment: Enrolment, now: datetime, stays_together: bool = False) -> None:
    """Somebody whose circle has closed, who left it, or who is in one and was asked, wants to be in the next round; at
    will with those of their last circle who say the same. Refused once the programme is over."""
    if enrolment.programme.is_over(now):
        raise Refused(OVER_WORDS)
    rows = Enrolment.objects.filter(pk=enrolment.pk, status=EnrolmentStatus.PLACED)
    rows.update(status=EnrolmentStatus.ENROLLED, stays_together=stays_together)


@transaction.atomic
def circle_wanted_no_more(*, enrolment: Enrolment) -> None:
    """Somebody who is in a circle would rather not be in the next round after all.

    Refused for anybody else: also where the next circles were made meanwhile, and they are invited to one.
    """
    programme_lock(enrolment.programme)
    asking = Enrolment.objects.filter(is_in_circle(enrolment.programme), pk=enrolment.pk)
    taken = Enrolment.objects.filter(pk__in=asking, status=EnrolmentStatus.ENROLLED)
    if not taken.update(status=EnrolmentStatus.PLACED):
        raise Refused(_("There is nothing to take back: circles were made meanwhile, or you have not asked for one."))
    Placement.objects.filter(enrolment=enrolment, round__published_at=None).delete()


@transaction.atomic
def again_ask(*, programme: Programme, now: datetime) -> int:
    """Ask everybody who is in a circle, once a round, whether they would like to be in the next one too. How many.

    Refused before any circles were made, once it was asked, and once the programme is over.
    """
    programme_lock(programme)
    if programme.is_over(now):
        raise Refused(OVER_WORDS)
    latest = programme.rounds.filter(published_at__isnull=False).order_by("-number").first()
    asked = Round.objects.filter(pk=latest.pk if latest else 0, again_asked_at=None)
    if not asked.update(again_asked_at=now):
        raise Refused(_("They were asked for this round already, or no circles were made yet."))
    rows = Enrolment.objects.filter(is_in_circle(programme), programme=programme, status=EnrolmentStatus.PLACED)
    mails = [
        message_rows(
            kind=AGAIN, about=About("enrolment", one.code, part=event_part(now)), to=[one.user], due_at=now, now=now
        )
        for one in rows.select_related("user")
    ]
    messages_write([row for some in mails for row in some])
    return len(mails)
