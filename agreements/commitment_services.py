"""The only writes to commitments."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Refused
from accounts.zones import to_instant
from agreements.enums import Audience, CommitmentStatus
from agreements.models import Commitment
from circles.models import Circle, Membership
from notifications.services import About, messages_drop, messages_put

COMMITMENT_DUE = "commitment_due"
REMIND_AT = 9  # o'clock, in the owner's zone, on the day before
PLANNED_AHEAD = timedelta(days=8)


@transaction.atomic
def commitment_make(
    *,
    circle: Circle,
    owner: User,
    text: str,
    due_on: date,
    partner: User | None,
    now: datetime,
    audience: str = Audience.CIRCLE,
) -> Commitment:
    """A new commitment; its reminder is planned when its day comes near."""
    if partner and not Membership.objects.filter(circle=circle, user=partner, left_at=None).exists():
        raise Refused(_("Choose someone who is in the circle."))
    commitment = Commitment(
        circle=circle,
        vault=circle.vault,
        owner=owner,
        partner=partner,
        audience=audience,
        due_on=due_on,
        made_at=now,
    )
    commitment.text = text
    commitment.save()
    reminder_plan(commitment=commitment, now=now)
    return commitment


@transaction.atomic
def commitment_settle(*, commitment: Commitment, status: CommitmentStatus, now: datetime) -> None:
    """Mark kept, kept in part or let go, or open it again; what waited to remind of it is dropped."""
    settled = None if status == CommitmentStatus.OPEN else now
    Commitment.objects.filter(pk=commitment.pk).update(status=status, settled_at=settled)
    messages_drop(about_code=commitment.code, kinds=[COMMITMENT_DUE])


@transaction.atomic
def commitment_move(*, commitment: Commitment, due_on: date, now: datetime) -> None:
    """Give a commitment another date; it reminds afresh."""
    Commitment.objects.filter(pk=commitment.pk).update(due_on=due_on, revision=commitment.revision + 1)
    messages_drop(about_code=commitment.code, kinds=[COMMITMENT_DUE])
    commitment.refresh_from_db()
    reminder_plan(commitment=commitment, now=now)


def reminder_due_at(commitment: Commitment) -> datetime:
    """Nine in the morning of the day before, where the owner is."""
    day_before = commitment.due_on - timedelta(days=1)
    local = datetime.combine(day_before, datetime.min.time()).replace(hour=REMIND_AT)
    return to_instant(local, commitment.owner.time_zone)


def reminder_plan(*, commitment: Commitment, now: datetime) -> None:
    """Write the reminder once it comes within eight days; a time that has passed is not made up for."""
    due_at = reminder_due_at(commitment)
    if now < due_at <= now + PLANNED_AHEAD:
        about = About("commitment", commitment.code, commitment.revision)
        messages_put(kind=COMMITMENT_DUE, about=about, to=[commitment.owner], due_at=due_at, now=now)


def reminders_plan(*, now: datetime) -> int:
    """Plan the reminders of every open commitment whose day comes near. How many were looked at."""
    today = now.date()
    near = Commitment.objects.filter(
        status=CommitmentStatus.OPEN,
        due_on__gte=today,
        due_on__lte=today + PLANNED_AHEAD + timedelta(days=1),
        owner__is_active=True,
    ).select_related("vault", "owner")
    rows = list(near)
    for commitment in rows:
        reminder_plan(commitment=commitment, now=now)
    return len(rows)
