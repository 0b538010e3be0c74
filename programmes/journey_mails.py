"""The mails that tell a circle of the journey of its programme before it begins there, and that it does not."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from circles.selectors import belongs
from notifications.models import Message
from notifications.registry import Kind
from programmes.journey_selectors import offer_of
from programmes.journey_services import JOURNEY_OFF, JOURNEY_TOLD
from programmes.models import JourneyOffer


def _journey_told(message: Message, now: datetime) -> dict[str, Any] | None:
    """To everybody in a circle, until it begins there or the circle has said no."""
    offer = offer_of(message.subject_code)
    if offer is None or offer.journey_id != message.revision or offer.journey.begins_at <= now:
        return None
    if not belongs(offer.of.circle, message.user):
        return None
    return {
        "circle": offer.of.circle,
        "programme": offer.journey.programme,
        "journey": offer.journey,
        "path": reverse("programmes:journey_offered", args=[offer.of.circle.code]),
    }


def _journey_off(message: Message, now: datetime) -> dict[str, Any] | None:
    """To everybody in a circle who was told, while the programme has told the circle of no other."""
    rows = JourneyOffer.objects.filter(of__circle__code=message.subject_code, journey=message.revision, settled_at=None)
    offer = rows.select_related("of__circle", "journey__programme").first()
    if offer is None or offer_of(message.subject_code) or not belongs(offer.of.circle, message.user):
        return None
    circle = offer.of.circle
    path = reverse("sessions:circle_journey", args=[circle.code])
    return {"circle": circle, "programme": offer.journey.programme, "path": path}


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
    Kind(
        key=JOURNEY_OFF,
        email="programmes/journey_off",
        prepare=_journey_off,
        label=_("The programme takes its journey back"),
        page="sessions:circle_journey",
        of_circle=True,
        may_choose=False,
    ),
)
