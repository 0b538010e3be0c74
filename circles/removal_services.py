"""The only writes that end somebody else's membership: a facilitator asks, and one more member agrees."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from circles.membership_services import is_only_facilitator, membership_end
from circles.models import Membership, RemovalRequest
from circles.services import audit_write, circle_lock
from notifications.services import About, messages_drop, messages_put

REMOVAL_ASKED, REMOVED = "removal_asked", "removed_from_circle"


@transaction.atomic
def removal_ask(*, membership: Membership, by: User, now: datetime) -> RemovalRequest:
    """Ask the others whether somebody should leave; the one it is about is told once it is decided.

    Refused about oneself, about somebody who looks after the circle alone, and where there is nobody else to agree.
    """
    if membership.user == by:
        raise Refused(_("To leave yourself, use “Leave the circle”."))
    circle_lock(membership.circle)
    others = _present(membership).exclude(user__in=[by, membership.user]).select_related("user")
    if not others:
        raise Refused(_("It takes one more member to agree, and there is nobody else in the circle."))
    _looked_after(membership)
    try:
        with transaction.atomic():
            made = RemovalRequest.objects.create(membership=membership, asked_by=by, asked_at=now)
    except IntegrityError as error:
        raise Refused(_("This has been asked already.")) from error
    about = About("removal", made.code, circle=membership.circle.code)
    messages_put(kind=REMOVAL_ASKED, about=about, to=[one.user for one in others], due_at=now, now=now)
    return made


def _present(membership: Membership) -> QuerySet[Membership]:
    """Who is in the circle of a membership now, and can sign in."""
    return Membership.objects.filter(circle=membership.circle_id, left_at=None, user__is_active=True)


def _looked_after(membership: Membership) -> None:
    """Refused when nobody would look after the circle without them."""
    now_there = Membership.objects.get(pk=membership.pk)
    if is_only_facilitator(now_there, alone=True):
        raise Refused(_("They are the only facilitator. Choose who looks after the circle next first."))


@transaction.atomic
def removal_agree(*, removal: RemovalRequest, by: User, now: datetime) -> None:
    """One more member agrees: the membership ends at once, and no word of theirs is deleted by that.

    Whoever asked cannot agree to it themselves.

    Everything it takes is asked again now, one decision after another: that both are in the circle still, that whoever
    asked looks after it, and that somebody does afterwards. Refused when it was settled meanwhile.
    """
    member = removal.membership
    circle_lock(member.circle)
    if by in (member.user, removal.asked_by) or not _present(member).filter(user=by).exists():
        raise Refused(_("It takes one more member to agree: neither who asked nor whom it is about."))
    asker = _present(member).filter(user=removal.asked_by).select_related("circle").first()
    if asker is None or not asker.runs:
        raise Refused(_("Whoever asked no longer looks after the circle, so this is no longer asked."))
    _looked_after(member)
    settled = RemovalRequest.objects.filter(pk=removal.pk, settled_at=None).update(settled_at=now, agreed_by=by)
    if not settled or not membership_end(membership=member, now=now):
        raise Refused(_("This has been settled already."))
    audit_write(circle=member.circle, verb="removed", by=removal.asked_by, about=member.user, now=now)
    messages_drop(about_code=removal.code, kinds=[REMOVAL_ASKED])
    about = About("membership", member.code, circle=member.circle.code)
    messages_put(kind=REMOVED, about=about, to=[member.user], due_at=now, now=now)


def removal_withdraw(*, removal: RemovalRequest, now: datetime) -> None:
    """Whoever asked takes it back; nobody is told. Refused once it was decided."""
    if not RemovalRequest.objects.filter(pk=removal.pk, settled_at=None).update(settled_at=now):
        raise Refused(_("This has been settled meanwhile."))
    messages_drop(about_code=removal.code, kinds=[REMOVAL_ASKED])
