"""The links in the reminder of a plan: signed, for one revision of one commitment, so that each answers once."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts.tokens import signed, signed_read
from agreements.enums import CommitmentStatus, PlanAnswer
from agreements.models import Commitment
from circles.selectors import belongs

SALT = "talking piece: answer about a plan"


def plan_link_of(commitment: Commitment, answer: PlanAnswer) -> str:
    """The address of the page that gives this answer for the owner of a commitment."""
    token = signed(SALT, [commitment.code.hex, commitment.revision, answer.value])
    return settings.SITE_URL + reverse("agreements:plan_answer", args=[token])


def plan_link_read(token: str) -> tuple[Commitment, int, PlanAnswer] | None:
    """Which commitment a link is about, in which revision, and its answer; None for one that we did not make."""
    found = signed_read(SALT, token)
    if found is None:
        return None
    code, revision, answer = found
    row = Commitment.objects.filter(code=UUID(code)).select_related("owner", "circle__vault", "vault").first()
    return (row, revision, PlanAnswer(answer)) if row else None


def plan_link_is_known(token: str) -> bool:
    """Whether it is a link that was given out, for counting guesses."""
    return plan_link_read(token) is not None


def plan_link_over(commitment: Commitment, revision: int) -> bool:
    """Whether a link answers no more: answered, changed or settled since, its circle closed, or its owner has left."""
    open_still = commitment.status == CommitmentStatus.OPEN and commitment.revision == revision
    there = commitment.owner.is_active and not commitment.circle.vault.destroyed_at
    return not (open_still and there and belongs(commitment.circle, commitment.owner))
