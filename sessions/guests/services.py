"""The only writes about guests: invited to one session, if no member would rather not."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.doors_services import address_prove
from accounts.models import User
from accounts.refusals import Gone, Refused
from accounts.services import person_lock, row_lock
from circles.doors_services import person_of_mailbox
from circles.models import Circle, Membership
from circles.services import audit_write, circles_lock
from notifications.services import About, messages_drop, messages_put, often_written_to
from sessions.enums import ParticipantKind, Rsvp
from sessions.kinds import GUEST_ANSWERED, GUEST_COMES, GUEST_INVITED, GUEST_NOT, GUEST_TOLD
from sessions.models import GUEST_READS_FOR, CircleSession, GuestPass, Participation
from sessions.services import must_be_dated, session_lock, version_raise

GUESTS_AT_MOST = 2


MEMBERS_FIRST = timedelta(days=1)


# So long nobody asks a person again as a guest of the same circle after there was to be no such guest.
NO_HOLDS = timedelta(days=30)


@transaction.atomic
def guest_invite(*, session: CircleSession, name: str, email: str, by: User, now: datetime) -> GuestPass:
    """Invite a guest to one planned session. The members hear of it first and may say that they would rather not.

    The guest is asked a day later, or after half of the time that is left when that is less. Refused for a member's
    address, for the same address twice, for more than two guests, and for thirty days after there was to be no such
    guest: a no is remembered, whoever said it and why.
    """
    session_lock(session)
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    if Membership.objects.filter(circle=session.circle_id, left_at=None, user__email=email).exists():
        raise Refused(_("This person is in the circle already."))
    if often_written_to([email], now=now):
        raise Refused(_("This address has had many invitations today. Ask them tomorrow."))
    invited = GuestPass.objects.filter(session=session, revoked_at=None)
    if invited.filter(email=email).exists():
        raise Refused(_("This person is invited already."))
    if invited.count() >= GUESTS_AT_MOST:
        raise Refused(_("Two guests are enough for one session."))
    _not_refused(session, email, now)
    guest = GuestPass(
        session=session, name=name, email=email, invited_by=by, created_at=now, expires_at=session.plans_to_end_at
    )
    guest.token_hash = GuestPass.hash_of(guest.secret)
    guest.save(force_insert=True)
    # The members first: a no of theirs takes the pass away before the guest has heard of it.
    members = User.objects.filter(memberships__circle=session.circle_id, memberships__left_at=None, is_active=True)
    about = About("guest", guest.code, circle=guest.session.circle.code)
    messages_put(kind=GUEST_TOLD, about=about, to=members.exclude(pk=by.pk), due_at=now, now=now)
    messages_put(kind=GUEST_INVITED, about=about, to=[email], due_at=asked_at(session, now=now), now=now)
    audit_write(circle=session.circle, verb="guest_invited", by=by, now=now)
    return guest


def asked_at(session: CircleSession, *, now: datetime) -> datetime:
    """When a guest who is named now is asked: after the members have had a day, or half of what is left of one."""
    return now + min(MEMBERS_FIRST, max(timedelta(0), session.starts_at - now) / 2)


def _not_refused(session: CircleSession, email: str, now: datetime) -> None:
    """Refused while a no to this person holds in the circle: a member's, the facilitator's or their own, told apart
    by nobody."""
    before = Q(session__started_at=None) | Q(revoked_at__lt=F("session__started_at"))
    same = GuestPass.objects.filter(before, session__circle=session.circle_id, email=email)
    refused = same.filter(revoked_at__gt=now - NO_HOLDS).order_by("-revoked_at").first()
    if refused and refused.revoked_at:
        until = refused.revoked_at + NO_HOLDS
        raise Refused(
            _("This person was not to come, or could not; nobody is told which. Ask them again from %(day)s on.")
            % {"day": date_format(until, "j F")}
        )


@transaction.atomic
def guest_withdraw(*, guest: GuestPass, now: datetime) -> None:
    """Somebody would rather not, the facilitator withdraws, or the guest cannot come: nobody is told which.

    Only before the session starts. What is kept of it names a day and no hour, which would tell who was there then.
    """
    session = guest.session
    session_lock(session)
    row_lock(guest)  # whoever said yes a moment ago is not to come either
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    # The day and no hour: beside the log of who was signed in then an hour would name whoever said it.
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if not GuestPass.objects.filter(pk=guest.pk, revoked_at=None).update(revoked_at=day):
        return
    messages_drop(about_code=guest.code, kinds=[GUEST_INVITED, GUEST_TOLD, GUEST_COMES, GUEST_ANSWERED])
    # Told at the end of the day, as every no is, unless that would be too late to plan for it.
    soon = session.starts_at < day + 2 * MEMBERS_FIRST
    due, noted = (now, now) if soon else (day + MEMBERS_FIRST, day)
    about = About("guest", guest.code, circle=guest.session.circle.code, part="no")
    messages_put(kind=GUEST_ANSWERED, about=about, to=[guest.invited_by], due_at=due, now=noted)
    if guest.user:
        Participation.objects.filter(session=session, user=guest.user, kind=ParticipantKind.GUEST).delete()
        messages_put(kind=GUEST_NOT, about=replace(about, part=""), to=[guest.user], due_at=due, now=noted)
    audit_write(circle=session.circle, verb="guest_withdrawn", by=None, now=day)
    version_raise(session=session)


@transaction.atomic
def guest_accept(*, guest: GuestPass, user: User, now: datetime, dated: str = "") -> None:
    """The guest's own yes, by a link that was only mailed: it proves the address.

    Refused when the pass no longer stands or was meant for another address, or when the date is another than the one
    they were asked about (`dated`, see `must_be_dated`).
    """
    person_lock(user)
    session_lock(guest.session)
    if guest.email != user.email.lower():
        raise Refused(_("This invitation was sent to another address."))
    taken = GuestPass.objects.filter(pk=guest.pk, used_at=None, revoked_at=None, expires_at__gt=now)
    if not guest.session.is_planned or not taken.update(used_at=now, user=user):
        raise Gone
    must_be_dated(guest.session, dated)
    address_prove(user=user)
    Participation.objects.update_or_create(
        session=guest.session, user=user, defaults={"kind": ParticipantKind.GUEST, "rsvp": Rsvp.YES}
    )
    about = About("guest", guest.code, circle=guest.session.circle.code, part="yes")
    messages_put(kind=GUEST_COMES, about=about, to=[user], due_at=now, now=now)
    messages_put(kind=GUEST_ANSWERED, about=about, to=[guest.invited_by], due_at=now, now=now)
    version_raise(session=guest.session)


@transaction.atomic
def guest_accept_as_new(
    *, guest: GuestPass, name: str, time_zone: str, password: str, now: datetime, dated: str = ""
) -> User:
    """Make the account that the guest's address needs, proved by the mail it came in, and accept.

    One that somebody else set up under that address without proof becomes the guest's.
    """
    user = person_of_mailbox(email=guest.email, name=name, time_zone=time_zone, password=password, now=now)
    guest_accept(guest=guest, user=user, now=now, dated=dated)
    return user


@transaction.atomic
def guest_ends(*, user: User, now: datetime) -> None:
    """Whoever has left the organisation is nobody's guest: what they were asked to and said yes to ends."""
    passes = GuestPass.objects.filter(Q(user=user) | Q(email=user.email), revoked_at=None)
    circles_lock(Circle.objects.filter(sessions__in=passes.values("session")))
    for guest in passes.select_related("session__circle", "user"):
        if guest.session.is_planned:
            guest_withdraw(guest=guest, now=now)
    passes.update(revoked_at=now)


def guests_close(*, now: datetime) -> int:
    """A guest's access ends a day after the session. How many ended."""
    over = GuestPass.objects.filter(session__ended_at__lt=now - GUEST_READS_FOR, revoked_at=None)
    return over.update(revoked_at=now)
