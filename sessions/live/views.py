"""The live room: one page and one address, the role decides what it shows; its start, and its shared screen."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import Refused, refusal_say, refusals_said
from sessions.access import SessionSeat, get_attended, get_session
from sessions.formats.selectors import version_chosen
from sessions.guests import selectors as guests_selectors
from sessions.live import (
    end_page,
    lobby_selectors,
    log_services,
    past_selectors,
    selectors,
    services,
    starting_services,
)
from sessions.live.forms import NoteForm, SeenForm
from sessions.live.hosted_selectors import hosted_page
from sessions.live.putting_back_services import session_put_back
from sessions.live.responses import fragment
from sessions.live.starting_services import Tight
from sessions.live.windows import starts_early
from sessions.planning.forms import IssueForm, turn_minutes
from sessions.planning.gathering_selectors import gathering_of
from sessions.planning.session_page import planned_page
from sessions.rules import texts
from sessions.sharing import as_shown, sharing_set


@never_cache
@require_GET
def live(request: HttpRequest, code: UUID) -> HttpResponse:
    """The whole room. After its end it is the check-out, and then leads to the session's page."""
    seat = as_shown(request, get_attended(request.user, code, now=timezone.now()))
    if shown := end_page.end_shown(seat, now=timezone.now()):
        return render(request, "sessions/live.html", shown)
    if not (seat.session.is_planned or seat.session.is_running):
        return redirect("sessions:session", code)
    return render(request, "sessions/live.html", _may_begin(_room(seat), early="early" in request.GET))


def _may_begin(context: dict[str, Any], *, early: bool = False) -> dict[str, Any]:
    """Who starts it from this page: whoever may, once the room is open, or where they asked to start early."""
    open_now = not context.get("opens_at") or early or "tight" in context
    starts = bool(context.get("may_start")) and not context["me"].guest and open_now
    return context | {"starts_here": starts, "early_asked": early}


def _room(seat: SessionSeat, ticks: lobby_selectors.Ticks | None = None) -> dict[str, object]:
    context = selectors.room(seat, now=timezone.now(), ticks=ticks)
    if context["phase"] in ("running", "paused") and any(person.seat < 0 for person in context["people"]):
        with suppress(
            log_services.Stale
        ):  # somebody pressed in the same moment: their press makes this page look again
            services.latecomers_seat(session=seat.session, now=timezone.now())
        context = selectors.room(seat, now=timezone.now())
    issue = context.get("issue") if context["phase"] == "waiting" else None
    started = {"title": issue.title, "text": issue.text, "ask": issue.ask} if issue else None
    note = context.get("note")
    return (
        context
        | _check_out_part(seat, context)
        | {
            "follows": True,
            "sharing": seat.sharing,
            "issue_form": IssueForm(initial=started, before=seat.session.format_version.rule.before),
            "note_form": NoteForm(initial={"text": note.text if note else ""}),
            "note_mark": texts.mark_of(str(note.text) if note else ""),
            "live_path": reverse("sessions:live", args=[seat.session.code]),
        }
    )


def _check_out_part(seat: SessionSeat, context: dict[str, Any]) -> dict[str, Any]:
    """From its stage on the check-out is written in the room, so that nothing half typed is lost when it ends."""
    me = context["me"]
    if not context.get("check_out_now") or me.guest or me.checked_out or not seat.membership.takes_part:
        return {}
    form = end_page.check_out_form(seat, now=timezone.now())
    return {"form": form, "counts": "kept" in form.fields}


@never_cache
@require_GET
def live_room(request: HttpRequest, code: UUID) -> HttpResponse:
    """The part of the room that follows the session, fetched when the stream says that something changed."""
    seat = as_shown(request, get_attended(request.user, code, now=timezone.now()))
    if shown := end_page.end_shown(seat, now=timezone.now()):
        return fragment(request, "sessions/_live_fragment.html", shown)
    if not (seat.session.is_planned or seat.session.is_running):
        return fragment(request, "", {"phase": "ended", "session": seat.session})
    return fragment(request, "sessions/_live_fragment.html", _may_begin(_room(seat, _ticks(request, seat))))


def _ticks(request: HttpRequest, seat: SessionSeat) -> lobby_selectors.Ticks | None:
    """The form with which it is started, as far as it is filled in, so that the plan on the page follows it."""
    if "here" not in request.GET:
        return None
    people = {str(one.user.code): one.user.pk for one in gathering_of(seat.session).people if one.takes_turns}
    minutes, _wrong = turn_minutes(request.GET, people)
    return lobby_selectors.Ticks(
        here=tuple(request.GET.getlist("here")),
        presents=tuple(request.GET.getlist("presents")),
        format=request.GET.get("format", ""),
        minutes={pk: told for pk, told in minutes.items() if told},
    )


@require_POST
def start(request: HttpRequest, code: UUID) -> HttpResponse:
    """Start with those who are ticked as here."""
    seat = as_shown(request, get_session(request.user, code))
    seen = SeenForm(request.POST)
    key = request.POST.get("format", "")
    version = version_chosen(seat.circle, key) if key else None
    if not seen.is_valid() or bool(key) != bool(version):
        raise Http404
    if starts_early(seat.session, now=timezone.now()) and "early" not in request.POST:
        messages.warning(request, _("It is not time yet. To start now all the same, use “Start early”."))
        return redirect("sessions:live", code)
    people = {str(one.user.code): one.user.pk for one in gathering_of(seat.session).people if one.takes_turns}
    minutes, wrong = turn_minutes(request.POST, people)
    if wrong:
        messages.warning(request, wrong)
        return redirect("sessions:live", code)
    try:
        starting_services.session_start(
            session=seat.session,
            here=ticked(request.POST.getlist("here"), people),
            presenting=ticked(request.POST.getlist("presents"), people),
            expected_seq=seen.cleaned_data["expected_seq"],
            by=seat.user,
            now=timezone.now(),
            version=version,
            minutes={pk: told for pk, told in minutes.items() if told},
            how=request.POST.get("how", ""),
        )
    except Tight as tight:
        return render(request, "sessions/live.html", _may_begin(_room(seat) | _again(request, tight)))
    except Refused as refusal:
        refusal_say(request, refusal)
    return redirect("sessions:live", code)


@require_POST
@idempotent
def put_back(request: HttpRequest, code: UUID) -> HttpResponse:
    """It was a mistake to start: the session is planned as it was."""
    seat = get_session(request.user, code)
    if seat.number is None:
        raise Http404
    with refusals_said(request):
        session_put_back(session=seat.session, by_seat=seat.number, now=timezone.now())
        messages.success(request, _("Put back. The session is planned as it was, and nobody is told that it began."))
    return redirect("sessions:live", code)


def _again(request: HttpRequest, tight: Tight) -> dict[str, object]:
    """The lobby once more, with the ticks as they were and what can give."""
    return {
        "tight": tight,
        "ticked_here": request.POST.getlist("here"),
        "ticked_presents": request.POST.getlist("presents"),
        "typed_minutes": {name.removeprefix("minutes-"): value for name, value in request.POST.items()},
        "chosen_format": request.POST.get("format", ""),
    }


def ticked(codes: Sequence[str], people: dict[str, int]) -> list[int]:
    return [people[code] for code in codes if code in people]


@never_cache
@require_GET
def shared(request: HttpRequest, code: UUID) -> HttpResponse:
    """The screen for a projector or a shared window: who speaks, how long, what may be said. No words of anybody.

    It leads nowhere by itself: whoever's browser it is, it draws the end of the session too.
    """
    seat = get_attended(request.user, code, now=timezone.now())
    return render(request, "sessions/shared.html", selectors.shared_screen(seat, now=timezone.now()))


@never_cache
@require_GET
def shared_room(request: HttpRequest, code: UUID) -> HttpResponse:
    """The part of the shared screen that follows the session."""
    context = selectors.shared_screen(get_attended(request.user, code, now=timezone.now()), now=timezone.now())
    over = context["phase"] == "ended"
    return fragment(request, "" if over else "sessions/_shared_fragment.html", context)


@require_POST
def sharing(request: HttpRequest, code: UUID) -> HttpResponse:
    """I am sharing this window, or have stopped: what is meant for me alone is hidden until then."""
    seat = get_attended(request.user, code, now=timezone.now())
    sharing_set(request, seat, on=request.POST.get("sharing") == "on")
    return redirect("sessions:live" if seat.session.is_planned or seat.session.is_running else "sessions:session", code)


@never_cache
@require_GET
def hosted(request: HttpRequest, code: UUID) -> HttpResponse:
    """What the clock says of a session, for whoever hosted it and for nobody else."""
    seat = as_shown(request, get_session(request.user, code))
    return render(request, "sessions/session_hosted.html", hosted_page(seat))


@never_cache
@require_GET
def session(request: HttpRequest, code: UUID) -> HttpResponse:
    """A session's page: what to prepare before it, what stayed after it."""
    seat = as_shown(request, get_attended(request.user, code, now=timezone.now()))
    if seat.session.is_over:
        return render(request, "sessions/session_past.html", past_selectors.past_page(seat, now=timezone.now()))
    if seat.guest:
        return render(request, "sessions/session_guest.html", guests_selectors.guest_page(seat))
    return render(request, "sessions/session_page.html", planned_page(seat, now=timezone.now()))
