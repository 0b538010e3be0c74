"""Who may see a proposal or a commitment: decided here only. Whoever may not gets the 404 of what does not exist."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.models import User
from agreements.enums import Audience
from agreements.models import AgreementVersion, Commitment, Proposal
from circles.access import Seat, get_circle, must_be_open
from circles.models import Membership

# What belongs to a circle ends with belonging to it, also where one's own thing leads there.
OWNER_IS_IN = Q(Exists(Membership.objects.filter(circle=OuterRef("circle"), user=OuterRef("owner"), left_at=None)))


@dataclass(frozen=True)
class ProposalSeat(Seat):
    """A member's place before one proposal of their circle."""

    proposal: Proposal


def get_proposal(user: User | AnonymousUser, code: UUID, *, writes: bool = False) -> ProposalSeat:
    """A proposal for a present member of its circle who reads it, or who answers it (`writes`).

    One from before they came is as if there were none, unless it waits for what they say: then they read what would
    change, since they will be asked to sign it, and not what was said about it.
    """
    found = Proposal.objects.filter(code=code).select_related("agreement__circle__vault", "base", "by", "adopted_as")
    proposal = found.first()
    if proposal is None:
        raise Http404
    seat = get_circle(user, proposal.agreement.circle.code, writes=writes)
    if not reads_proposal(seat, proposal):
        raise Http404
    return ProposalSeat(seat.circle, seat.user, seat.membership, proposal)


def reads_proposal(seat: Seat, proposal: Proposal) -> bool:
    """Whether it was made since they came, or waits for their answer."""
    return seat.saw(proposal.made_at) or (proposal.is_open and seat.membership.takes_part)


def get_version(seat: Seat, number: int) -> AgreementVersion:
    """One version of the agreement of a circle that the person is in: in force on the day they came, or since."""
    versions = AgreementVersion.objects.filter(agreement__circle=seat.circle)
    version = versions.filter(number=number).first()
    if version is None or not versions_seen(versions, came=seat.membership.joined_at).filter(pk=version.pk).exists():
        raise Http404
    return version


def versions_seen(versions: QuerySet[AgreementVersion], *, came: datetime) -> QuerySet[AgreementVersion]:
    """Those among `versions` that were in force when somebody `came`, or since."""
    later = AgreementVersion.objects.filter(
        agreement=OuterRef("agreement"), number__gt=OuterRef("number"), adopted_at__lt=came
    )
    return versions.filter(~Exists(later))


def get_own_commitment(user: User | AnonymousUser, code: UUID) -> Commitment:
    """A person's own commitment, for what concerns nobody else: also in a circle they have left."""
    return _commitment(code, Q(owner_id=user.pk or 0))


def get_own_commitment_inside(user: User | AnonymousUser, code: UUID) -> Commitment:
    """A person's own commitment in a circle they are in, for what concerns its other members."""
    return _in_open_circle(_commitment(code, Q(owner_id=user.pk or 0) & OWNER_IS_IN))


def get_commitment_as_partner(user: User | AnonymousUser, code: UUID, *, writes: bool = False) -> Commitment:
    """A commitment whose owner chose this person to ask about it, in a circle both are still in; to read or answer."""
    partner = Membership.objects.filter(circle=OuterRef("circle"), user=OuterRef("partner"), left_at=None)
    found = _commitment(code, Q(Exists(partner), partner_id=user.pk or 0) & OWNER_IS_IN & ~Q(audience=Audience.ME))
    return _in_open_circle(found) if writes else found


def _in_open_circle(commitment: Commitment) -> Commitment:
    """What concerns others ends with the circle."""
    must_be_open(commitment.circle)
    return commitment


def get_commitment(user: User | AnonymousUser, code: UUID) -> Commitment:
    """A commitment to read, for its owner or their partner."""
    try:
        return get_own_commitment(user, code)
    except Http404:
        return get_commitment_as_partner(user, code)


def get_commitment_to_talk_about(user: User | AnonymousUser, code: UUID) -> Commitment:
    """A commitment for its owner or their partner, both in its circle: those who make appointments about it."""
    try:
        return get_own_commitment_inside(user, code)
    except Http404:
        return get_commitment_as_partner(user, code, writes=True)


def _commitment(code: UUID, mine: Q) -> Commitment:
    rows = Commitment.objects.filter(mine, code=code).select_related("vault", "circle__vault", "owner", "partner")
    commitment: Commitment | None = rows.first()
    # Words whose key is gone would show as unreadable for ever: there is nothing to see any more.
    if commitment is None or commitment.circle.vault.destroyed_at:
        raise Http404
    return commitment
