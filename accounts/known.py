"""Browsers in which somebody has signed in before: what strangers try at an account does not keep its owner out there.

The cookie holds a mark for each of the last few people who signed in here. A mark can be made by this site alone, names
nobody, and is worth nothing after a new password.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

PEOPLE = 5
KEPT_SECONDS = 180 * 24 * 3600


def mark(user: User) -> str:
    return salted_hmac("accounts.known", f"{user.pk}:{user.password}", algorithm="sha256").hexdigest()[:32]


def _marks(request: HttpRequest) -> list[str]:
    return request.COOKIES.get(settings.KNOWN_COOKIE_NAME, "")[:500].split(".")[:PEOPLE]


def is_known(request: HttpRequest, user: User) -> bool:
    """Whether this person has signed in with this browser since they chose their password."""
    own = mark(user)
    return any(constant_time_compare(own, one) for one in _marks(request))


def note(request: HttpRequest, user: User) -> None:
    """They have just shown who they are; `remember` puts it into the answer."""
    request.known_person = user  # type: ignore[attr-defined]  # between a signal, which has no answer, and the answer


def remember(request: HttpRequest, response: HttpResponse) -> None:
    user = getattr(request, "known_person", None)
    if user is None:
        return
    own = mark(user)
    others = [one for one in _marks(request) if one and one != own]
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        ".".join([own, *others][:PEOPLE]),
        max_age=KEPT_SECONDS,
        samesite="Lax",
        secure=settings.HTTPS,
        httponly=True,
    )
