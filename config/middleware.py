"""What every response needs."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts import known
from accounts.models import User
from accounts.refusals import WAS_REFUSED, Refused, refusal_say
from accounts.requests import words_typed
from accounts.rules.zones import place
from circles.access import CircleClosed
from circles.rules.crypto import CannotOpen, Destroyed

log = logging.getLogger("talking_piece.keys")

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
METHODS = ("GET", "HEAD", "POST")
LONGEST_ADDRESS = 1500
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"


def security_headers(get_response: Next) -> Next:
    """The strict content policy, and no caching of anything a person sees signed in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        too_big = int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        response = HttpResponse(render_to_string("413.html"), status=413) if too_big else get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


class Compressed(GZipMiddleware):
    """Pages go compressed, where nothing that an outsider chooses stands in them.

    Whoever can have a browser ask for a page with words of theirs in it, and sees how long the compressed answer is,
    finds out letter by letter what else stands there (BREACH). So what a query or a form brought is never compressed
    together with what is somebody's own.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        chosen_outside = request.method != "GET" or request.META.get("QUERY_STRING") or response.status_code != 200
        if chosen_outside or response.streaming:
            return response
        return super().process_response(request, response)


def plain_requests(get_response: Next) -> Next:
    """What a browser sends, and nothing else.

    The class views of libraries would answer PUT and OPTIONS as well; an address that goes on for pages would come back
    in the redirect to signing in, in a header larger than proxies take; a NUL is an error in PostgreSQL wherever a
    library looks for what it was asked. HEAD is answered wherever GET is, as GET is; the server sends no body.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        address = request.get_full_path()
        if len(address) > LONGEST_ADDRESS:
            return render(request, "400.html", status=414)
        if "%00" in address:
            return render(request, "400.html", status=400)
        if request.method != "HEAD":
            return get_response(request)
        request.method = "GET"
        response = get_response(request)
        request.method = "HEAD"
        return response

    return middleware


def sealed_words(get_response: Next) -> Next:
    """A calm page where words cannot be sealed or opened because a key is missing or destroyed, whichever form it was.

    Everything the view did is rolled back by then, and nothing of it is logged but the place.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, CannotOpen):
            return None
        log.warning("words could not be sealed or opened", exc_info=error)
        for_good = isinstance(error, Destroyed)
        return render(
            request,
            "unreadable.html",
            {"for_good": for_good, "words": words_typed(request)},
            status=410 if for_good else 503,
        )

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def known_browsers(get_response: Next) -> Next:
    """A browser in which somebody has just signed in, or chosen a new password, is known for theirs from then on."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        known.remember(request, response)
        return response

    return middleware


def person_locale(get_response: Next) -> Next:
    """Pages in the signed-in person's own time zone and language."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return get_response(request)
        with timezone.override(place(user.time_zone)), translation.override(user.language):
            return get_response(request)

    return middleware


# Where people meet each other and dates: there nobody is “Someone”, and no hour is of a zone that is not theirs.
ASKED_BEFORE = {"circles", "agreements", "sessions", "programmes"}
ASKED_BEFORE_PAGES = {"pages:circle", "pages:circles", "pages:invitation", "pages:times"}


class AskedFirst:
    """Whoever has not said their name and time zone yet is asked on the way to a page that needs them."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Pages only: whatever is sent came from a page that was shown."""
        user, at = request.user, request.resolver_match
        if not isinstance(user, User) or user.is_set_up or request.method != "GET" or at is None:
            return None
        if at.namespace not in ASKED_BEFORE and at.view_name not in ASKED_BEFORE_PAGES:
            return None
        return redirect(f"{reverse('accounts:profile')}?{urlencode({'next': request.get_full_path()})}")


class SignInFirst(LoginRequiredMiddleware):
    """Whoever is not signed in is sent to sign in; what they had written meanwhile is given back, and kept nowhere."""

    # The types of the library allow a redirect alone; Django itself takes any answer.
    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        """The same answer whether or not the thing exists that it was written for."""
        words = words_typed(request)
        if not words:
            answer: HttpResponseBase = super().handle_no_permission(request, view_func)
            return answer
        return render(request, "signed_out.html", {"words": words}, status=403)


class Refusals:
    """What no view expected to be refused is said in a sentence: of a closed circle on its page, else on Today.

    An account may be deleted, and a row be gone, between the look at it and the lock. Whoever had written something
    that was refused, and would be led on without it, gets it back first.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A page that fetches keeps its fields itself.
        led_on = isinstance(response, HttpResponseRedirect) and "X-Requested-With" not in request.headers
        words = words_typed(request) if led_on and WAS_REFUSED in request.META else []
        if not words:
            return response
        context = {"words": words, "why": request.META[WAS_REFUSED], "to": response["Location"]}
        return render(request, "refused.html", context, status=409)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Anything else goes on as it is."""
        if not isinstance(error, Refused):
            return None
        refusal_say(request, error)
        return (
            redirect("pages:circle", error.circle.code) if isinstance(error, CircleClosed) else redirect("pages:today")
        )
