"""The only writes to circles, memberships and invitations."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.doors_services import address_prove, user_create_unproved
from accounts.models import User
from accounts.refusals import Refused
from accounts.services import person_lock, row_lock
from circles.doors_services import person_of_mailbox
from circles.enums import Answer, Cadence, CircleStatus, Outcome, Retention
from circles.models import (
    Announcement,
    AuditEntry,
    Circle,
    Covenant,
    Goal,
    Invitation,
    Membership,
    RemovalRequest,
    SelfRunVoice,
)
from circles.sealed import Unreadable
from circles.tokens import shown_token_for, token_for
from circles.vault import Vault
from notifications.services import About, event, messages_put, often_written_to

INVITATION_LIVES = timedelta(days=21)
AUDIT_KEPT = timedelta(days=180)
INVITED = "invitation"
JOINED = "joined"
WELCOME = "welcome"
DECLINED = "invitation_declined"
SLIP_CLAIMED = "slip_claimed"
SLIP_ANSWERED = "slip_answered"
WORD = "word_wanted"
WORD_OUTSIDE = "word_wanted_outside"
APPOINTED = "facilitator_appointed"
LEFT_ORGANISATION = "left_organisation"
HERE_AFTER_ALL = "here_after_all"


@dataclass(frozen=True)
class CircleWish:
    """Everything that can be said about a new circle; only the name has no default."""

    name: str
    time_zone: str
    purpose: str = ""
    cadence: str = Cadence.THREE_WEEKS
    sessions: int = 6
    min_size: int = 3
    max_size: int = 8
    managers_here: str = ""
    language: str = "en-gb"
    contact_name: str = ""
    contact_email: str = ""
    roles_days: int = 3
    call_in_calendar: bool = True
    retention_days: int = Retention.MONTH
    takes_part: bool = True


# What a wish says about the circle itself.
WRITTEN = (
    "name", "purpose", "time_zone", "cadence", "min_size", "max_size", "managers_here", "language", "contact_name",
    "contact_email", "roles_days", "call_in_calendar", "retention_days",
)  # fmt: skip


def audit(*, circle: Circle, verb: str, by: User | None, now: datetime, about: User | None = None) -> None:
    """Write into the circle's trail, which everybody in it reads and which is kept for 180 days. Never content."""
    AuditEntry.objects.create(circle=circle, actor=by, verb=verb, about=about, at=now)


def audit_prune(*, now: datetime) -> int:
    """A trail is kept for 180 days. How many entries went."""
    return AuditEntry.objects.filter(at__lt=now - AUDIT_KEPT).delete()[0]


@transaction.atomic
def circle_start(*, wish: CircleWish, by: User, now: datetime) -> Circle:
    """A new circle with its own key, its first covenant and `by` as its facilitator."""
    vault = Vault()
    vault.lock_new_key()
    vault.save(force_insert=True)
    circle = Circle.objects.create(
        **{name: getattr(wish, name) for name in WRITTEN},
        vault=vault,
        created_at=now,
    )
    Covenant.objects.create(circle=circle, sessions=wish.sessions, opened_at=now)
    Membership.objects.create(circle=circle, user=by, facilitates=True, takes_part=wish.takes_part, joined_at=now)
    audit(circle=circle, verb="circle_started", by=by, now=now)
    return circle


@transaction.atomic
def circle_update(*, circle: Circle, wish: CircleWish, by: User, now: datetime, but: Collection[str] = ()) -> Circle:
    """Change what a circle says about itself, `but` what all rely on (`change_services.circle_change`)."""
    circle_lock(circle)
    names = [name for name in WRITTEN if name not in but]
    changed = [name for name in names if getattr(circle, name) != getattr(wish, name)]
    for name in changed:
        setattr(circle, name, getattr(wish, name))
    if changed:
        circle.save(update_fields=changed)
        audit(circle=circle, verb="circle_changed", by=by, now=now)
    return circle


@dataclass(frozen=True)
class Invited:
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
) -> Invited:
    """Invite each address once and put its mail into the outbox; members, open invitations and overflow are listed.

    An expired invitation to the same address is revoked and replaced; whoever said no to this circle is not asked
    again, since the invitation promised it: a slip lets in whoever changes their mind. Of addresses that have had many
    lately, and beyond what one person sends in a day, none is sent; people who asked for a circle themselves
    (`asked_for`) are held to neither. `names` says what some of them are called, by address.
    """
    if not asked_for:
        person_lock(by)
    circle_lock(circle)
    Invitation.objects.filter(circle=circle, used_at=None, revoked_at=None, expires_at__lte=now).update(revoked_at=now)
    members = set(
        Membership.objects.filter(circle=circle, left_at=None, user__email__in=emails).values_list(
            "user__email", flat=True
        )
    )
    opened = set(
        Invitation.objects.filter(circle=circle, used_at=None, revoked_at=None).values_list("email", flat=True)
    )
    said_no = set(
        Invitation.objects.filter(circle=circle, answer=Answer.NO, email__in=emails).values_list("email", flat=True)
    )
    said_no -= members | opened
    often = set() if asked_for else often_written_to(emails, now=now)
    new = [email for email in emails if email not in members | opened | said_no | often]
    room = room_left(circle, now=now)
    sends = room if asked_for else min(room, _sends_left(by, now))
    called = names or {}
    sent = tuple(
        _invitation_make(circle=circle, email=email, by=by, now=now, name=called.get(email, ""))
        for email in new[:sends]
    )
    return Invited(
        sent=sent,
        already_here=tuple(email for email in emails if email in members),
        already_invited=tuple(email for email in emails if email in opened),
        no_room=tuple(new[room:]),
        often=tuple(email for email in emails if email in often - members - opened - said_no),
        tomorrow=tuple(new[sends:room]),
        said_no=tuple(email for email in emails if email in said_no),
    )


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
    """The link stops working at once; the person is not told."""
    Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None).update(revoked_at=now)
    audit(circle=invitation.circle, verb="invitation_withdrawn", by=by, now=now)


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


GONE = "gone"


@transaction.atomic
def invitation_accept(*, invitation: Invitation, user: User, now: datetime, by_mail: bool = False) -> bool:
    """A person's own yes. True when they are in; False when a slip now waits for the facilitator to confirm it.

    `by_mail` says that they hold the secret that was only mailed: it is for its address and proves it. What was shown
    or printed is for whoever holds it and proves nothing. Refused when the invitation is no longer open, was mailed to
    another address, or the circle is full.
    """
    person_lock(user)
    circle_lock(invitation.circle)
    if by_mail and invitation.email != user.email.lower():
        raise Refused(_("This invitation was sent to another address."))
    if Membership.objects.filter(circle=invitation.circle, user=user, left_at=None).exists():
        raise Refused(_("You are in this circle already."))
    _settle(invitation, user, now)
    if invitation.is_slip:
        messages_put(
            kind=SLIP_CLAIMED,
            about=About("invitation", invitation.code, circle=invitation.circle.code),
            to=_facilitators(invitation.circle),
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
        raise Refused(GONE)
    invitation.refresh_from_db()
    invitation.answer, invitation.claimed_by = Answer.YES, user
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
        raise Refused(GONE)
    invitation.refresh_from_db()
    invitation.answer, invitation.settled_at = Answer.NO, now
    invitation.word = word
    invitation.save(update_fields=["answer", "settled_at", "word"])
    about = About("invitation", invitation.code, circle=invitation.circle.code)
    messages_put(kind=DECLINED, about=about, to=_facilitators(invitation.circle), due_at=now, now=now)


@transaction.atomic
def slip_settle(*, invitation: Invitation, confirm: bool, by: User, now: datetime) -> bool:
    """The facilitator knows who took the slip and lets them in, or does not; they are told which. Whether they are in.

    Somebody who is gone by now is not let in. Refused when it was settled.
    """
    who = User.objects.filter(pk=invitation.claimed_by_id or 0).first()
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
    audit(circle=circle, verb="joined", by=by, about=user, now=now)
    about = About("membership", member.code, circle=circle.code)
    messages_put(kind=WELCOME, about=about, to=[user], due_at=now, now=now)
    messages_put(
        kind=JOINED,
        about=about,
        to=[person for person in _facilitators(circle) if person not in (user, by)],
        due_at=now,
        now=now,
    )


def _facilitators(circle: Circle) -> list[User]:
    return list(
        User.objects.filter(memberships__circle=circle, memberships__left_at=None, memberships__facilitates=True)
    )


def circle_lock(circle: Circle) -> None:
    """Who is in a circle, who looks after it and what is planned there changes one change after another; `row_lock`.

    Whatever is to hold afterwards (that somebody looks after it, that nobody is one too many) is asked only once the
    lock is held; `circle` is then as it is by now.
    """
    row_lock(circle)


def circles_lock(circles: models.QuerySet[Circle]) -> None:
    """As `circle_lock`, for somebody whose doings are about several circles, in the order that all keep."""
    list(circles.select_for_update(no_key=True, of=("self",)).order_by("pk"))


def _stands(membership: Membership) -> Membership:
    """The membership as it is under the lock. Refused when it has ended meanwhile."""
    found = Membership.objects.filter(pk=membership.pk, left_at=None).select_related("circle", "user").first()
    if found is None:
        raise Refused(_("This membership has ended meanwhile."))
    return found


def is_only_facilitator(membership: Membership, *, alone: bool = False) -> bool:
    """Whether nobody would look after the circle without them; with nobody else in it that is as `alone` says."""
    others = Membership.objects.filter(circle=membership.circle_id, left_at=None, user__is_active=True)
    others = others.exclude(pk=membership.pk)
    if not membership.facilitates or not others.exists():
        return membership.facilitates and alone
    return not others.filter(facilitates=True).exists()


@transaction.atomic
def member_leave(*, membership: Membership, now: datetime) -> None:
    """Leaving is free: no reason is asked. A circle's only facilitator first finds somebody who looks after it next.

    What they had asked about others falls. In a circle that is closed nothing is left to look after.
    """
    circle_lock(membership.circle)
    membership = _stands(membership)
    circle = membership.circle
    if circle.status != CircleStatus.CLOSED and is_only_facilitator(membership):
        raise Refused(_("You are the only facilitator. Choose who looks after the circle next, then leave."))
    membership_end(membership=membership, now=now)
    audit(circle=circle, verb="left", by=membership.user, about=membership.user, now=now)


def membership_end(*, membership: Membership, now: datetime, with_account: bool = False) -> bool:
    """End a membership, and with it what its person asked about others and was asked. False when it had ended."""
    open_one = Membership.objects.filter(pk=membership.pk, left_at=None)
    if not open_one.update(left_at=now, ended_with_account=with_account):
        return False
    about = Q(membership=membership) | Q(membership__circle=membership.circle_id, asked_by=membership.user_id)
    RemovalRequest.objects.filter(about, settled_at=None).update(settled_at=now)
    about = Q(about=membership) | Q(circle=membership.circle_id, asked_by=membership.user_id)
    Announcement.objects.filter(about, settled_at=None).update(settled_at=now, outcome=Outcome.FALLEN)
    return True


# So long after "has left" was said by mistake, the memberships that it ended come back.
BACK_WITHIN = timedelta(days=7)


@transaction.atomic
def circles_left(*, user: User, by: User, now: datetime) -> None:
    """Somebody has left the organisation: their memberships end, and the others are told who said so.

    Where nobody looks after the circle then, whoever has been in it longest does.
    """
    for membership in Membership.objects.filter(user=user, left_at=None).select_related("circle").order_by("circle"):
        circle = membership.circle
        circle_lock(circle)
        if not membership_end(membership=membership, now=now, with_account=True):
            continue
        audit(circle=circle, verb="left_organisation", by=by, about=user, now=now)
        rest = _rest_of(circle)
        if not rest.filter(facilitates=True).exists():
            heir_appoint(circle=circle, by=by, now=now)
        about = About("membership", membership.code, circle=circle.code)
        told = [member.user for member in rest if member.user != by]
        messages_put(kind=LEFT_ORGANISATION, about=about, to=told, due_at=now, now=now)
    Invitation.objects.filter(email=user.email, used_at=None, revoked_at=None).update(revoked_at=now)


def _rest_of(circle: Circle) -> models.QuerySet[Membership]:
    return Membership.objects.filter(circle=circle, left_at=None, user__is_active=True).select_related("user")


@transaction.atomic
def heir_appoint(*, circle: Circle, by: User | None, now: datetime) -> None:
    """Nobody looks after the circle any more: whoever has been in it longest does, and everybody is told who."""
    rest = _rest_of(circle)
    heir = rest.order_by("-takes_part", "joined_at", "pk").first()
    if heir is None:
        return
    facilitator_add(membership=heir, by=by, now=now)
    about = About("member", heir.code, circle=circle.code, part=event(now))
    messages_put(kind=APPOINTED, about=about, to=[member.user for member in rest], due_at=now, now=now)


@transaction.atomic
def circles_back(*, user: User, by: User, now: datetime) -> list[Circle]:
    """They had not left: for some days the memberships that it ended come back, and everybody there is told.

    Those of circles that are closed, or full by now, do not. In which circles they are again.
    """
    ended = Membership.objects.filter(user=user, ended_with_account=True, left_at__gt=now - BACK_WITHIN)
    back = []
    for membership in ended.select_related("circle").order_by("circle"):
        circle = membership.circle
        circle_lock(circle)
        if circle.status == CircleStatus.CLOSED or (membership.takes_part and not has_seat(circle)):
            continue
        told = [member.user for member in _rest_of(circle) if member.user not in (by, user)]
        Membership.objects.filter(pk=membership.pk).update(left_at=None, ended_with_account=False)
        audit(circle=circle, verb="here_after_all", by=by, about=user, now=now)
        about = About("membership", membership.code, int(now.timestamp() // 60), circle.code)
        messages_put(kind=HERE_AFTER_ALL, about=about, to=told, due_at=now, now=now)
        back.append(circle)
    Membership.objects.filter(user=user, ended_with_account=True).update(ended_with_account=False)
    return back


@transaction.atomic
def facilitator_add(*, membership: Membership, by: User | None, now: datetime) -> None:
    """Make a member a facilitator of their circle too."""
    circle_lock(membership.circle)
    Membership.objects.filter(pk=membership.pk, left_at=None).update(facilitates=True)
    audit(circle=membership.circle, verb="made_facilitator", by=by, about=membership.user, now=now)


def is_looked_after(circle: Circle) -> bool:
    """Whether somebody who can sign in looks after it, or it runs itself."""
    members = Membership.objects.filter(circle=circle, left_at=None, user__is_active=True).select_related("circle")
    return any(member.runs for member in members)


@transaction.atomic
def facilitator_appoint(*, circle: Circle, user: User, by: User, administrator: bool, now: datetime) -> None:
    """Let somebody look after a circle that nobody looks after any more; every member is told who, and by whom.

    They see nothing from before this day. Refused while somebody looks after it: then its members choose.
    """
    person_lock(user)
    circle_lock(circle)
    members = Membership.objects.filter(circle=circle, left_at=None)
    if circle.status == CircleStatus.CLOSED or is_looked_after(circle):
        raise Refused(_("Somebody looks after this circle. Its members choose who does next."))
    if not members.filter(user=user).update(facilitates=True):
        Membership.objects.create(circle=circle, user=user, facilitates=True, takes_part=False, joined_at=now)
    audit(
        circle=circle,
        verb="administrator_added" if administrator else "facilitator_appointed",
        by=by,
        about=user,
        now=now,
    )
    told = members.exclude(user=user).select_related("user")
    about = About("member", members.get(user=user).code, circle=circle.code, part=event(now))
    messages_put(kind=APPOINTED, about=about, to=[member.user for member in told], due_at=now, now=now)


def word_ask(*, membership: Membership, to: User | str, now: datetime) -> None:
    """Tell one person, or the address of the outside contact, that a member would like a word.

    Nothing is said about what, nothing is counted, nobody else sees it; asking the same person again on the same day
    sends nothing more.
    """
    kind = WORD if isinstance(to, User) else WORD_OUTSIDE
    messages_put(
        kind=kind,
        about=About("member", membership.code, now.toordinal(), membership.circle.code),
        to=[to],
        due_at=now,
        now=now,
    )


@transaction.atomic
def circle_hold(*, circle: Circle, on_hold: bool, by: User, now: datetime) -> None:
    """Put a circle on hold, which nobody counts as fading, or go on."""
    circle_lock(circle)
    before, after = CircleStatus.OPEN, CircleStatus.ON_HOLD
    if not on_hold:
        before, after = after, before
    if Circle.objects.filter(pk=circle.pk, status=before).update(status=after):
        audit(circle=circle, verb="put_on_hold" if on_hold else "goes_on", by=by, now=now)


@transaction.atomic
def self_run_say(*, circle: Circle, user: User, yes: bool, now: datetime) -> bool:
    """One member's yes, or not yet. Once everybody with a seat has said yes the circle runs itself: True then."""
    circle_lock(circle)
    SelfRunVoice.objects.update_or_create(circle=circle, user=user, defaults={"yes": yes, "at": now})
    ring = Membership.objects.filter(circle=circle, left_at=None, takes_part=True).values("user")
    agreed = SelfRunVoice.objects.filter(circle=circle, user__in=ring, yes=True).count()
    if agreed < ring.count() or not Circle.objects.filter(pk=circle.pk, self_run=False).update(self_run=True):
        return False
    circle.self_run = True
    audit(circle=circle, verb="runs_itself", by=None, now=now)
    return True


@transaction.atomic
def self_run_end(*, circle: Circle, by: User, now: datetime) -> None:
    """A member would rather be hosted again: the facilitator does, from the next session on."""
    circle_lock(circle)
    SelfRunVoice.objects.filter(circle=circle).delete()
    if Circle.objects.filter(pk=circle.pk, self_run=True).update(self_run=False):
        circle.self_run = False
        audit(circle=circle, verb="hosted_again", by=by, now=now)


@transaction.atomic
def text_keep(*, by: User, rows: models.QuerySet[Any], make: Callable[[], Any], text: str, unreadable: str) -> None:
    """Keep one person's one text among `rows`: made, changed, or deleted when it is empty.

    Refused with `unreadable` while what stands there cannot be opened. Of two tabs at once the later words win.
    """
    person_lock(by)
    found = rows.first()
    if found and isinstance(found.text, Unreadable):
        raise Refused(unreadable)
    if not text:
        rows.delete()
        return
    row = found or make()
    row.text = text
    if found:
        row.save(update_fields=["text"])
    else:
        row.save(force_insert=True)


@transaction.atomic
def goal_write(*, covenant: Covenant, user: User, text: str, now: datetime) -> None:
    """What one member wants from these sessions, in one line; an empty one is taken back.

    Written anew it is of now: whoever has joined since the one before reads this one.
    """
    rows = Goal.objects.filter(covenant=covenant, user=user)
    text_keep(
        by=user,
        rows=rows,
        make=lambda: Goal(covenant=covenant, user=user, vault=covenant.circle.vault, written_at=now),
        text=text,
        unreadable=_("Your line cannot be read at the moment, so it cannot be changed."),
    )
    rows.update(written_at=now)
