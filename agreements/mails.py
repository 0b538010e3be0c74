"""Mails of agreements and commitments: that something waits, never what it says."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from agreements.adopting import counts_from
from agreements.commitment_services import COMMITMENT_DUE
from agreements.enums import CommitmentStatus, ProposalStatus
from agreements.models import AgreementVersion, Commitment, Proposal, ProposalResponse, Signature
from agreements.proposal_services import ADOPTED, PROPOSED, ring_ids, said_to
from agreements.selectors import current_version
from circles.models import Circle, Membership
from notifications.models import Message
from notifications.registry import Kind, register


def _due(message: Message, now: datetime) -> dict[str, Any] | None:
    found = Commitment.objects.filter(
        code=message.subject_code, status=CommitmentStatus.OPEN, revision=message.revision
    )
    commitment = found.select_related("circle", "owner", "partner", "vault").first()
    if commitment is None:
        return None
    return {
        "circle": commitment.circle,
        "due_on": commitment.due_on,
        "partner": commitment.partner,
        "path": reverse("agreements:commitments"),
    }


def _in_circle(message: Message, circle: Circle) -> bool:
    return Membership.objects.filter(circle=circle, user=message.user, left_at=None).exists()


def _proposed(message: Message, now: datetime) -> dict[str, Any] | None:
    """While the proposal is open, to members who have not answered."""
    found = Proposal.objects.filter(code=message.subject_code, status=ProposalStatus.OPEN)
    proposal = found.select_related("agreement__circle__vault", "base", "by").first()
    if proposal is None or not _in_circle(message, proposal.agreement.circle):
        return None
    responses = list(ProposalResponse.objects.filter(proposal=proposal))
    if any(row.user_id == message.user_id for row in responses):
        return None
    said = said_to(proposal, members=ring_ids(proposal.agreement.circle_id), responses=responses)
    return {
        "circle": proposal.agreement.circle,
        "who": proposal.by,
        "counts_from": counts_from(said),
        "path": reverse("agreements:proposal", args=[proposal.code]),
    }


def _adopted(message: Message, now: datetime) -> dict[str, Any] | None:
    """While it is the text in force, to members who have not signed it."""
    version = AgreementVersion.objects.filter(code=message.subject_code).select_related("agreement__circle").first()
    if version is None or not _in_circle(message, version.agreement.circle):
        return None
    signed = Signature.objects.filter(version=version, user=message.user).exists()
    if signed or current_version(version.agreement.circle) != version:
        return None
    return {
        "circle": version.agreement.circle,
        "number": version.number,
        "path": reverse("agreements:agreement", args=[version.agreement.circle.code]),
    }


def register_kinds() -> None:
    register(
        Kind(COMMITMENT_DUE, "agreements/email/commitment_due", _due),
        Kind(PROPOSED, "agreements/email/proposal", _proposed),
        Kind(ADOPTED, "agreements/email/adopted", _adopted),
    )
