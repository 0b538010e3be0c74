"""Whether somebody shares their window: asked in one place by everything that shows words of a session.

It is a matter of the browser: kept in its session and for one session of a circle, so that presses, fragments, pages
that load themselves again and the end of a session all keep to it until the person says that they have stopped.
"""

from dataclasses import replace

from django.http import HttpRequest

from sessions.access import SessionSeat

PLACE = "sharing"
ASKED = "sharing"
KEPT = 8


def _shared(request: HttpRequest) -> list[str]:
    kept = request.session.get(PLACE)
    return [str(code) for code in kept] if isinstance(kept, list) else []


def sharing_set(request: HttpRequest, seat: SessionSeat, *, on: bool) -> None:
    """From now on this browser hides what is meant for its person alone, or shows it again."""
    code = str(seat.session.code)
    others = [one for one in _shared(request) if one != code]
    request.session[PLACE] = [*others, code][-KEPT:] if on else others


def as_shown(request: HttpRequest, seat: SessionSeat) -> SessionSeat:
    """The seat as this browser may show it. An address that says `sharing` turns it on, and none turns it off."""
    if ASKED in request.GET and str(seat.session.code) not in _shared(request):
        sharing_set(request, seat, on=True)
    return replace(seat, sharing=str(seat.session.code) in _shared(request))
