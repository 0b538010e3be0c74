"""The live room: one page and one address; the role decides what it shows. Every press is an ordinary POST."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.once import once
from accounts.services import Refused
from agreements.selectors import default_due
from agreements.services import today_of
from circles.selectors import ring_of
from sessions.access import SessionSeat, get_session
from sessions.formats.selectors import version_chosen
from sessions.live import selectors, services
from sessions.live.forms import CheckOutForm, NoteForm, SeenForm
from sessions.planning.forms import IssueForm, turn_minutes
from sessions.planning.selectors import sessions_coming
from sessions.rules.runner import COMMANDS


@never_cache
@require_GET
def live(request: HttpRequest, code: UUID) -> HttpResponse:
    """The whole room. A session that is over leads to check-out or to its page."""
    seat = get_session(request.user, code)
    if seat.session.is_over:
        mine = selectors.past_page(seat, now=timezone.now())
        return redirect("sessions:check_out" if mine["may_check_out"] else "sessions:session", code)
    if not (seat.session.is_planned or seat.session.is_running):
        return redirect("sessions:session", code)
    return render(request, "sessions/live.html", _room(seat))


def _room(seat: SessionSeat) -> dict[str, object]:
    context = selectors.room(seat, now=timezone.now())
    issue = context.get("issue") if context["phase"] == "waiting" else None
    started = {"title": issue.title, "text": issue.text, "ask": issue.ask} if issue else None
    note = context.get("note")
    return context | {
        "issue_form": IssueForm(initial=started, before=seat.session.format_version.rule.before),
        "note_form": NoteForm(initial={"text": note.text if note else ""}),
    }


@never_cache
@require_GET
def live_room(request: HttpRequest, code: UUID) -> HttpResponse:
    """The part of the room that follows the session, fetched when the stream says that something changed."""
    seat = get_session(request.user, code)
    context = selectors.room(seat, now=timezone.now())
    over = context["phase"] == "ended"
    response = HttpResponse() if over else render(request, "sessions/_live_fragment.html", context)
    response.headers["X-Phase"] = str(context["phase"])
    return response


@require_POST
def start(request: HttpRequest, code: UUID) -> HttpResponse:
    """Start with those who are ticked as here."""
    seat = get_session(request.user, code)
    seen = SeenForm(request.POST)
    key = request.POST.get("format", "")
    version = version_chosen(seat.circle, key) if key else None
    if not seen.is_valid() or bool(key) != bool(version):
        raise Http404
    people = {str(user.code): user.pk for user in ring_of(seat.circle)}
    minutes, wrong = turn_minutes(request.POST, people)
    if wrong:
        messages.warning(request, wrong)
        return redirect("sessions:live", code)
    try:
        services.session_start(
            session=seat.session,
            here=_ticked(request.POST.getlist("here"), people),
            presenting=_ticked(request.POST.getlist("presents"), people),
            expected_seq=seen.cleaned_data["expected_seq"],
            by=seat.user,
            now=timezone.now(),
            version=version,
            minutes={pk: told for pk, told in minutes.items() if told},
            how=request.POST.get("how", ""),
        )
    except services.Tight as tight:
        return render(request, "sessions/live.html", _room(seat) | _again(request, tight))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("sessions:live", code)


def _again(request: HttpRequest, tight: services.Tight) -> dict[str, object]:
    """The lobby once more, with the ticks as they were and what can give."""
    return {
        "tight": tight,
        "ticked_here": request.POST.getlist("here"),
        "ticked_presents": request.POST.getlist("presents"),
        "typed_minutes": {name.removeprefix("minutes-"): value for name, value in request.POST.items()},
        "chosen_format": request.POST.get("format", ""),
    }


def _ticked(codes: Sequence[str], people: dict[str, int]) -> list[int]:
    return [people[code] for code in codes if code in people]


@require_POST
def command(request: HttpRequest, code: UUID, kind: str) -> HttpResponse:
    """Next, back, one minute more, pause, go on, end. A press on an old page changes nothing and shows what happened.

    Script sends the same form and only wants to know how it went: 204 done, 409 with the sentence otherwise.
    """
    seat = get_session(request.user, code)
    seen = SeenForm(request.POST)
    part = selectors.my_part(seat.session, seat.user)
    if kind not in COMMANDS or not seen.is_valid() or part is None or part.seat is None:
        raise Http404
    quiet = request.headers.get("X-Requested-With") == "fetch"
    try:
        services.session_command(
            session=seat.session,
            kind=kind,
            seat=part.seat,
            expected_seq=seen.cleaned_data["expected_seq"],
            seconds=seen.cleaned_data["seconds"] or 60,
            now=timezone.now(),
        )
    except Refused as refusal:
        if quiet:
            return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8")
        messages.warning(request, str(refusal))
    return HttpResponse(status=204) if quiet else redirect("sessions:live", code)


@require_POST
def replan(request: HttpRequest, code: UUID, why: str) -> HttpResponse:
    """Make the rest fit, go on without somebody, let somebody in, say whose case it is."""
    seat = get_session(request.user, code)
    seen = SeenForm(request.POST)
    part = selectors.my_part(seat.session, seat.user)
    if not seen.is_valid() or part is None or part.seat is None:
        raise Http404
    quiet = request.headers.get("X-Requested-With") == "fetch"
    try:
        services.session_replan(
            session=seat.session,
            why=why,
            by_seat=part.seat,
            expected_seq=seen.cleaned_data["expected_seq"],
            who=seen.cleaned_data["who"],
            now=timezone.now(),
        )
    except Refused as refusal:
        if quiet:
            return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8")
        messages.warning(request, str(refusal))
    return HttpResponse(status=204) if quiet else redirect("sessions:live", code)


@require_POST
def note(request: HttpRequest, code: UUID) -> HttpResponse:
    """Keep a private note."""
    seat = get_session(request.user, code)
    form = NoteForm(request.POST)
    quiet = request.headers.get("X-Requested-With") == "fetch"
    try:
        if not form.is_valid():
            raise Refused(_("A note can have at most 5000 characters. Nothing was saved; shorten it."))
        services.note_write(session=seat.session, author=seat.user, text=form.cleaned_data["text"])
    except Refused as refusal:
        if quiet:
            return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8")
        messages.warning(request, str(refusal))
    return HttpResponse(status=204) if quiet else redirect("sessions:live", code)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@once
def check_out(request: HttpRequest, code: UUID) -> HttpResponse:
    """What do you take with you? Quick enough for a phone on a call; nothing is a full answer."""
    seat = get_session(request.user, code)
    now = timezone.now()
    part = selectors.my_part(seat.session, seat.user)
    if part is None or not seat.membership.takes_part or not services.check_out_open(seat.session, now=now):
        return redirect("sessions:session", code)
    today = today_of(seat.user, now)
    people, partner = selectors.check_out_choices(seat)
    later = [one for one in sessions_coming(seat.circle) if one.starts_at > now and one.pk != seat.session.pk]
    next_on = later[0].starts_local(seat.user.time_zone).date() if later else None
    due_on = default_due(seat.circle, today=today, next_on=next_on)
    form = CheckOutForm(request.POST or None, today=today, people=people, due_on=due_on, partner=partner)
    nothing = request.method == "POST" and "nothing" in request.POST
    if nothing or (request.method == "POST" and form.is_valid()):
        data = {} if nothing else form.cleaned_data
        try:
            services.check_out_share(
                session=seat.session,
                user=seat.user,
                insight=data.get("insight", ""),
                promise=services.Promise(data["text"], data["due_on"], data["partner"]) if data.get("text") else None,
                now=now,
            )
            messages.success(
                request,
                _("Thank you. Nothing this time is a full answer.") if nothing else _("Shared with your circle."),
            )
        except Refused as refusal:
            messages.warning(request, str(refusal))
        return redirect("sessions:live", code)
    context = {
        "seat": seat,
        "circle": seat.circle,
        "session": seat.session,
        "form": form,
        "people": people,
        "partner": partner,
        "next_on": next_on,
        "due_on": due_on,
    }
    return render(request, "sessions/check_out.html", context)
