"""Who leaves a circle, who comes back, and who looks after it."""

from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.services import person_lock
from circles.enums import CircleStatus, Outcome
from circles.invitation_services import has_seat
from circles.kinds import APPOINTED, HERE_AFTER_ALL, LEFT_ORGANISATION, WORD, WORD_OUTSIDE
from circles.models import Announcement, Circle, Invitation, Membership, RemovalRequest
from circles.services import audit_write, circle_lock
from notifications.services import About, event_part, messages_put


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
    audit_write(circle=circle, verb="left", by=membership.user, about=membership.user, now=now)


def membership_end(*, membership: Membership, now: datetime, with_account: bool = False) -> bool:
    """End a membership, and with it what its person asked about others and was asked. False when it had ended."""
    open_one = Membership.objects.filter(pk=membership.pk, left_at=None)
    if not open_one.update(left_at=now, ended_with_account=with_account):
        return False
    # Both ways: nobody decides afterwards about somebody who is gone, nor for somebody who is.
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
        audit_write(circle=circle, verb="left_organisation", by=by, about=user, now=now)
        rest = _rest_of(circle)
        if not rest.filter(facilitates=True).exists():
            heir_appoint(circle=circle, by=by, now=now)
        about = About("membership", membership.code, circle=circle.code, part=event_part(now))
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
    about = About("member", heir.code, circle=circle.code, part=event_part(now))
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
        audit_write(circle=circle, verb="here_after_all", by=by, about=user, now=now)
        about = About("membership", membership.code, int(now.timestamp() // 60), circle.code)
        messages_put(kind=HERE_AFTER_ALL, about=about, to=told, due_at=now, now=now)
        back.append(circle)
    # What did not come back now does not come back later either.
    Membership.objects.filter(user=user, ended_with_account=True).update(ended_with_account=False)
    return back


@transaction.atomic
def facilitator_add(*, membership: Membership, by: User | None, now: datetime) -> None:
    """Make a member a facilitator of their circle too."""
    circle_lock(membership.circle)
    Membership.objects.filter(pk=membership.pk, left_at=None).update(facilitates=True)
    audit_write(circle=membership.circle, verb="made_facilitator", by=by, about=membership.user, now=now)


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
    verb = "facilitator_appointed"
    if administrator:
        verb = "administrator_added" if user == by else "administrator_named"
    audit_write(circle=circle, verb=verb, by=by, about=user, now=now)
    told = members.exclude(user=user).select_related("user")
    about = About("member", members.get(user=user).code, circle=circle.code, part=event_part(now))
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
