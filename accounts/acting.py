"""What every view does with a press: it carries something out, or says why not, and leads on to the next page."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.idempotent import SentBefore, let_in_again
from accounts.refusals import Gone, HasAccount, Refused, refusal_say, refusals_said
from accounts.requests import said_there


def carried_out(
    request: HttpRequest, act: Callable[[], object], to: HttpResponse, said: str = "", *, at: str = ""
) -> HttpResponse:
    """Carry `act` out and lead to `to`, which says `said` or why it was refused: in its part `at`, else at its head."""
    with refusals_said(request, at=at):
        act()
        if said:
            messages.success(request, said, extra_tags=at or said_there(to["Location"]))
    return to


def visitor_answered(
    request: HttpRequest,
    answer: Callable[[], HttpResponse | None],
    *,
    back: str,
    gone: Callable[[], HttpResponse],
    now: datetime,
) -> HttpResponse | None:
    """A yes or no of whoever holds a link, signed in or not. None where their form has a mistake, and is shown again.

    A second press lets in whom the first one let in. Whoever has an account signs in, and comes to `back`; so does
    whoever is refused. Where the link answers no more, `gone` says what became of it.
    """
    try:
        return answer()
    except SentBefore:
        return let_in_again(request, now=now) or redirect(back)
    except HasAccount as refusal:
        refusal_say(request, refusal)
        return redirect_to_login(back)
    except Gone:
        return gone()
    except Refused as refusal:
        refusal_say(request, refusal)
        return redirect(back)
