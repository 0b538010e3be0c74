"""Taking a person out: their words go, their name goes, what others count on stays.

Signatures stay as digest and date, attendance and the number of commitments as counts. It cannot be undone.
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.leftover_services import leftovers_note, models_of_people
from accounts.models import Absence, AddressChange, Availability, FeedToken, StepRemoval, User
from accounts.services import person_lock, sign_ins_end
from agreements.commitment_services import NO_CUE, commitment_settle
from agreements.enums import CommitmentStatus, ProposalStatus
from agreements.models import Commitment, Proposal
from agreements.proposal_services import proposal_withdraw
from circles.change_services import contact_erase
from circles.doors_services import slips_of_gone
from circles.models import Circle, CovenantVote, Invitation, Membership, RemovalRequest, SelfRunVoice
from circles.services import circles_lock
from notifications.models import Message, Preference
from pages.ending_services import circle_leave
from pages.own_words import OWN
from pages.own_words_services import words_drop
from programmes.asking_services import admin_remove, boards_leave
from programmes.enrolment_services import enrolments_end
from programmes.lock_services import programmes_lock
from programmes.models import ProgrammeAdmin, PulseTicket
from sessions.guests.services import guest_withdraw
from sessions.models import CardRead, GuestPass, PollAnswer, Rehearsal, ScribeNote
from sessions.planning.busy_services import busy_calendar_remove
from sessions.planning.roles_services import roles_give_up
from sessions.replies.services import answers_end
from sessions.shelf.sentence_services import sentences_forget
from sessions.shelf.services import shelf_forget

GONE_FROM = (
    "name", "email", "is_active", "is_staff", "is_superuser", "quiet_from", "quiet_to", "unproved_since", "erased_at",
    "password", "calendar_by", "returned_address", "country",
)  # fmt: skip


@transaction.atomic
def person_erase(*, user: User, now: datetime) -> None:
    """Leave every circle, delete the person's own words, and make the account nobody's.

    Refused, and nothing changed, while they are the only facilitator of a circle that goes on with others in it.
    """
    # Before anything is read: whoever presses twice, or writes at this moment, waits here.
    _held(user)
    for membership in Membership.objects.filter(user=user, left_at=None).select_related("circle").order_by("circle"):
        circle_leave(membership=membership, now=now)
    for guest in GuestPass.objects.filter(user=user, revoked_at=None).select_related("session__circle"):
        if guest.session.is_planned:
            guest_withdraw(guest=guest, now=now)
    _programmes_emptied(user, now)
    _promises_emptied(user, now)
    _words_deleted(user, now)
    _rhythm_emptied(user, now)
    _account_emptied(user, now)
    leftovers_note(*models_of_people(), Commitment, Availability, Absence)


def _held(user: User) -> None:
    """Everything that this is about, in the order that all keep: what was being written is in by now, or refused."""
    programmes_lock(user)
    person_lock(user)
    mine = Q(memberships__user=user, memberships__left_at=None) | Q(invitations__claimed_by=user)
    visited = Q(sessions__guest_passes__user=user, sessions__guest_passes__revoked_at=None)
    circles_lock(Circle.objects.filter(pk__in=Circle.objects.filter(mine | visited).values("pk")))


def _programmes_emptied(user: User, now: datetime) -> None:
    """Programmes they administer need somebody else first; their places go to others."""
    for row in ProgrammeAdmin.objects.filter(user=user).select_related("programme"):
        admin_remove(programme=row.programme, user=user, by=user, now=now)
    enrolments_end(user=user, email=user.email, nobody=_nobody(user), now=now)
    boards_leave(user=user)
    PulseTicket.objects.filter(user=user).delete()


def _nobody(user: User) -> str:
    return f"erased-{user.code}@erased.invalid"


def _promises_emptied(user: User, now: datetime) -> None:
    """Commitments stay as counts: nothing of what they said."""
    own = next(one for one in OWN if one.model is Commitment)
    for commitment in own.rows(user).filter(status=CommitmentStatus.OPEN).select_related("circle", "owner", "partner"):
        commitment_settle(commitment=commitment, status=CommitmentStatus.LET_GO, now=now)
    # The rows stay: that something was promised and kept is in counts which others rely on.
    own.rows(user).update(**dict.fromkeys(own.fields, b""), **NO_CUE, partner=None, partner_yes_at=None)


def _words_deleted(user: User, now: datetime) -> None:
    """Everything the table of own words lists, but for commitments, which stay as counts."""
    for proposal in Proposal.objects.filter(by=user, status=ProposalStatus.OPEN):
        proposal_withdraw(proposal=proposal, now=now)
    shelf_forget(user=user)
    sentences_forget(user=user, now=now)
    # From the table, so that a sealed field that is added later is not forgotten here.
    for own in OWN:
        if own.model is not Commitment:
            words_drop(own, own.rows(user))
    ScribeNote.objects.filter(reader=user).delete()


def _rhythm_emptied(user: User, now: datetime) -> None:
    """When they can meet, what they said to polls and questions; roles of sessions to come go to others."""
    for model in (Availability, Absence, Preference, PollAnswer, SelfRunVoice, CovenantVote):
        model.objects.filter(user=user).delete()
    busy_calendar_remove(user=user)
    RemovalRequest.objects.filter(Q(membership__user=user) | Q(asked_by=user), settled_at=None).delete()
    roles_give_up(user=user, now=now)


def _account_emptied(user: User, now: datetime) -> None:
    nobody = _nobody(user)
    Message.objects.filter(user=user).delete()
    # Written to before they had an account: by address alone.
    Message.objects.filter(email=user.email).delete()
    Invitation.objects.filter(email=user.email).update(email=nobody, name=None)
    slips_of_gone(user=user, now=now)
    contact_erase(email=user.email)
    GuestPass.objects.filter(email=user.email).update(email=nobody, name=_("Former guest"))
    sign_ins_end(user=user)
    of_account = (EmailAddress, Authenticator, SocialAccount, AddressChange, StepRemoval)
    for model in (*of_account, FeedToken, CardRead):
        model.objects.filter(user=user).delete()
    Rehearsal.objects.filter(owner=user).delete()
    answers_end(user=user)
    # Their circles read it in the language they were spoken to in.
    with translation.override(user.language):
        user.name = _("Former member")
    user.email, user.is_active, user.is_staff, user.is_superuser = nobody, False, False, False
    user.quiet_from = user.quiet_to = user.unproved_since = None
    user.calendar_by = user.returned_address = user.country = ""
    user.erased_at = now
    # Last: the row stays for signatures and turns, and nobody gets in by it.
    user.set_unusable_password()
    user.save(update_fields=GONE_FROM)
