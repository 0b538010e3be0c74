"""The mail that tells a circle of the journey of its programme, before it begins there."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from circles.selectors import belongs
from notifications.models import Message
from notifications.registry import Kind
from programmes.journey_selectors import offer_of
from programmes.journey_services import JOURNEY_TOLD


def _journey_told(message: Message, now: datetime) -> dict[str, Any] | None:
    """To everybody in a circle, until it begins there or the circle has said no."""
    offer = offer_of(message.subject_code)
    if offer is None or offer.journey.begins_at <= now or not belongs(offer.of.circle, message.user):
        return None
    return {
        "circle": offer.of.circle,
        "programme": offer.journey.programme,
        "journey": offer.journey,
        "path": reverse("programmes:journey_offered", args=[offer.of.circle.code]),
    }


KINDS = (
    Kind(
        key=JOURNEY_TOLD,
        email="programmes/journey_told",
        prepare=_journey_told,
        label=_("The programme takes a journey for its circles"),
        page="programmes:journey_offered",
        of_circle=True,
        may_choose=False,
    ),
)
