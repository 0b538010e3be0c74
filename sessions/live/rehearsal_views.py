"""The live room of a rehearsal: the same room and the same presses, with simulated members and no circle."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from circles.rules.ring import RingSeat
from sessions.formats.access import get_format
from sessions.formats.forms import TryForm
from sessions.formats.library import version_of
from sessions.formats.views import detail_page
from sessions.live import rehearsal_services as rehearsing
from sessions.live.forms import SeenForm
from sessions.live.people import PersonShown
from sessions.live.rehearsal_access import get_rehearsal
from sessions.live.responses import answered, fragment
from sessions.live.room_page import bar_of, running
from sessions.models import Rehearsal
from sessions.rules.clock import to_ms
from sessions.rules.runner import COMMANDS, State


def _room(rehearsal: Rehearsal) -> dict[str, Any]:
    now = timezone.now()
    state = rehearsing.rehearsal_catch_up(rehearsal=rehearsal, now=now)
    people = rehearsing.people_rehearsing(rehearsal)
    rule = rehearsal.format_version.rule
    context: dict[str, Any] = {
        "rehearsal": rehearsal,
        "rule": rule,
        "ref": rehearsal.format_version.format.ref,
        "state": state,
        "people": people,
        "me": people[0],
        "phase": state.phase,
        "commands": reverse("formats:rehearsal", args=[rehearsal.code]),
        "epoch": to_ms(rehearsal.begun_at),
        "now_ms": to_ms(now),
    }
    if state.phase == "ended":
        return context | _over(people, state)
    clock = rehearsing.rehearsal_now(rehearsal, now)
    return context | running(rule, state, people, people[0], now_ms=clock, ends_ms=rehearsing.ends_of(rehearsal))


def _over(people: list[PersonShown], state: State) -> dict[str, Any]:
    """The frame after the last stage: the ring with nobody speaking, and the way back to the format."""
    ring = [RingSeat(p.user.initials, _("You") if p is people[0] else p.name, you=p is people[0]) for p in people]
    return {"ring": ring, "bar": bar_of(state.segments, index=len(state.segments)), "one_view": True}


@never_cache
@require_GET
def rehearsal(request: HttpRequest, code: UUID) -> HttpResponse:
    """The whole room."""
    return render(request, "formats/rehearsal.html", _room(get_rehearsal(request.user, code)))


@never_cache
@require_GET
def rehearsal_room(request: HttpRequest, code: UUID) -> HttpResponse:
    """The part that follows the rehearsal."""
    context = _room(get_rehearsal(request.user, code))
    return fragment(request, "" if context["phase"] == "ended" else "sessions/_live_fragment.html", context)


@require_POST
def rehearsal_command(request: HttpRequest, code: UUID, kind: str) -> HttpResponse:
    """A press: next, back, more time, pause, go on, end."""
    if kind not in COMMANDS:
        raise Http404
    return _press(request, code, kind=kind)


@require_POST
def rehearsal_replan(request: HttpRequest, code: UUID, why: str) -> HttpResponse:
    """A press that re-plans what remains."""
    return _press(request, code, why=why)


def _press(request: HttpRequest, code: UUID, *, kind: str = "", why: str = "") -> HttpResponse:
    rehearsal = get_rehearsal(request.user, code)
    seen = SeenForm(request.POST)
    if not seen.is_valid():
        raise Http404
    expected, now = seen.cleaned_data["expected_seq"], timezone.now()

    def act() -> None:
        if kind:
            seconds = seen.cleaned_data["seconds"] or 60
            rehearsing.rehearsal_command(
                rehearsal=rehearsal, kind=kind, expected_seq=expected, seconds=seconds, now=now
            )
        else:
            rehearsing.rehearsal_replan(
                rehearsal=rehearsal, why=why, expected_seq=expected, who=seen.cleaned_data["who"], now=now
            )

    return answered(request, act, "formats:rehearsal", code)


@require_POST
@idempotent
def rehearse(request: HttpRequest, ref: str) -> HttpResponse:
    """Begin trying a format alone."""
    seat = get_format(request.user, ref)
    form = TryForm(request.POST, least=seat.rule.least, most=seat.rule.most, auto_id="try_%s")
    if not form.is_valid():
        return render(
            request, "formats/format_detail.html", detail_page(request, seat) | {"try_form": form, "form": form}
        )
    rehearsal = rehearsing.rehearsal_begin(
        version=seat.version or version_of(seat.ref),
        owner=seat.user,
        people=form.cleaned_data["people"],
        speed=form.cleaned_data["speed"],
        now=timezone.now(),
    )
    return redirect("formats:rehearsal", rehearsal.code)
