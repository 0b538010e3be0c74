"""The only writes that end somebody else's membership: a facilitator asks, and one more member agrees."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Refused
from circles.models import Membership, RemovalRequest
from circles.services import audit
from notifications.services import About, messages_drop, messages_put

REMOVAL_ASKED, REMOVED = "removal_asked", "removed_from_circle"


@transaction.atomic
def removal_ask(*, membership: Membership, by: User, now: datetime) -> RemovalRequest:
    """Ask the others whether somebody should leave; the one it is about is told once it is decided.

    Refused about oneself, about somebody who looks after the circle alone, and where there is nobody else to agree.
    """
    if membership.user == by:
        raise Refused(_("To leave yourself, use “Leave the circle”."))
    present = Membership.objects.filter(circle=membership.circle, left_at=None, user__is_active=True)
    others = present.exclude(user__in=[by, membership.user]).select_related("user")
    if not others:
        raise Refused(_("It takes one more member to agree, and there is nobody else in the circle."))
    if membership.facilitates and not present.exclude(pk=membership.pk).filter(facilitates=True).exists():
        raise Refused(_("They are the only facilitator. Choose who looks after the circle next first."))
    try:
        with transaction.atomic():
            made = RemovalRequest.objects.create(membership=membership, asked_by=by, asked_at=now)
    except IntegrityError as error:
        raise Refused(_("This has been asked already.")) from error
    about = About("removal", made.code, circle=membership.circle.code)
    messages_put(kind=REMOVAL_ASKED, about=about, to=[one.user for one in others], due_at=now, now=now)
    return made


@transaction.atomic
def removal_agree(*, removal: RemovalRequest, by: User, now: datetime) -> None:
    """One more member agrees: the membership ends at once. Whoever asked cannot agree to it themselves.

    Refused when it was settled meanwhile.
    """
    open_ones = RemovalRequest.objects.filter(pk=removal.pk, settled_at=None).exclude(asked_by=by)
    ended = open_ones.update(settled_at=now, agreed_by=by)
    if not ended or not Membership.objects.filter(pk=removal.membership_id, left_at=None).update(left_at=now):
        raise Refused(_("This has been settled already."))
    member = removal.membership
    audit(circle=member.circle, verb="removed", by=removal.asked_by, about=member.user, now=now)
    messages_drop(about_code=removal.code, kinds=[REMOVAL_ASKED])
    about = About("membership", member.code, circle=member.circle.code)
    messages_put(kind=REMOVED, about=about, to=[member.user], due_at=now, now=now)


def removal_withdraw(*, removal: RemovalRequest, now: datetime) -> None:
    """Whoever asked takes it back; nobody is told."""
    RemovalRequest.objects.filter(pk=removal.pk, settled_at=None).update(settled_at=now)
    messages_drop(about_code=removal.code, kinds=[REMOVAL_ASKED])
