"""Who may see a proposal or a commitment: decided here only. Whoever may not gets the 404 of what does not exist."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q
from django.http import Http404

from accounts.models import User
from agreements.enums import Audience
from agreements.models import AgreementVersion, Commitment, Proposal
from circles.access import Seat, get_circle
from circles.models import Membership

# What belongs to a circle ends with belonging to it, also where one's own thing leads there.
OWNER_IS_IN = Q(Exists(Membership.objects.filter(circle=OuterRef("circle"), user=OuterRef("owner"), left_at=None)))


@dataclass(frozen=True)
class ProposalSeat(Seat):
    """A member's place before one proposal of their circle."""

    proposal: Proposal


def get_proposal(user: User | AnonymousUser, code: UUID) -> ProposalSeat:
    """A proposal for a present member of its circle; for who came from outside later, as if there were none."""
    found = Proposal.objects.filter(code=code).select_related("agreement__circle__vault", "base", "by", "adopted_as")
    proposal = found.first()
    if proposal is None:
        raise Http404
    seat = get_circle(user, proposal.agreement.circle.code)
    if not seat.saw(proposal.made_at):
        raise Http404
    return ProposalSeat(seat.circle, seat.user, seat.membership, proposal)


def get_version(seat: Seat, number: int) -> AgreementVersion:
    """One version of the agreement of a circle that the person is in."""
    version = AgreementVersion.objects.filter(agreement__circle=seat.circle, number=number).first()
    if version is None:
        raise Http404
    return version


def get_own_commitment(user: User | AnonymousUser, code: UUID) -> Commitment:
    """A person's own commitment, for what concerns nobody else: also in a circle they have left."""
    return _commitment(code, Q(owner_id=user.pk or 0))


def get_own_commitment_inside(user: User | AnonymousUser, code: UUID) -> Commitment:
    """A person's own commitment in a circle they are in, for what concerns its other members."""
    return _commitment(code, Q(owner_id=user.pk or 0) & OWNER_IS_IN)


def get_commitment_as_partner(user: User | AnonymousUser, code: UUID) -> Commitment:
    """A commitment whose owner chose this person to ask about it, in a circle both are still in."""
    partner = Membership.objects.filter(circle=OuterRef("circle"), user=OuterRef("partner"), left_at=None)
    return _commitment(code, Q(Exists(partner), partner_id=user.pk or 0) & OWNER_IS_IN & ~Q(audience=Audience.ME))


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
        return get_commitment_as_partner(user, code)


def _commitment(code: UUID, mine: Q) -> Commitment:
    rows = Commitment.objects.filter(mine, code=code).select_related("vault", "circle__vault", "owner", "partner")
    commitment: Commitment | None = rows.first()
    if commitment is None:
        raise Http404
    return commitment
