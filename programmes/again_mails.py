"""The mails that ask people of a programme something: about a next round, and when they can meet."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from notifications.models import Message
from programmes.enums import EnrolmentStatus
from programmes.models import Enrolment
from programmes.places_selectors import IN, places_of


def again(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever is in a circle and has not said yet that they would like to be in the next round."""
    rows = Enrolment.objects.filter(code=message.subject_code, user=message.user, status=EnrolmentStatus.PLACED)
    enrolment = rows.select_related("programme", "user").first()
    if enrolment is None or enrolment.programme.is_over(now):
        return None
    place = places_of(enrolment.programme, [enrolment.user], now=now).get(enrolment.user_id)
    if place is None or place.state != IN:
        return None
    path = reverse("programmes:mine", args=[enrolment.programme.code])
    return {"programme": enrolment.programme, "circle": place.circle, "path": f"{path}#again"}


def hours(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever still asks for a circle and has named no times since."""
    rows = Enrolment.objects.filter(code=message.subject_code, user=message.user, status=EnrolmentStatus.ENROLLED)
    enrolment = rows.select_related("programme", "user").first()
    if enrolment is None or enrolment.programme.is_over(now) or enrolment.user.availability.exists():
        return None
    return {"programme": enrolment.programme, "path": reverse("pages:times")}
