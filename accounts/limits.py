"""How often something may be tried: the one place that counts guesses. The sizes stand in the settings.

Guesses are counted for what they aim at, wherever they come from, and for where they come from, wide enough that a full
room behind one address gets in. A try is counted before it is looked at and given back when it was right, so that tries
at the same moment are no way around.
"""

import unicodedata
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse

from accounts import known
from accounts.models import User

View = Callable[..., HttpResponse]
Given = Callable[[HttpRequest, dict[str, Any]], str]


class Try:
    """One guess that was counted; `was_right` gives it back."""

    def __init__(self, usage: ratelimit.RateLimitUsage) -> None:
        self.usage = usage

    def was_right(self) -> None:
        self.usage.rollback()


def guess(request: HttpRequest, kind: str, at: str) -> Try | None:
    """Count a guess of this kind at something; None when there were too many."""
    usage = ratelimit.consume(request, app="allauth.account", action=kind, key=at, limit_get=True)
    return Try(usage) if usage is not None else None


def refused(request: HttpRequest) -> HttpResponse:
    """The page that says that something was asked for too often."""
    answer: HttpResponse = ratelimit.respond_429(request)
    return answer


def account(request: HttpRequest, address: str) -> str:
    """What guesses at the account with this address are counted under.

    The person and not what was typed: databases find `bıll@` as `bill@`, and the address of the site can be written in
    many ways too. In a browser that its owner has used before they are counted apart.
    """
    user = User.objects.with_email(address)
    if user is None:
        return f"address {unicodedata.normalize('NFKC', address.strip()).upper().lower()}"
    return f"{'known' if known.is_known(request, user) else 'person'} {user.pk}"


def secret(text: str) -> str:
    """What guesses at a secret are counted under: how it ends, which nobody knows who was not given it."""
    return f"secret {text[-8:] if len(text) > 16 else text[-4:]}"


def opens_with_secret(given: Given, real: Callable[[str], bool]) -> Callable[[View], View]:
    """For a page that is opened with a secret, from its address or a form: wrong ones are counted."""

    def decorated(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            text = given(request, kwargs)
            one = guess(request, "wrong_secret", secret(text)) if text else None
            if text and one is None:
                return refused(request)
            if one and real(text):
                one.was_right()
            return view(request, **kwargs)

        return wrapped

    return decorated


def in_the_address(request: HttpRequest, kwargs: dict[str, Any]) -> str:
    return str(kwargs["token"])
