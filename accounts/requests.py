"""What every view asks of a request: who sends it, where it leads back to, which methods a page answers."""

import re
from typing import cast

from django.http import HttpRequest
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.rules.addresses import on_this_site

# A page and the form on it. HEAD is answered as GET is, by `config.middleware.plain_requests`.
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


# Parts of pages that say what was done there themselves (`components/_said.html`), so that nobody has to look for it.
SAYING_IT_THEMSELVES = ("#waits", "#coming")


def said_there(to: str) -> str:
    """The tag of a message about a press in such a part of a page; empty where it is said at the page's head."""
    return "there" if to.endswith(SAYING_IT_THEMSELVES) else ""


def person_of(request: HttpRequest) -> User:
    """The signed-in person. Only for views behind the sign-in, which every view is that does not say otherwise."""
    return cast(User, request.user)


# Told apart from keys, choices and numbers by what only written words have.
WORDS = re.compile(r"\S\s+\S")
WORDS_GIVEN_BACK = 20


def words_typed(request: HttpRequest) -> list[str]:
    """What somebody wrote in the form that a request sends, to be given back where it cannot be kept.

    Never what a field for a password holds, and nothing that has no space in it; twenty fields at most, each whole.
    """
    typed = (value for name, values in request.POST.lists() if "password" not in name for value in values)
    return [value for value in typed if WORDS.search(value)][:WORDS_GIVEN_BACK]


def safe_next(request: HttpRequest, default: str) -> str:
    """The `next` a form asked for if it is an address on this site, else `default`."""
    target = (request.POST.get("next") or request.GET.get("next") or "")[:2000]
    return target if on_this_site(target) else default
