"""Inviting people into a circle, and their yes or no: by mail, or with a printed slip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.doors_services import address_prove, user_create_unproved
from accounts.models import User
from accounts.refusals import Gone, Refused
from accounts.services import person_lock, row_lock
from circles.doors_services import person_of_mailbox
from circles.enums import CircleStatus, InvitationAnswer
from circles.kinds import DECLINED, INVITED, JOINED, SLIP_ANSWERED, SLIP_CLAIMED, WELCOME
from circles.models import Circle, Invitation, Membership
from circles.selectors import facilitators_of
from circles.services import audit_write, circle_lock
from circles.tokens import shown_token_for, token_for
from notifications.services import About, messages_put, often_written_to

INVITATION_LIVES = timedelta(days=21)


@dataclass(frozen=True)
class InvitationsSent:
    """What came of a list of addresses."""

    sent: tuple[Invitation, ...]
    already_here: tuple[str, ...]
    already_invited: tuple[str, ...]
    no_room: tuple[str, ...]
    often: tuple[str, ...] = ()
    tomorrow: tuple[str, ...] = ()
    said_no: tuple[str, ...] = ()


# How many invitations one person sends in a day over all circles, and one circle to one address; again counts too.
INVITED_BY_ONE_A_DAY = 100
SENT_TO_ONE_A_DAY = 3
DAY = timedelta(days=1)


def _sends_left(by: User, now: datetime) -> int:
    sent = Invitation.objects.filter(invited_by=by, created_at__gt=now - DAY).exclude(email="").count()
    return max(0, INVITED_BY_ONE_A_DAY - sent)


def has_seat(circle: Circle) -> bool:
    """Whether somebody who says yes now would find a seat."""
    return Membership.objects.filter(circle=circle, left_at=None, takes_part=True).count() < circle.max_size


def room_left(circle: Circle, *, now: datetime) -> int:
    """Seats still free, counting open invitations as taken."""
    taken = Membership.objects.filter(circle=circle, left_at=None, takes_part=True).count()
    return max(0, circle.max_size - taken - invited_count(circle, now=now))


def invited_count(circle: Circle, *, now: datetime) -> int:
    """How many may still come in: open invitations and slips, and slips that wait to be confirmed."""
    opened = Q(used_at=None, revoked_at=None, expires_at__gt=now)
    waiting = Q(claimed_by__isnull=False, settled_at=None)
    return Invitation.objects.filter(opened | waiting, circle=circle).count()


@transaction.atomic
def members_invite(
    *,
    circle: Circle,
    emails: Sequence[str],
    by: User,
    now: datetime,
    names: Mapping[str, str] | None = None,
    asked_for: bool = False,
) -> InvitationsSent:
    """Invite each address once and put its mail into the outbox; members, open invitations and overflow are listed.

    An expired invitation to the same address is revoked and replaced; whoever said no to this circle is not asked
    again, since the invitation promised it: a slip lets in whoever changes their mind. Of addresses that have had many
    lately, and beyond what one person sends in a day, none is sent; people who asked for a circle themselves
    (`asked_for`) are held to neither. `names` says what some of them are called, by address.
    """
    if not asked_for:
        person_lock(by)
    circle_lock(circle)
    # What has run out holds no seat any more, and an address that had one is invited afresh.
    Invitation.objects.filter(circle=circle, used_at=None, revoked_at=None, expires_at__lte=now).update(revoked_at=now)
    members, opened, said_no = _known_to(circle, emails)
    # Asked last of all that is asked of addresses, since it locks them.
    often = set() if asked_for else often_written_to(emails, now=now)
    new = [email for email in emails if email not in members | opened | said_no | often]
    room = room_left(circle, now=now)
    sends = room if asked_for else min(room, _sends_left(by, now))
    called = names or {}
    sent = tuple(
        _invitation_make(circle=circle, email=email, by=by, now=now, name=called.get(email, ""))
        for email in new[:sends]
    )
    return InvitationsSent(
        sent=sent,
        already_here=tuple(email for email in emails if email in members),
        already_invited=tuple(email for email in emails if email in opened),
        no_room=tuple(new[room:]),
        often=tuple(email for email in emails if email in often - members - opened - said_no),
        tomorrow=tuple(new[sends:room]),
        said_no=tuple(email for email in emails if email in said_no),
    )


def _known_to(circle: Circle, emails: Sequence[str]) -> tuple[set[str], set[str], set[str]]:
    """Which addresses are those of members, which are invited, and which of the others have said no."""
    here = Membership.objects.filter(circle=circle, left_at=None, user__email__in=emails)
    members = set(here.values_list("user__email", flat=True))
    invitations = Invitation.objects.filter(circle=circle)
    opened = set(invitations.filter(used_at=None, revoked_at=None).values_list("email", flat=True))
    refused = invitations.filter(answer=InvitationAnswer.NO, email__in=emails)
    return members, opened, set(refused.values_list("email", flat=True)) - members - opened


def _must_be_open(circle: Circle) -> None:
    """Asked of the circle under its lock, since a link may be years old and a page an hour."""
    if circle.status == CircleStatus.CLOSED:
        raise Refused(_("This circle is closed: nobody joins it any more."))


def _invitation_make(*, circle: Circle, email: str, by: User, now: datetime, name: str = "") -> Invitation:
    _must_be_open(circle)
    invitation = Invitation(
        circle=circle,
        vault=circle.vault,
        code=uuid4(),
        email=email,
        name=name or None,
        invited_by=by,
        created_at=now,
        expires_at=now + INVITATION_LIVES,
    )
    invitation.token_hash = Invitation.hash_of(token_for(invitation))
    # A slip has one secret: whoever holds the paper is who it is for.
    invitation.shown_hash = Invitation.hash_of(shown_token_for(invitation)) if email else None
    invitation.save(force_insert=True)
    if email:
        about = About("invitation", invitation.code, circle=circle.code)
        messages_put(kind=INVITED, about=about, to=[email], due_at=now, now=now)
    return invitation


@transaction.atomic
def slips_make(*, circle: Circle, number: int, by: User, now: datetime) -> list[Invitation]:
    """Printed slips, each good for one person. Refused when the circle has not that many seats left."""
    circle_lock(circle)
    if number > room_left(circle, now=now):
        raise Refused(_("There are not that many free seats. Make the circle larger, or print fewer slips."))
    return [_invitation_make(circle=circle, email="", by=by, now=now) for _slip in range(number)]


def invitation_revoke(*, invitation: Invitation, by: User, now: datetime) -> None:
    """The link stops working at once; the person is not told. Refused once it was answered or withdrawn."""
    if not Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None).update(revoked_at=now):
        raise Refused(_("It was answered or withdrawn meanwhile."))
    audit_write(circle=invitation.circle, verb="invitation_withdrawn", by=by, now=now)


@transaction.atomic
def invitation_resend(*, invitation: Invitation, by: User, now: datetime) -> Invitation:
    """Withdraw an open or expired invitation and send a fresh one to the same address.

    Refused without a free seat, for one that was answered or withdrawn, and over the limits of sending.
    """
    person_lock(by)
    circle_lock(invitation.circle)
    row_lock(invitation)
    if invitation.used_at or invitation.revoked_at:
        raise Refused(_("This invitation was answered or withdrawn meanwhile."))
    invitation_revoke(invitation=invitation, by=by, now=now)
    if not room_left(invitation.circle, now=now):
        raise Refused(_("There is no free seat. Make the circle larger, or withdraw another invitation first."))
    lately = Invitation.objects.filter(
        circle=invitation.circle, email=invitation.email, created_at__gt=now - DAY
    ).count()
    if lately >= SENT_TO_ONE_A_DAY or not _sends_left(by, now) or often_written_to([invitation.email], now=now):
        raise Refused(_("This has been sent often today. Send it again tomorrow, or hand over the link."))
    return _invitation_make(circle=invitation.circle, email=invitation.email, by=by, now=now, name=invitation.called)


@transaction.atomic
def invitation_accept(*, invitation: Invitation, user: User, now: datetime, by_mail: bool = False) -> bool:
    """A person's own yes. True when they are in; False when a slip now waits for the facilitator to confirm it.

    `by_mail` says that they hold the secret that was only mailed: it is for its address and proves it. What was shown
    or printed is for whoever holds it and proves nothing. Refused when the invitation is no longer open, was mailed to
    another address, or the circle is full.
    """
    person_lock(user)
    circle_lock(invitation.circle)
    # The mailed secret proves a mailbox: with another account it would prove somebody else's.
    if by_mail and invitation.email != user.email.lower():
        raise Refused(_("This invitation was sent to another address."))
    if Membership.objects.filter(circle=invitation.circle, user=user, left_at=None).exists():
        raise Refused(_("You are in this circle already."))
    _settle(invitation, user, now)
    if invitation.is_slip:
        messages_put(
            kind=SLIP_CLAIMED,
            about=About("invitation", invitation.code, circle=invitation.circle.code),
            to=facilitators_of(invitation.circle),
            due_at=now,
            now=now,
        )
        return False
    if by_mail:
        address_prove(user=user)
    _join(circle=invitation.circle, user=user, by=user, now=now)
    return True


def _settle(invitation: Invitation, user: User, now: datetime) -> None:
    """Use an invitation up with somebody's yes; of a slip it still has to be confirmed."""
    if not Invitation.use(invitation.pk, now=now):
        raise Gone
    invitation.refresh_from_db()
    invitation.answer, invitation.claimed_by = InvitationAnswer.YES, user
    invitation.settled_at = None if invitation.is_slip else now
    invitation.save(update_fields=["answer", "claimed_by", "settled_at"])


@transaction.atomic
def invitation_accept_as_new(
    *, invitation: Invitation, name: str, time_zone: str, password: str, now: datetime, email: str = ""
) -> User:
    """Make the account of somebody new, and accept.

    With `email`, the address they typed, it stands as not proved. Without, they hold what was only mailed: the account
    is for the invitation's address and proved; one that somebody else set up there without proof becomes theirs.
    """
    person = {"name": name, "time_zone": time_zone, "password": password}
    if email:
        user = user_create_unproved(email=email, now=now, **person)
    else:
        user = person_of_mailbox(email=invitation.email, now=now, **person)
        if Membership.objects.filter(circle=invitation.circle, user=user, left_at=None).exists():
            # Whoever stood there without proof had been let in; the seat is the owner's now.
            _settle(invitation, user, now)
            return user
    invitation_accept(invitation=invitation, user=user, now=now, by_mail=not email)
    return user


TAKEN_TRIES = 5


def invitation_taken(*, invitation: Invitation) -> None:
    """Somebody typed an address that has an account; a link says so a few times, then asks to sign in first."""
    Invitation.objects.filter(pk=invitation.pk).update(taken_tries=models.F("taken_tries") + 1)


@transaction.atomic
def invitation_decline(*, invitation: Invitation, word: str, now: datetime) -> None:
    """No, with or without a word to the circle's facilitators. Nobody is reminded, or asked again by this circle."""
    if not Invitation.use(invitation.pk, now=now):
        raise Gone
    invitation.refresh_from_db()
    invitation.answer, invitation.settled_at = InvitationAnswer.NO, now
    invitation.word = word
    invitation.save(update_fields=["answer", "settled_at", "word"])
    about = About("invitation", invitation.code, circle=invitation.circle.code)
    messages_put(kind=DECLINED, about=about, to=facilitators_of(invitation.circle), due_at=now, now=now)


@transaction.atomic
def slip_settle(*, invitation: Invitation, confirm: bool, by: User, now: datetime) -> bool:
    """The facilitator knows who took the slip and lets them in, or does not; they are told which. Whether they are in.

    Somebody who is gone by now is not let in. Refused when it was settled.
    """
    who = User.objects.filter(pk=invitation.claimed_by_id or 0).first()
    # The person before the circle, as everywhere: two locks taken in two orders wait for each other for ever.
    if who:
        row_lock(who)
    circle_lock(invitation.circle)
    settled = Invitation.objects.filter(pk=invitation.pk, claimed_by__isnull=False, settled_at=None)
    lets_in = confirm and who is not None and who.is_active
    if not settled.update(settled_at=now, confirmed_at=now if lets_in else None) or who is None:
        raise Refused(_("This has been settled already."))
    if lets_in:
        _join(circle=invitation.circle, user=who, by=by, now=now)
    if not lets_in:  # whoever is in gets a welcome
        about = About("invitation", invitation.code)
        messages_put(kind=SLIP_ANSWERED, about=about, to=[who], due_at=now, now=now)
    return lets_in


def _join(*, circle: Circle, user: User, by: User, now: datetime) -> None:
    circle_lock(circle)
    _must_be_open(circle)
    if not Membership.objects.filter(circle=circle, left_at=None).exists():
        raise Refused(_("Nobody is in this circle any more."))
    taken = Membership.objects.filter(circle=circle, left_at=None, takes_part=True).count()
    if taken >= circle.max_size:
        raise Refused(_("This circle is full now. Its facilitator can make room."))
    try:
        with transaction.atomic():
            member = Membership.objects.create(circle=circle, user=user, joined_at=now)
    except IntegrityError as error:
        raise Refused(_("You are in this circle already.")) from error
    audit_write(circle=circle, verb="joined", by=by, about=user, now=now)
    about = About("membership", member.code, circle=circle.code)
    messages_put(kind=WELCOME, about=about, to=[user], due_at=now, now=now)
    messages_put(
        kind=JOINED,
        about=about,
        to=[person for person in facilitators_of(circle) if person not in (user, by)],
        due_at=now,
        now=now,
    )
