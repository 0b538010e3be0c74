"""What circles hear and do when the mailbox of an account is proved by whoever holds it."""

from datetime import datetime

from django.db import transaction

from accounts.doors_services import account_claim, account_for_mailbox
from accounts.models import User
from circles.models import AuditEntry, Invitation, Membership
from notifications.services import About, messages_put

MAILBOX_CLAIMED = "mailbox_claimed"


@transaction.atomic
def mailbox_claim(*, user: User, now: datetime, hashed: str = "", name: str = "", time_zone: str = "") -> None:
    """As `account_claim`; whoever looks after a circle the account is in, else all in it, hears that its owner came."""
    account_claim(user=user, now=now, hashed=hashed, name=name, time_zone=time_zone)
    _tell(user, now)


@transaction.atomic
def person_of_mailbox(*, email: str, name: str, time_zone: str, password: str, now: datetime) -> User:
    """The account of whoever opened a link that was only mailed: made, or taken over from somebody who proved nothing.

    HasAccount where the owner of the address has one.
    """
    user, stood = account_for_mailbox(email=email, name=name, time_zone=time_zone, password=password, now=now)
    if stood:
        _tell(user, now)
    return user


def _tell(user: User, now: datetime) -> None:
    for membership in Membership.objects.filter(user=user, left_at=None).select_related("circle"):
        circle = membership.circle
        AuditEntry.objects.create(circle=circle, actor=None, verb="mailbox_claimed", about=user, at=now)
        others = Membership.objects.filter(circle=circle, left_at=None, user__is_active=True).exclude(user=user)
        rest = list(others.select_related("user", "circle"))
        told = [one.user for one in rest if one.runs] or [one.user for one in rest]
        about = About("membership", membership.code, now.toordinal(), circle.code)
        messages_put(kind=MAILBOX_CLAIMED, about=about, to=told, due_at=now, now=now)


def slips_of_gone(*, user: User, now: datetime) -> None:
    """Somebody is gone before anybody confirmed their slip: it seats nobody."""
    Invitation.objects.filter(claimed_by=user, settled_at=None).update(settled_at=now)
