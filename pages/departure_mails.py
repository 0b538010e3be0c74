"""The mail to somebody whose account is open again."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from notifications.models import Message
from notifications.registry import Kind
from pages.departure_services import OPEN_AGAIN


def _open_again(message: Message, now: datetime) -> dict[str, Any] | None:
    return {"path": reverse("account_login")}


# One row each, in the order in which people choose among them.
KINDS = (
    Kind(
        key=OPEN_AGAIN,
        email="pages/open_again",
        prepare=_open_again,
        label=_("Your account is open again"),
        page="accounts:account",
        may_choose=False,
    ),
)
