"""What every template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "auto")
    return {
        "theme": theme if theme in ("light", "dark") else "auto",
        "registration_open": settings.REGISTRATION == "open",
    }
