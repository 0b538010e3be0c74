"""What every view asks of a request: who sends it, where it leads back to, which methods a page answers."""

from typing import cast

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.rules.addresses import on_this_site

# A page and the form on it. HEAD is answered as GET is, by `config.middleware.plain_requests`.
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


# Parts of pages that say what was done there themselves (`components/_said.html`), so that nobody has to look for it.
SAYING_IT_THEMSELVES = ("#waits", "#coming", "#my-plan")


def said_there(to: str) -> str:
    """The tag of a message about a press in such a part of a page; empty where it is said at the page's head."""
    return "there" if to.endswith(SAYING_IT_THEMSELVES) else ""


def person_of(request: HttpRequest) -> User:
    """The signed-in person. Only for views behind the sign-in, which every view is that does not say otherwise."""
    return cast(User, request.user)


WORDS_GIVEN_BACK = 20


def words_typed(request: HttpRequest) -> list[str]:
    """What somebody wrote in the form that a request sends, to be given back where it cannot be kept.

    Never what a field for a password holds, and no plain word without a space; twenty fields at most, each whole.
    Nothing of what is no form, or too much to be read.
    """
    if request.method != "POST":
        return []
    try:
        fields = list(request.POST.lists())
    except (SuspiciousOperation, MultiPartParserError, OSError):
        return []
    typed = (value for name, values in fields if "password" not in name for value in values)
    return [value for value in typed if _is_written(value)][:WORDS_GIVEN_BACK]


def _is_written(value: str) -> bool:
    """Told apart from keys, choices and dates by what only written words have: letters that no key has, or a space."""
    return not value.isascii() or (len(value.split()) > 1 and any(map(str.isalpha, value)))


def safe_next(request: HttpRequest, default: str) -> str:
    """The `next` a form asked for if it is an address on this site, else `default`."""
    target = (request.POST.get("next") or request.GET.get("next") or "")[:2000]
    return target if on_this_site(target) else default
