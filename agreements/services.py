"""The only writes to agreements, signatures and commitments."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Refused
from accounts.zones import to_instant, to_local
from agreements.enums import Audience, CommitmentStatus
from agreements.models import Agreement, AgreementVersion, Clause, Commitment, Signature
from agreements.selectors import current_version
from agreements.starting import STARTING_CLAUSES
from circles import crypto
from circles.models import Circle, Membership
from notifications.services import About, messages_drop, messages_put

COMMITMENT_DUE = "commitment_due"
REMIND_AT = 9  # o'clock, in the owner's zone, on the day before
PLANNED_AHEAD = timedelta(days=8)


def text_of(clauses: list[tuple[str, str]]) -> str:
    """The exact text that a digest is of: theme and words of every clause, in order."""
    return "\n".join(f"{theme}\t{text}" for theme, text in clauses)


@transaction.atomic
def agreement_start(*, circle: Circle, now: datetime) -> AgreementVersion:
    """Give a new circle its starting agreement, in its language, as version 1."""
    with translation.override(circle.language):
        clauses = [(theme, _(text)) for theme, text in STARTING_CLAUSES]
    agreement = Agreement.objects.create(circle=circle)
    version = AgreementVersion.objects.create(
        agreement=agreement, number=1, digest=circle.vault.digest(text_of(clauses)), adopted_at=now
    )
    for position, (theme, text) in enumerate(clauses, start=1):
        Clause.objects.create(
            vault=circle.vault, code=uuid4(), version=version, theme=theme, position=position, text=text
        )
    return version


class Replaced(Refused):
    """The version somebody wanted to sign is no longer the one in force, or its text is not what they saw."""


def agreement_sign(*, circle: Circle, user: User, version: UUID, digest: str, now: datetime) -> None:
    """Sign the exact text that was shown. Replaced, and nothing signed, when another one is in force.

    The digest is recomputed from the stored clauses, so a signature can never be of a text that was changed.
    """
    current = current_version(circle)
    if current is None or current.code != version or current.digest != digest:
        raise Replaced(_("The agreement has changed since you opened it. This is the text in force now."))
    clauses = Clause.objects.filter(version=current).order_by("position")
    try:
        real = circle.vault.digest(text_of([(clause.theme, clause.text) for clause in clauses]))
    except crypto.CannotOpen:
        real = ""
    if real != digest:
        raise Refused(_("The agreement cannot be read at the moment, so it cannot be signed. Try again later."))
    try:
        with transaction.atomic():
            Signature.objects.create(version=current, user=user, digest=digest, signed_at=now)
    except IntegrityError:
        return  # signed already: pressing twice is no mistake


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


def today_of(user: User, now: datetime) -> date:
    return to_local(now, user.time_zone).date()
