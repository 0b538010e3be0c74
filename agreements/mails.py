"""The reminder of a commitment: that one is due, never what it says."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from agreements.commitment_services import COMMITMENT_DUE
from agreements.enums import CommitmentStatus
from agreements.models import Commitment
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


def register_kinds() -> None:
    register(Kind(COMMITMENT_DUE, "agreements/email/commitment_due", _due))
