"""The mails of programmes: names, dates and a link. Never a motive, never an answer."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from circles.models import Membership
from circles.selectors import belongs, facilitators_of
from notifications.models import Message
from notifications.registry import Kind
from programmes.again_mails import again, hours
from programmes.again_services import AGAIN
from programmes.asking_services import (
    ADMIN_SAID,
    ASKED_ADMIN,
    ASKED_FACILITATOR,
    FACILITATOR_SAID,
    LED_NO_MORE,
    LED_TOO,
)
from programmes.enrolment_services import ENROLLED, INVITED, OVER, PLACE_FREE, WITHDRAWN, is_full
from programmes.enums import EnrolmentStatus
from programmes.forming_services import CIRCLE_READY
from programmes.hours_services import HOURS
from programmes.late_services import LATE_ASKED, LATE_SAID
from programmes.models import (
    AdminInvitation,
    Enrolment,
    FacilitatorAsked,
    LatePlace,
    Programme,
    ProgrammeAdmin,
    ProgrammeInvitation,
    Pulse,
    PulseTicket,
)
from programmes.places_selectors import IN, places_of
from programmes.pulse_services import OPEN, READY


def _invited(message: Message, now: datetime) -> dict[str, Any] | None:
    rows = ProgrammeInvitation.objects.filter(code=message.subject_code)
    invitation = rows.select_related("programme", "invited_by").first()
    if invitation is None or not invitation.is_open(now) or invitation.programme.is_over(now):
        return None
    token = invitation.secret
    if ProgrammeInvitation.hash_of(token) != invitation.token_hash:
        return None  # SECRET_KEY has changed since: a link that does not work must not go out
    return {
        "programme": invitation.programme,
        "inviter": invitation.invited_by,
        "until": invitation.expires_at,
        "full": is_full(invitation.programme),
        "again": message.revision > 0,
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


def _withdrawn(message: Message, now: datetime) -> dict[str, Any] | None:
    """To somebody who has withdrawn, and has not come back since."""
    rows = Enrolment.objects.filter(code=message.subject_code, user=message.user, status=EnrolmentStatus.WITHDRAWN)
    enrolment = rows.select_related("programme").first()
    return {"programme": enrolment.programme, "path": reverse("programmes:programmes")} if enrolment else None


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


def _admin_asked(message: Message, now: datetime) -> dict[str, Any] | None:
    rows = AdminInvitation.objects.filter(code=message.subject_code, programme__ended_at=None)
    invitation = rows.select_related("programme", "invited_by").first()
    if invitation is None or not invitation.is_open(now):
        return None
    token = invitation.secret
    if AdminInvitation.hash_of(token) != invitation.token_hash:
        return None  # as for an invitation
    return {
        "programme": invitation.programme,
        "inviter": invitation.invited_by,
        "until": invitation.expires_at,
        "path": reverse("programmes:administer_open", args=[invitation.code, token]),
    }


def _admin_said(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever asked, while they administer the programme."""
    rows = AdminInvitation.objects.filter(code=message.subject_code, used_at__isnull=False)
    invitation = rows.filter(programme__admins__user=message.user).select_related("programme").first()
    if invitation is None:
        return None
    return {
        "programme": invitation.programme,
        "email": invitation.email,
        "yes": invitation.revoked_at is None,
        "path": reverse("programmes:settings", args=[invitation.programme.code]),
    }


def _led_too(message: Message, now: datetime) -> dict[str, Any] | None:
    """To those who administer it, and to those who wrote something with their yes; while it is so."""
    row = ProgrammeAdmin.objects.filter(pk=message.revision).select_related("programme", "user").first()
    if row is None or row.programme.code != message.subject_code or row.programme.ended_at:
        return None
    enrolled = Enrolment.objects.filter(programme=row.programme, user=message.user)
    leads = row.programme.admins.filter(user=message.user).exists()
    if not leads and not enrolled.exclude(status=EnrolmentStatus.WITHDRAWN).exists():
        return None
    page = "programmes:settings" if leads else "programmes:mine"
    return {
        "programme": row.programme,
        "who": row.user,
        "since": row.since,
        "path": reverse(page, args=[row.programme.code]),
    }


def _led_no_more(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever does not administer it any more, and to those who do; while it is so."""
    programme = Programme.objects.filter(code=message.subject_code).first()
    who = User.objects.filter(pk=message.revision, is_active=True).first()
    if programme is None or who is None or programme.admins.filter(user=who).exists():
        return None
    leads = programme.admins.filter(user=message.user).exists()
    if not leads and message.user != who:
        return None
    path = reverse("programmes:settings", args=[programme.code]) if leads else reverse(LIST)
    return {"programme": programme, "who": who, "mine": message.user == who, "path": path}


def _facilitator_asked(message: Message, now: datetime) -> dict[str, Any] | None:
    rows = FacilitatorAsked.objects.filter(code=message.subject_code, user=message.user, yes=None)
    asked = rows.filter(round__programme__ended_at=None).select_related("round__programme", "asked_by").first()
    if asked is None or (asked.circle_id is None and asked.round.published_at):
        return None
    return {
        "programme": asked.round.programme,
        "inviter": asked.asked_by,
        "path": reverse("programmes:look_after", args=[asked.code]),
    }


def _facilitator_said(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever asked, while they administer the programme."""
    rows = FacilitatorAsked.objects.filter(code=message.subject_code, yes__isnull=False)
    led = rows.filter(round__programme__admins__user=message.user, round__programme__ended_at=None)
    asked = led.select_related("round__programme", "user", "circle").first()
    if asked is None:
        return None
    programme = asked.round.programme
    board = reverse("programmes:forming", args=[programme.code])
    circle = asked.circle and reverse("programmes:circle", args=[programme.code, asked.circle.code])
    return {"programme": programme, "who": asked.user, "yes": asked.yes, "path": circle or board}


def _circle_ready(message: Message, now: datetime) -> dict[str, Any] | None:
    rows = Membership.objects.filter(circle__code=message.subject_code, user=message.user, left_at=None)
    seat = rows.filter(facilitates=True).select_related("circle").first()
    if seat is None:
        return None
    return {"circle": seat.circle, "path": reverse("pages:circle", args=[seat.circle.code])}


def _late_asked(message: Message, now: datetime) -> dict[str, Any] | None:
    """To those who look after the circle, while the question is open and its person still asks for a place."""
    rows = LatePlace.objects.filter(code=message.subject_code, yes=None, enrolment__status=EnrolmentStatus.ENROLLED)
    asked = rows.select_related("of__circle", "of__round__programme", "enrolment__user", "asked_by").first()
    if asked is None or asked.of.round.programme.is_over(now) or message.user is None:
        return None
    if message.user not in facilitators_of(asked.of.circle):
        return None
    return {
        "circle": asked.of.circle,
        "inviter": asked.asked_by,
        "who": asked.enrolment.user,
        "path": reverse("programmes:late_place", args=[asked.code]),
    }


def _late_said(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever asked, while they administer the programme."""
    rows = LatePlace.objects.filter(code=message.subject_code, yes__isnull=False)
    led = rows.filter(of__round__programme__admins__user=message.user, of__round__programme__ended_at=None)
    asked = led.select_related("of__circle", "of__round__programme", "enrolment__user").first()
    if asked is None:
        return None
    return {
        "circle": asked.of.circle,
        "who": asked.enrolment.user,
        "yes": asked.yes,
        "path": reverse("programmes:late", args=[asked.of.round.programme.code]),
    }


HOME, LIST = "pages:today", "programmes:programmes"


# One row each, in the order in which people choose among them.
KINDS = (
    Kind(
        key=INVITED,
        email="programmes/invited",
        prepare=_invited,
        label=_("An invitation to a programme"),
        page=HOME,
        may_choose=False,
    ),
    Kind(
        key=ENROLLED,
        email="programmes/enrolled",
        prepare=_enrolled,
        label=_("You asked to take part"),
        page=HOME,
        may_choose=False,
    ),
    Kind(
        key=WITHDRAWN,
        email="programmes/withdrawn",
        prepare=_withdrawn,
        label=_("You have withdrawn from a programme"),
        page=HOME,
        may_choose=False,
    ),
    Kind(
        key=PLACE_FREE,
        email="programmes/place_free",
        prepare=_place_free,
        label=_("There is a place for you"),
        page=HOME,
        may_choose=False,
    ),
    Kind(
        key=OVER, email="programmes/over", prepare=_over, label=_("A programme has ended"), page=HOME, may_choose=False
    ),
    Kind(
        key=AGAIN,
        email="programmes/again",
        prepare=again,
        label=_("A next round of circles"),
        page=HOME,
        may_choose=False,
    ),
    Kind(
        key=HOURS,
        email="programmes/hours",
        prepare=hours,
        label=_("When you can meet, for a programme"),
        page="pages:times",
        may_choose=False,
    ),
    Kind(
        key=ASKED_ADMIN,
        email="programmes/admin_asked",
        prepare=_admin_asked,
        unasked=True,
        label=_("You are asked to administer a programme"),
        page=LIST,
        may_choose=False,
    ),
    Kind(
        key=ADMIN_SAID,
        email="programmes/admin_said",
        prepare=_admin_said,
        label=_("Whoever you asked to administer has answered"),
        page=LIST,
        may_choose=False,
    ),
    Kind(
        key=LED_TOO,
        email="programmes/led_too",
        prepare=_led_too,
        label=_("Somebody administers a programme too"),
        page=LIST,
        may_choose=False,
    ),
    Kind(
        key=LED_NO_MORE,
        email="programmes/led_no_more",
        prepare=_led_no_more,
        label=_("Somebody administers a programme no more"),
        page=LIST,
        may_choose=False,
    ),
    Kind(
        key=ASKED_FACILITATOR,
        email="programmes/facilitator_asked",
        prepare=_facilitator_asked,
        label=_("You are asked to look after a circle"),
        page="programmes:look_after",
        may_choose=False,
    ),
    Kind(
        key=FACILITATOR_SAID,
        email="programmes/facilitator_said",
        prepare=_facilitator_said,
        label=_("Whoever you asked to look after a circle has answered"),
        page=LIST,
        may_choose=False,
    ),
    Kind(
        key=LATE_ASKED,
        email="programmes/late_asked",
        prepare=_late_asked,
        label=_("Your circle is asked whether it takes one more person"),
        page="programmes:late_place",
        may_choose=False,
    ),
    Kind(
        key=LATE_SAID,
        email="programmes/late_said",
        prepare=_late_said,
        label=_("A circle has answered for somebody who came late"),
        page=LIST,
        may_choose=False,
    ),
    Kind(
        key=CIRCLE_READY,
        email="programmes/circle_ready",
        prepare=_circle_ready,
        label=_("A circle that you look after is made"),
        page="pages:circle",
        of_circle=True,
        may_choose=False,
    ),
    Kind(
        key=OPEN,
        email="programmes/pulse_open",
        prepare=_open,
        label=_("A pulse of your circle: seven short questions"),
        page="programmes:answer",
    ),
    Kind(
        key=READY,
        email="programmes/pulse_ready",
        prepare=_ready,
        label=_("What your circle answered"),
        page="programmes:circle_pulse",
        of_circle=True,
        chosen_with=OPEN,
    ),
)
