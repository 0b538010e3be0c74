"""Mails about roles: whose turn it is, and questions between two people."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from circles.selectors import belongs
from notifications.models import Message
from sessions.enums import Role, Rsvp, SessionStatus, SwapAnswer
from sessions.mails.context import context_of, planned
from sessions.mails.reminders import nearness, rsvp_of
from sessions.models import RoleSwap

# What each does, for whoever holds the role for the first time.
DOES = {
    Role.HOST: _("The host starts the session and goes on from stage to stage."),
    Role.TIMEKEEPER: _("The timekeeper says when a minute is left and when time is up, and can steer too."),
    Role.SCRIBE: _("The scribe writes down what whoever presents would like to keep, and hands it over afterwards."),
}


def role_next(message: Message, now: datetime) -> dict[str, Any] | None:
    """To whoever holds a role of the session now."""
    context = planned(message, now)
    if context is None or not context["roles"] or rsvp_of(message, context["session"]) == Rsvp.NO:
        return None
    does = [said for role, said in DOES.items() if str(role.label) in context["roles"]]
    return context | nearness(context, now) | {"days": context["circle"].roles_days, "does": does}


def _swap(message: Message) -> RoleSwap | None:
    rows = RoleSwap.objects.filter(code=message.subject_code, session__status=SessionStatus.PLANNED)
    return rows.select_related(
        "session__circle", "session__format_version", "session__series", "asked_by", "asked"
    ).first()


def swap_asked(message: Message, now: datetime) -> dict[str, Any] | None:
    swap = _swap(message)
    if swap is None or swap.answer or swap.session.starts_at <= now or not belongs(swap.session.circle, message.user):
        return None
    return context_of(swap.session, message) | {"who": swap.asked_by, "asked_role": Role(swap.role_key).label}


def swap_answered(message: Message, now: datetime) -> dict[str, Any] | None:
    swap = _swap(message)
    if swap is None or not swap.answer or swap.session.starts_at <= now:
        return None
    if not belongs(swap.session.circle, message.user):
        return None
    yes = swap.answer == SwapAnswer.YES
    return context_of(swap.session, message) | {"who": swap.asked, "yes": yes, "asked_role": Role(swap.role_key).label}
