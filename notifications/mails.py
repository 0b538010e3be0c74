"""The mails of a day in one."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from notifications.enums import Channel, MessageState
from notifications.models import Message
from notifications.registry import DAILY, Kind, kind_of
from notifications.rendering import base_of
from notifications.selectors import Channels

NAMED_AT_MOST = 60
CARRIED_FOR = timedelta(days=3)


def _daily(message: Message, now: datetime) -> dict[str, Any] | None:
    """What waits for somebody's daily mail and still holds; None when nothing does."""
    user = message.user
    if user is None or message.due_at > now:
        return None
    lines, carries = [], []
    zones: set[str] = set()
    fresh = now - CARRIED_FOR  # what no daily mail could carry by then says nothing any more
    waiting = Message.objects.filter(user=user, state=MessageState.BUNDLED, heard_at__gt=fresh).select_related("user")
    bundled = list(waiting.order_by("heard_at", "pk"))
    channels = Channels(bundled)
    for one in bundled:
        kind = kind_of(one.kind)
        # Asked again: since it was put here its person may have said that they want no mail of it.
        if channels.of(one, kind) in (Channel.OFF, Channel.BELL):
            continue
        carries.append(one.pk)
        context = kind.look(one, now)
        if context is not None:
            base = base_of(one, context)
            zones.add(base["zone"])
            with translation.override(user.language):
                lines.append((kind.subject(base | context), context.get("path", "")))
    if not lines:
        return None
    return {
        "n": len(lines),
        "lines": lines[:NAMED_AT_MOST],
        "more": max(0, len(lines) - NAMED_AT_MOST),
        "carries": carries,
        "zones": sorted(zones),
        "path": reverse("pages:notices"),
    }


# One row each, in the order in which people choose among them.
KINDS = (
    Kind(
        key=DAILY,
        email="notifications/daily",
        prepare=_daily,
        label=_("Your daily mail"),
        may_choose=False,
        urgent=True,
    ),
)
