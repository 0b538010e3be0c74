"""The presses of the live room: every one an ordinary POST that says what its page had seen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sessions.access import SessionSeat, get_attended, get_session
from sessions.live import log_services, presence_services, services
from sessions.live.forms import SeenForm
from sessions.live.responses import answered
from sessions.rules.runner import COMMANDS


@dataclass(frozen=True)
class Press:
    """One press in the live room: who, in which seat, having seen what."""

    seat: SessionSeat
    by_seat: int
    expected_seq: int
    seconds: int
    who: int | None

    def facts(self) -> dict[str, Any]:
        """What every press of somebody tells a service."""
        return {
            "session": self.seat.session,
            "by_seat": self.by_seat,
            "expected_seq": self.expected_seq,
            "now": timezone.now(),
        }


def _press(request: HttpRequest, code: UUID, act: Callable[[Press], object], *, guests: bool = False) -> HttpResponse:
    """Carry out a press, of a member or also of a guest. On an old page it changes nothing and shows what happened."""
    press = _pressed(request, code, guests=guests)

    def acted() -> None:
        try:
            act(press)
        except log_services.Stale:
            # Of two equal presses in one moment the second lost: asked once more, it finds that the first was its own.
            press.seat.session.refresh_from_db()
            act(press)

    response = answered(request, acted, "sessions:live", code)
    response.headers["X-Version"] = str(press.seat.session.version)
    return response


def _pressed(request: HttpRequest, code: UUID, *, guests: bool) -> Press:
    seat = get_attended(request.user, code, now=timezone.now()) if guests else get_session(request.user, code)
    seen = SeenForm(request.POST)
    if not seen.is_valid() or seat.number is None:
        raise Http404
    data = seen.cleaned_data
    return Press(seat, seat.number, data["expected_seq"], data["seconds"] or 60, data["who"])


@require_POST
def command(request: HttpRequest, code: UUID, kind: str) -> HttpResponse:
    """Next, back, more time, pause, go on; and, once they are sure, stop for today and end."""
    # Asked for the seat first: a stranger learns nothing of which commands there are.
    if kind not in COMMANDS:
        get_attended(request.user, code, now=timezone.now())
        raise Http404
    if "sure" not in request.POST and services.may_end(kind):
        press = _pressed(request, code, guests=True)
        if services.would_end(press.seat.session, kind, expected_seq=press.expected_seq):
            return _are_you_sure(request, press, kind)

    def act(press: Press) -> None:
        services.session_command(
            session=press.seat.session,
            kind=kind,
            seat=press.by_seat,
            expected_seq=press.expected_seq,
            seconds=press.seconds,
            now=timezone.now(),
            guest=press.seat.guest is not None,
        )

    return _press(request, code, act, guests=True)


def _are_you_sure(request: HttpRequest, press: Press, kind: str) -> HttpResponse:
    """The question before a press that would end the session for everybody. Script has asked it in the room."""
    if request.headers.get("X-Requested-With") == "fetch":
        said = _("This would end the session for all of you. Press it again in the room, and confirm.")
        return HttpResponse(said, status=409, content_type="text/plain; charset=utf-8")
    context = {"circle": press.seat.circle, "session": press.seat.session, "kind": kind, "seq": press.expected_seq}
    return render(request, "sessions/live_sure.html", context)


@require_POST
def replan(request: HttpRequest, code: UUID, why: str) -> HttpResponse:
    """Make the rest fit, go on without somebody, let somebody in, say whose case it is."""
    return _press(request, code, lambda press: services.session_replan(**press.facts(), why=why, who=press.who))


@require_POST
def turn(request: HttpRequest, code: UUID, kind: str) -> HttpResponse:
    """Pass this time, or offer somebody's turn later (`put_off`); give the floor to somebody (`call`)."""
    if kind not in ("put_off", "call"):
        get_attended(request.user, code, now=timezone.now())
        raise Http404
    return _press(
        request,
        code,
        lambda press: services.session_turn(**press.facts(), kind=kind, who=press.who),
        guests=True,
    )


@require_POST
def hand_over(request: HttpRequest, code: UUID) -> HttpResponse:
    """Whoever steers hands it to somebody else."""
    return _press(
        request,
        code,
        lambda press: services.session_hand_over(**press.facts(), by=press.seat.user, who=press.who or press.by_seat),
    )


@require_POST
def take_over(request: HttpRequest, code: UUID) -> HttpResponse:
    """A member steers when nobody who does has been there for two minutes."""
    return _press(request, code, lambda press: services.session_take_over(**press.facts()))


@require_POST
def signal(request: HttpRequest, code: UUID, kind: str) -> HttpResponse:
    """A hand up or down, away for a moment or back."""
    seat = get_attended(request.user, code, now=timezone.now())
    if kind not in presence_services.SIGNALS:
        raise Http404
    return answered(
        request,
        lambda: presence_services.signal_set(session=seat.session, user=seat.user, signal=kind, now=timezone.now()),
        "sessions:live",
        code,
    )
