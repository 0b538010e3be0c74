"""Links that somebody opened in this browser: what each form acts on, and where it leads back to.

A secret leaves the address at once and waits in the session. Forms name the one they were made from by a mark that
opens nothing by itself, so that two in two tabs never answer for each other; signing out on the way keeps them.
"""

from hashlib import sha256
from typing import cast

from django.contrib.auth import logout
from django.http import HttpRequest

PLACE = "ways"
MARK = "of"
KEPT = 8
KINDS_KEPT = 8


def _all(request: HttpRequest) -> dict[str, list[str]]:
    kept = request.session.get(PLACE)
    return cast(dict[str, list[str]], kept) if isinstance(kept, dict) else {}


def mark_of(token: str) -> str:
    """What a form says instead of the secret."""
    return sha256(f"way {token}".encode()).hexdigest()[:16]


def hold(request: HttpRequest, kind: str, token: str) -> None:
    """Keep a secret that was opened; the latest few of each kind, and of the latest few kinds."""
    ways = _all(request)
    tokens = [one for one in ways.pop(kind, []) if one != token]
    latest = list(ways.items())[-KINDS_KEPT:]
    request.session[PLACE] = dict(latest) | {kind: [*tokens, token[:100]][-KEPT:]}


def held(request: HttpRequest, kind: str) -> str:
    """The secret that a form or an address names; the latest one where none is named; empty when there is none."""
    tokens = _all(request).get(kind, [])
    mark = request.POST.get(MARK) or request.GET.get(MARK) or ""
    if mark:
        return next((token for token in tokens if mark_of(token) == mark), "")
    return tokens[-1] if tokens else ""


def back_to(token: str, path: str) -> str:
    """The address that comes back to this very one after signing in, whatever is opened in another tab meanwhile."""
    return f"{path}?{MARK}={mark_of(token)}" if token else path


def let_go(request: HttpRequest, kind: str, token: str) -> None:
    """It has done what it was for."""
    ways = _all(request)
    request.session[PLACE] = ways | {kind: [one for one in ways.get(kind, []) if one != token]}


def sign_out_on_the_way(request: HttpRequest) -> None:
    """Sign out, and keep the links that were opened: somebody goes on with one of them as another person."""
    ways = _all(request)
    logout(request)
    request.session[PLACE] = ways
