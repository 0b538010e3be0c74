"""The mails about the end of a circle: that it is closed, and that what was said in it is soon deleted."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from circles.covenant_services import KEPT_AFTER_CLOSING
from circles.models import AuditEntry, Circle
from circles.selectors import belongs
from notifications.models import Message
from notifications.registry import Kind
from pages.ending_services import CLOSED, WORDS_END
from sessions.enums import SessionStatus
from sessions.mails.inviting import calendar_for
from sessions.models import CircleSession


def _ended(message: Message) -> dict[str, Any] | None:
    """A circle that is closed, for those who were in it to the end."""
    rows = Circle.objects.filter(code=message.subject_code, closed_at__isnull=False)
    circle = rows.select_related("vault").first()
    if circle is None or circle.closed_at is None or not belongs(circle, message.user):
        return None
    return {
        "circle": circle,
        "gone": circle.vault.destroyed_at is not None,
        "gone_at": circle.closed_at + KEPT_AFTER_CLOSING,
        "path": reverse("pages:circle", args=[circle.code]),
    }


def _closed(message: Message, now: datetime) -> dict[str, Any] | None:
    """With the dates that were still planned, to be taken out of calendars."""
    context = _ended(message)
    if context is None:
        return None
    circle = context["circle"]
    off = CircleSession.objects.filter(
        circle=circle, status=SessionStatus.CANCELLED, changed_at=circle.closed_at, starts_at__gt=now
    )
    sessions = list(off.select_related("circle", "format_version").order_by("starts_at", "pk"))
    entry = AuditEntry.objects.filter(circle=circle, verb="closed").select_related("actor").order_by("-at").first()
    who = entry.actor if entry else None
    context |= {"who": who, "own": who == message.user, "off": sessions}
    return context | calendar_for(message, sessions, now=now) if sessions else context


def _words_end(message: Message, now: datetime) -> dict[str, Any] | None:
    """While there is something left to read."""
    context = _ended(message)
    return None if context is None or context["gone"] or context["gone_at"] <= now else context


# One row each, in the order in which people choose among them.
KINDS = (
    Kind(
        key=CLOSED,
        email="pages/circle_closed",
        prepare=_closed,
        label=_("A circle is closed"),
        page="pages:circle",
        of_circle=True,
        may_choose=False,
        after_closing=True,
    ),
    Kind(
        key=WORDS_END,
        email="pages/words_end",
        prepare=_words_end,
        label=_("What was said in a closed circle is deleted soon"),
        page="pages:circle",
        of_circle=True,
        may_choose=False,
        after_closing=True,
    ),
)
