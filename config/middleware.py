"""What every response needs, and what happens when the database is away."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.zones import place
from config.logs import where

log = logging.getLogger("talking_piece.web")

Next = Callable[[HttpRequest], HttpResponse]

POLICY = "; ".join(
    [
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"


def security_headers(get_response: Next) -> Next:
    """The strict content policy, and no caching of anything a person sees signed in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        too_big = int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        response = HttpResponse(render_to_string("413.html"), status=413) if too_big else get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def database_unavailable(get_response: Next) -> Next:
    """A calm 503 page while the database cannot be reached or written; nothing is half done."""

    class Middleware:
        def __call__(self, request: HttpRequest) -> HttpResponse:
            try:
                return get_response(request)
            except (OperationalError, InterfaceError) as error:
                return self.answer(error)

        def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
            return self.answer(error) if isinstance(error, OperationalError | InterfaceError) else None

        def answer(self, error: Exception) -> HttpResponse:
            log.error("the database did not answer\n%s", where(error))
            return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})

    return Middleware()


def person_locale(get_response: Next) -> Next:
    """Pages in the signed-in person's own time zone and language."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return get_response(request)
        with timezone.override(place(user.time_zone)), translation.override(user.language):
            return get_response(request)

    return middleware
