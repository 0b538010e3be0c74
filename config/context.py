"""What every template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from notifications.selectors import unread_count


def site(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get(settings.THEME_COOKIE_NAME, "auto")
    user = request.user if hasattr(request, "user") else None

    def unread() -> int:
        """Asked by the page's head only, so that nothing else pays for it."""
        return unread_count(user) if isinstance(user, User) else 0

    return {
        "unread": unread,
        "theme": theme if theme in ("light", "dark") else "auto",
        "oidc_name": settings.OIDC_NAME,
        "registration_open": settings.REGISTRATION == "open",
    }
