"""What every template knows."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from pages.place_selectors import HEAD_OF_NOBODY, head_of


def site(request: HttpRequest) -> dict[str, Any]:
    chosen = request.COOKIES.get(settings.THEME_COOKIE_NAME, "auto")
    user = request.user if hasattr(request, "user") else None

    @cache
    def head() -> dict[str, Any]:
        """Asked by the page's head only, so that nothing else pays for it."""
        return head_of(user, now=timezone.now()) if isinstance(user, User) else HEAD_OF_NOBODY

    return {
        "head": head,
        "appearance": chosen if chosen in ("light", "dark") else "auto",
        "oidc_name": settings.OIDC_NAME,
        "registration_open": settings.REGISTRATION == "open",
    }
