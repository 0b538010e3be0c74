"""Mails before a session: reminders, what is not said or signed yet, too few; and that nothing is planned at all."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from agreements.selectors import versions_to_sign
from circles.enums import CircleStatus
from circles.models import Circle, Membership
from notifications.enums import MessageState
from notifications.models import Message
from sessions.enums import Rsvp, SessionStatus
from sessions.kinds import BEFORE
from sessions.mails.context import planned
from sessions.mails.inviting import answers_for, calendar_for
from sessions.models import CircleSession, Leg, Participation, ReminderNote, SheetAnswer, coming
from sessions.planning.gathering_selectors import expected_in

# The last reminder leads into the call, if the circle lets its link leave the site.
CALL_NEAR = timedelta(minutes=75)


def reminder(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever has not said no, unless a nearer one is due already; with the facilitator's note to it."""
    context = planned(message, now)
    if context is None or rsvp_of(message, context["session"]) == Rsvp.NO or _superseded(message, now):
        return None
    note = ReminderNote.objects.filter(session=context["session"], kind=message.kind).first()
    near, circle = context["by"] - now <= CALL_NEAR, context["circle"]
    call = context["session"].call_link if near and circle.call_in_calendar else ""
    return context | nearness(context, now) | {"note": note.text if note else "", "call": call}


def nearness(context: dict[str, Any], now: datetime) -> dict[str, str]:
    """Today, tomorrow or the day, as the person's calendar says when it is read: alone, and within a sentence."""
    starts = context["starts"]
    days = (starts.date() - now.astimezone(starts.tzinfo).date()).days
    day = date_format(starts, "l j F")
    near, when = {0: (_("Today"), _("today")), 1: (_("Tomorrow"), _("tomorrow"))}.get(days) or (day, _("on %s") % day)
    return {"near": str(near), "when": str(when)}


def rsvp_of(message: Message, session: CircleSession) -> str:
    rows = Participation.objects.filter(session=session, user=message.user)
    return rows.values_list("rsvp", flat=True).first() or Rsvp.NONE


def _superseded(message: Message, now: datetime) -> bool:
    """A reminder so late that a nearer one is due already says nothing new."""
    nearer = BEFORE[BEFORE.index(message.kind) + 1 :]
    others = Message.objects.filter(
        subject_code=message.subject_code, revision=message.revision, user=message.user, kind__in=nearer
    )
    return others.filter(due_at__lte=now).exclude(state=MessageState.DROPPED).exists()


def rsvp_wanted(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member who has not said whether they come."""
    context = planned(message, now)
    if context is None or rsvp_of(message, context["session"]):
        return None
    invited = calendar_for(message, [context["session"]], now=now)
    asked = invited if "invitation" in invited else answers_for(message, context["session"], now=now)
    return context | nearness(context, now) | asked


def to_sign(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member who has not signed the agreement in force."""
    context = planned(message, now)
    if context is None or message.user is None:
        return None
    to_sign = versions_to_sign(message.user).filter(agreement__circle=context["circle"])
    if not to_sign.exists():
        return None
    return context | {"path": reverse("agreements:agreement", args=[context["circle"].code])}


def sheet(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a member who comes, while the session offers a sheet on which they have written nothing."""
    context = planned(message, now)
    if context is None or message.user is None or rsvp_of(message, context["session"]) == Rsvp.NO:
        return None
    leg = Leg.objects.filter(session=context["session"]).select_related("version").first()
    if leg is None or not leg.step.sheet or SheetAnswer.objects.filter(leg=leg, owner=message.user).exists():
        return None
    return context | nearness(context, now) | {"path": reverse("sessions:preparation", args=[message.subject_code])}


def quorum(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a facilitator, while fewer are counted on than the circle wants at least."""
    context = planned(message, now)
    if context is None or not is_facilitator(message, context["circle"]):
        return None
    counted = len(expected_in(context["session"]))
    return context | {"coming": counted} if counted < context["circle"].min_size else None


def is_facilitator(message: Message, circle: Circle) -> bool:
    return Membership.objects.filter(circle=circle, user=message.user, left_at=None, facilitates=True).exists()


def fading(message: Message, now: datetime) -> dict[str, Any] | None:
    """To a facilitator, while nothing is planned."""
    circle = Circle.objects.filter(code=message.subject_code, status=CircleStatus.OPEN).first()
    if circle is None or not is_facilitator(message, circle):
        return None
    if CircleSession.objects.filter(coming(now), circle=circle).exists():
        return None
    held = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED).order_by("-starts_at").first()
    last = held.starts_at if held else None
    return {"circle": circle, "last": last, "path": reverse("sessions:schedule", args=[circle.code])}
