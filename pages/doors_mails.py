"""The mails about second steps that were lost."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import StepRemoval, User
from accounts.tokens import signed, signed_read
from notifications.models import Message
from notifications.registry import Kind
from pages.doors_services import STEP_ASKED, STEP_GONE, STEP_LOST

SALT = "talking piece: second step lost"
LINK_LIVES = 3600


def lost_token(user: User) -> str:
    """Opens the page on which the removal is asked for, for an hour, until the password is another."""
    return signed(SALT, [user.pk, user.password[-12:]])


def lost_read(token: str) -> User | None:
    found = signed_read(SALT, token, max_age=LINK_LIVES)
    if found is None:
        return None
    pk, password = found
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user and user.password[-12:] == password else None


def _lost(message: Message, now: datetime) -> dict[str, Any] | None:
    if message.user is None:
        return None
    return {"path": reverse("pages:step_lost_ask", args=[lost_token(message.user)])}


def _asked(message: Message, now: datetime) -> dict[str, Any] | None:
    """While it waits: from when on the second step is gone."""
    row = StepRemoval.objects.filter(user=message.user, due_at__gt=now).first()
    return {"due_at": row.due_at, "path": reverse("accounts:account")} if row else None


def _gone(message: Message, now: datetime) -> dict[str, Any] | None:
    return {"path": reverse("accounts:account")}


# One row each, in the order in which people choose among them.
KINDS = (
    Kind(
        key=STEP_LOST,
        email="pages/step_lost",
        prepare=_lost,
        label=_("Your second step is missing"),
        may_choose=False,
        urgent=True,
        private=True,
    ),
    Kind(
        key=STEP_ASKED,
        email="pages/step_asked",
        prepare=_asked,
        label=_("Somebody asked to take your second step off"),
        page="accounts:account",
        may_choose=False,
        urgent=True,
    ),
    Kind(
        key=STEP_GONE,
        email="pages/step_gone",
        prepare=_gone,
        label=_("Your second step is off"),
        page="accounts:account",
        may_choose=False,
        urgent=True,
    ),
)
