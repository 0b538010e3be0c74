"""What is refused about the agreement and commitments once somebody else was first."""

from datetime import timedelta

import pytest

from accounts.refusals import Refused
from agreements.commitment_services import (
    CommitmentDetails,
    commitment_make,
    commitment_settle,
    nudge_send,
    partner_answer,
    step_add,
)
from agreements.enums import CommitmentStatus
from agreements.models import Commitment, CommitmentStep, Nudge, Proposal, ProposalResponse
from agreements.proposal_services import (
    OPEN_AT_MOST,
    ProposalDetails,
    proposal_make,
    proposal_respond,
    proposal_withdraw,
)
from tests.factories import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def promise(people: Cast) -> Commitment:
    details = CommitmentDetails("a promise", (NOW + timedelta(days=5)).date(), people.carol)
    return commitment_make(circle=people.circle, owner=people.bob, details=details, now=NOW)


def test_a_commitment_has_twenty_steps_at_most(promise: Commitment) -> None:
    for number in range(20):
        step_add(commitment=promise, text=f"step {number}")
    with pytest.raises(Refused, match="Twenty steps are enough"):
        step_add(commitment=promise, text="one more")
    assert CommitmentStep.objects.count() == 20


def test_of_a_settled_commitment_nothing_is_asked_or_said(promise: Commitment, people: Cast) -> None:
    commitment_settle(commitment=Commitment.objects.get(), status=CommitmentStatus.KEPT, now=NOW)
    with pytest.raises(Refused, match="settled already"):
        partner_answer(commitment=promise, yes=True, now=NOW)
    with pytest.raises(Refused, match="settled already"):
        nudge_send(commitment=promise, by=people.carol, now=NOW)
    assert Commitment.objects.get().partner_yes_at is None
    assert not Nudge.objects.exists()


def test_to_a_settled_proposal_nothing_is_added(people: Cast) -> None:
    details = ProposalDetails(change="add", theme="scope", text="A clause", why="")
    proposal = proposal_make(circle=people.circle, details=details, by=people.bob, now=NOW)
    stale = Proposal.objects.get(pk=proposal.pk)
    answers = ProposalResponse.objects.count()
    with pytest.raises(Refused, match="what concerns you"):
        proposal_respond(proposal=stale, user=people.carol, stance="concern", comment="", now=NOW)
    proposal_withdraw(proposal=proposal, now=NOW)
    with pytest.raises(Refused, match="settled already"):
        proposal_respond(proposal=stale, user=people.carol, stance="yes", comment="", now=NOW)
    with pytest.raises(Refused, match="settled already"):
        proposal_withdraw(proposal=stale, now=NOW)
    assert ProposalResponse.objects.count() == answers


def test_a_circle_has_twenty_open_proposals_at_most(people: Cast) -> None:
    for number in range(OPEN_AT_MOST):
        details = ProposalDetails(change="add", theme="scope", text=f"Clause {number}", why="")
        proposal_make(circle=people.circle, details=details, by=people.bob, now=NOW)
    details = ProposalDetails(change="add", theme="scope", text="One more", why="")
    with pytest.raises(Refused, match="many open proposals"):
        proposal_make(circle=people.circle, details=details, by=people.bob, now=NOW)
    assert Proposal.objects.count() == 20
