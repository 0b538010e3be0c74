"""The mail to somebody whose account is open again."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from notifications.models import Message
from notifications.registry import Kind, register
from pages.departure_services import OPEN_AGAIN


def _open_again(message: Message, now: datetime) -> dict[str, Any] | None:
    return {"path": reverse("account_login")}


def register_kinds() -> None:
    register(
        Kind(
            OPEN_AGAIN,
            "pages/email/open_again",
            _open_again,
            label=_("Your account is open again"),
            page="accounts:account",
            may_choose=False,
        )
    )
