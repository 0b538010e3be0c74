"""Asking a circle what it wants to do, once the sessions it promised itself have been held."""

from datetime import datetime

from django.db.models import Count, F, Q

from accounts.each import each
from circles.enums import CircleStatus
from circles.models import Covenant
from circles.selectors import ring_of
from notifications.services import About, messages_put
from sessions.enums import SessionStatus
from sessions.planning.reminder_services import DECIDE


def decisions_ask(*, now: datetime) -> int:
    """Tell the people of circles that have held all they promised; once a covenant. How many circles."""
    held = Q(circle__sessions__status=SessionStatus.ENDED, circle__sessions__practice=False)
    since = Q(number=1) | Q(circle__sessions__starts_at__gte=F("opened_at"))
    rows = (
        Covenant.objects.filter(decided_at=None)
        .exclude(circle__status=CircleStatus.CLOSED)
        .annotate(held=Count("circle__sessions", filter=held & since))
        .filter(held__gte=F("sessions"))
        .select_related("circle")
    )

    def ask(covenant: Covenant) -> None:
        about = About("circle", covenant.circle.code, covenant.number, covenant.circle.code)
        messages_put(kind=DECIDE, about=about, to=ring_of(covenant.circle), due_at=now, now=now)

    return each("ask for decisions", rows, ask)
