"""What becomes of invitations to a programme that stand: they are reminded of, sent again, withdrawn."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from circles.invitation_services import DAY, SENT_TO_ONE_A_DAY
from notifications.services import About, message_rows, messages_drop, messages_write, often_written_to
from programmes.enrolment_selectors import to_remind
from programmes.enrolment_services import INVITED, OVER_WORDS, people_invite
from programmes.lock_services import programme_lock
from programmes.models import Programme, ProgrammeInvitation


@transaction.atomic
def invitations_remind(*, programme: Programme, now: datetime) -> int:
    """Send each invitation that nobody has answered once more, once. How many.

    Refused once the programme is over. Who said yes, was withdrawn or had many mails today hears nothing.
    """
    programme_lock(programme)
    if programme.is_over(now):
        raise Refused(OVER_WORDS)
    rows = list(to_remind(programme, now))
    often = often_written_to([one.email for one in rows], now=now)
    due = [one for one in rows if one.email not in often]
    ProgrammeInvitation.objects.filter(pk__in=[one.pk for one in due]).update(reminded_at=now)
    mails = [
        message_rows(
            kind=INVITED, about=About("programme_invitation", one.code, revision=1), to=[one.email], due_at=now, now=now
        )
        for one in due
    ]
    messages_write([row for some in mails for row in some])
    return len(due)


def invitation_withdraw(*, invitation: ProgrammeInvitation, now: datetime) -> None:
    """The link stops working at once; the person is not told. Refused once it was answered or withdrawn."""
    if not ProgrammeInvitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None).update(revoked_at=now):
        raise Refused(_("It was answered or withdrawn meanwhile."))
    messages_drop(about_code=invitation.code, kinds=[INVITED])


@transaction.atomic
def invitation_resend(*, invitation: ProgrammeInvitation, by: User, now: datetime) -> None:
    """Withdraw an open or expired invitation and send a fresh one to the same address, with what was known.

    Refused once the programme is over, for one that was answered or withdrawn, and over the limits of sending.
    """
    programme, email = invitation.programme, invitation.email
    programme_lock(programme)
    invitation_withdraw(invitation=invitation, now=now)
    sent = ProgrammeInvitation.objects.filter(programme=programme, email=email, created_at__gt=now - DAY).count()
    invited = people_invite(programme=programme, people={email: invitation.facts}, by=by, now=now)
    if sent >= SENT_TO_ONE_A_DAY or invited.often:
        raise Refused(_("This has been sent often today. Send it again tomorrow."))
    if invited.already_in:
        raise Refused(_("They have asked for a place already."))


@transaction.atomic
def invitations_withdraw(*, programme: Programme, invitations: Collection[UUID], now: datetime) -> int:
    """The same for several invitations of one programme. How many worked until now."""
    rows = ProgrammeInvitation.objects.filter(programme=programme, used_at=None, revoked_at=None, code__in=invitations)
    number = 0
    for one in list(rows):
        with suppress(Refused):  # answered at this moment
            invitation_withdraw(invitation=one, now=now)
            number += 1
    return number
