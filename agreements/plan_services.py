"""What the links of a plan's reminder do: done, not yet, changed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from accounts.services import person_lock, row_lock
from agreements.commitment_services import CUE, commitment_settle, mails_follow, reminder_plan
from agreements.enums import CommitmentStatus, PlanAnswer
from agreements.models import Commitment


@transaction.atomic
def plan_answer(*, commitment: Commitment, revision: int, answer: PlanAnswer, now: datetime) -> None:
    """Take one answer to the reminder of a plan, as it was in that revision; each is one step, however often pressed.

    Done is kept; not yet asks again at the same hour of the next day, as long as that is not after the date; changed
    takes the time away, and the words stay for their owner to write anew. Refused once it was settled or changed.
    """
    person_lock(commitment.owner)
    row_lock(commitment)
    if commitment.status != CommitmentStatus.OPEN or commitment.revision != revision:
        raise Refused(_("It was answered or changed meanwhile."))
    if answer == PlanAnswer.DONE:
        commitment_settle(commitment=commitment, status=CommitmentStatus.KEPT, now=now)
        return
    again = commitment.cue.again(now) if commitment.cue and answer == PlanAnswer.NOT_YET else None
    commitment.cue_set(again if again and again.on <= commitment.due_on else None)
    commitment.revision += 1
    commitment.save(update_fields=[*CUE, "revision"])
    mails_follow(commitment)
    reminder_plan(commitment=commitment, now=now)
