"""The mails of programmes: names, dates and a link. Never a motive, never an answer."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from circles.selectors import belongs
from notifications.models import Message
from notifications.registry import Kind, register
from programmes.enrolment_services import ENROLLED, INVITED, OVER, PLACE_FREE, is_full
from programmes.enums import EnrolmentStatus
from programmes.models import Enrolment, ProgrammeInvitation, Pulse, PulseTicket
from programmes.places_selectors import IN, places_of
from programmes.pulse_services import OPEN, READY
from programmes.tokens import token_for


def _invited(message: Message, now: datetime) -> dict[str, Any] | None:
    rows = ProgrammeInvitation.objects.filter(code=message.subject_code)
    invitation = rows.select_related("programme", "invited_by").first()
    if invitation is None or not invitation.is_open(now) or invitation.programme.is_over(now):
        return None
    token = token_for(invitation)
    if ProgrammeInvitation.hash_of(token) != invitation.token_hash:
        return None  # SECRET_KEY has changed since: a link that does not work must not go out
    return {
        "programme": invitation.programme,
        "inviter": invitation.invited_by,
        "until": invitation.expires_at,
        "full": is_full(invitation.programme),
        "path": reverse("programmes:invitation_open", args=[invitation.programme.code, token]),
    }


def _enrolled(message: Message, now: datetime) -> dict[str, Any] | None:
    rows = Enrolment.objects.filter(code=message.subject_code, user=message.user)
    enrolment = rows.exclude(status=EnrolmentStatus.WITHDRAWN).select_related("programme").first()
    if enrolment is None or enrolment.programme.is_over(now):
        return None
    return {
        "programme": enrolment.programme,
        "waits": enrolment.status == EnrolmentStatus.WAITING,
        "path": reverse("programmes:mine", args=[enrolment.programme.code]),
    }


def _place_free(message: Message, now: datetime) -> dict[str, Any] | None:
    context = _enrolled(message, now)
    return None if context is None or context["waits"] else context


def _over(message: Message, now: datetime) -> dict[str, Any] | None:
    rows = Enrolment.objects.filter(code=message.subject_code, user=message.user)
    enrolment = rows.exclude(status=EnrolmentStatus.WITHDRAWN).select_related("programme", "user").first()
    if enrolment is None or not enrolment.programme.is_over(now):
        return None
    place = places_of(enrolment.programme, [enrolment.user], now=now).get(enrolment.user_id)
    return {
        "programme": enrolment.programme,
        "goes_on": place.circle if place and place.state == IN else None,
        "path": reverse("programmes:mine", args=[enrolment.programme.code]),
    }


def _open(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever has not answered, while it is open and they are still in the circle."""
    rows = PulseTicket.objects.filter(code=message.subject_code, user=message.user, answered=False)
    ticket = rows.filter(pulse__frozen_at=None).select_related("pulse", "circle").first()
    if ticket is None or not belongs(ticket.circle, message.user):
        return None
    return {
        "circle": ticket.circle,
        "until": ticket.pulse.closes_on,
        "path": reverse("programmes:answer", args=[ticket.code]),
    }


def _ready(message: Message, now: datetime) -> dict[str, Any] | None:
    pulse = Pulse.objects.filter(pk=message.revision, frozen_at__isnull=False).first()
    made = pulse.round.circles.filter(circle__code=message.subject_code) if pulse else None
    row = made.select_related("circle").first() if made is not None else None
    if row is None or not belongs(row.circle, message.user):
        return None
    return {"circle": row.circle, "path": reverse("programmes:circle_pulse", args=[row.circle.code])}


HOME = "pages:today"


def register_kinds() -> None:
    register(
        Kind(INVITED, "programmes/email/invited", _invited, _("An invitation to a programme"), HOME, may_choose=False),
        Kind(ENROLLED, "programmes/email/enrolled", _enrolled, _("You asked to take part"), HOME, may_choose=False),
        Kind(
            PLACE_FREE,
            "programmes/email/place_free",
            _place_free,
            _("There is a place for you"),
            HOME,
            may_choose=False,
        ),
        Kind(OVER, "programmes/email/over", _over, _("A programme has ended"), HOME, may_choose=False),
        Kind(
            OPEN,
            "programmes/email/pulse_open",
            _open,
            label=_("A pulse of your circle: seven short questions"),
            page="programmes:answer",
        ),
        Kind(
            READY,
            "programmes/email/pulse_ready",
            _ready,
            label=_("What your circle answered"),
            page="programmes:circle_pulse",
            of_circle=True,
            chosen_with=OPEN,
        ),
    )
