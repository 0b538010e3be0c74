"""How a press and a fragment are answered, in a session and in a rehearsal alike."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.refusals import Refused, refusal_say


def answered(request: HttpRequest, act: Callable[[], object], *back: Any) -> HttpResponse:
    """Do it, and go back to an address. Script sends the same form and only wants to know how it went.

    For script 204 says that it is done, 409 brings the sentence why not.
    """
    # A header that no form can send: without script the same address answers with a page.
    quiet = request.headers.get("X-Requested-With") == "fetch"
    try:
        act()
    except Refused as refusal:
        if quiet:
            return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8")
        refusal_say(request, refusal)
    return HttpResponse(status=204) if quiet else redirect(*back)


def fragment(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The part of a room that follows it, with its phase and version as headers; no template when all is over."""
    response = render(request, template, context) if template else HttpResponse()
    response.headers["X-Phase"] = str(context["phase"])
    if "session" in context:
        response.headers["X-Version"] = str(context["session"].version)
    return response
