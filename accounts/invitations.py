"""Who may make an account on a site that is not open: whoever came by a door that stands open at that moment.

An app above names its doors here; what is kept in the session is which one, and is asked again when it is used.
"""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

PLACE = "may_sign_up"
_doors: dict[str, Callable[[str, datetime], bool]] = {}
_called: dict[str, Callable[[str], str]] = {}


def open_door(kind: str, still_open: Callable[[str, datetime], bool], called: Callable[[str], str]) -> None:
    """Name a kind of door, and the questions whether one of it still lets people in, and what the invited is called."""
    _doors[kind], _called[kind] = still_open, called


def called_at_the_door(request: HttpRequest) -> str:
    """What whoever invited this person calls them; empty for somebody without a door, or at one without a name."""
    if not may_sign_up(request):
        return ""
    kind, key = request.session[PLACE]
    return _called[kind](str(key))


def let_sign_up(request: HttpRequest, kind: str, key: str) -> None:
    """Somebody stands at this door: one account may be made for its sake, while it is open."""
    request.session[PLACE] = [kind, key]


def may_sign_up(request: HttpRequest) -> bool:
    kept = request.session.get(PLACE)
    if not isinstance(kept, list) or len(kept) != 2 or kept[0] not in _doors:
        return False
    return _doors[kept[0]](str(kept[1]), timezone.now())


def signed_up(request: HttpRequest) -> None:
    """The account is made: the door is closed behind it."""
    request.session.pop(PLACE, None)
