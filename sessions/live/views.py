"""The live room: one page and one address; the role decides what it shows. Every press is an ordinary POST."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
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

from accounts.once import once
from accounts.refusals import Refused, refusal_say, refusals_said
from accounts.requests import get_or_post
from agreements.commitment_selectors import default_due
from agreements.review_services import FEWEST
from agreements.selectors import review_of
from circles.selectors import ring_of
from sessions.access import SessionSeat, get_attended, get_session
from sessions.formats.selectors import version_chosen
from sessions.guests import selectors as guests_selectors
from sessions.live import (
    lobby_selectors,
    log_services,
    past_selectors,
    presence_services,
    selectors,
    services,
    starting_services,
    windows,
    writing_services,
)
from sessions.live.forms import CheckOutForm, NoteForm, ScribeForm, SeenForm
from sessions.live.presses import answered, fragment
from sessions.live.putting_back_services import session_put_back
from sessions.live.starting_services import Tight
from sessions.live.windows import starts_early
from sessions.planning.forms import IssueForm, turn_minutes
from sessions.planning.gathering_selectors import gathering_of
from sessions.planning.selectors import sessions_coming
from sessions.planning.showing import planned_page
from sessions.rules import texts
from sessions.rules.runner import COMMANDS
from sessions.sharing import as_shown, sharing_set


@never_cache
@require_GET
def live(request: HttpRequest, code: UUID) -> HttpResponse:
    """The whole room. A session that is over leads to check-out or to its page."""
    seat = as_shown(request, get_attended(request.user, code, now=timezone.now()))
    if seat.session.is_over and seat.sharing:
        return redirect("sessions:session", code)
    if seat.session.is_over:
        mine = past_selectors.past_page(seat, now=timezone.now())
        return redirect("sessions:check_out" if mine["may_check_out"] else "sessions:session", code)
    if not (seat.session.is_planned or seat.session.is_running):
        return redirect("sessions:session", code)
    asked = {"early_asked": "early" in request.GET}
    return render(request, "sessions/live.html", _room(seat) | asked)


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
    return context | {
        "sharing": seat.sharing,
        "issue_form": IssueForm(initial=started, before=seat.session.format_version.rule.before),
        "note_form": NoteForm(initial={"text": note.text if note else ""}),
        "note_mark": texts.mark_of(str(note.text) if note else ""),
        "live_path": reverse("sessions:live", args=[seat.session.code]),
    }


@never_cache
@require_GET
def live_room(request: HttpRequest, code: UUID) -> HttpResponse:
    """The part of the room that follows the session, fetched when the stream says that something changed."""
    seat = as_shown(request, get_attended(request.user, code, now=timezone.now()))
    if not (seat.session.is_planned or seat.session.is_running):
        return fragment(request, "", {"phase": "ended", "session": seat.session})
    return fragment(request, "sessions/_live_fragment.html", _room(seat, _ticks(request, seat)))


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
            here=_ticked(request.POST.getlist("here"), people),
            presenting=_ticked(request.POST.getlist("presents"), people),
            expected_seq=seen.cleaned_data["expected_seq"],
            by=seat.user,
            now=timezone.now(),
            version=version,
            minutes={pk: told for pk, told in minutes.items() if told},
            how=request.POST.get("how", ""),
        )
    except Tight as tight:
        return render(request, "sessions/live.html", _room(seat) | _again(request, tight))
    except Refused as refusal:
        refusal_say(request, refusal)
    return redirect("sessions:live", code)


@require_POST
@once
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


def _ticked(codes: Sequence[str], people: dict[str, int]) -> list[int]:
    return [people[code] for code in codes if code in people]


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


@require_POST
def attendance(request: HttpRequest, code: UUID) -> HttpResponse:
    """The facilitator, or whoever hosted, corrects who came."""
    seat = get_session(request.user, code)
    if not past_selectors.may_correct_attendance(seat):
        raise Http404
    people = {str(part.user.code): part.user_id for part in past_selectors.parts_of(seat.session)}
    with refusals_said(request):
        presence_services.attendance_set(
            session=seat.session, came=_ticked(request.POST.getlist("came"), people), by=seat.user, now=timezone.now()
        )
        messages.success(request, _("Attendance is kept."))
    return redirect("sessions:session", code)


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
    return fragment(request, "sessions/_shared_fragment.html", context)


@require_POST
def sharing(request: HttpRequest, code: UUID) -> HttpResponse:
    """I am sharing this window, or have stopped: what is meant for me alone is hidden until then."""
    seat = get_attended(request.user, code, now=timezone.now())
    sharing_set(request, seat, on=request.POST.get("sharing") == "on")
    return redirect("sessions:live" if seat.session.is_planned or seat.session.is_running else "sessions:session", code)


@require_POST
def scribe(request: HttpRequest, code: UUID) -> HttpResponse:
    """The scribe writes for a presenter; the presenter says that they have it."""
    seat = get_session(request.user, code)
    if "have_it" in request.POST:
        writing_services.scribe_note_drop(session=seat.session, reader=seat.user)
        return redirect("sessions:session", code)
    form = ScribeForm(request.POST)
    people = {user.code: user for user in ring_of(seat.circle)}

    def write() -> str:
        if not form.is_valid() or form.cleaned_data["reader"] not in people:
            raise Refused(_("A note can have at most 5000 characters. Nothing was saved; shorten it."))
        reader = people[form.cleaned_data["reader"]]
        return writing_services.scribe_write(
            session=seat.session, by=seat.user, reader=reader, now=timezone.now(), **form.facts()
        )

    return _written(request, form, write, code)


@require_POST
def note(request: HttpRequest, code: UUID) -> HttpResponse:
    """Keep a private note."""
    seat = get_attended(request.user, code, now=timezone.now())
    form = NoteForm(request.POST)

    def write() -> str:
        if not form.is_valid():
            raise Refused(_("A note can have at most 5000 characters. Nothing was saved; shorten it."))
        return writing_services.note_write(session=seat.session, author=seat.user, **form.facts())

    return _written(request, form, write, code)


def _written(request: HttpRequest, form: NoteForm, write: Callable[[], str], code: UUID) -> HttpResponse:
    """Script learns the mark of what stands there now, and the text where another window has written in it too."""
    kept: list[str] = []
    response = answered(request, lambda: kept.append(write()), "sessions:live", code)
    if response.status_code != 204:
        return response
    if kept[0] != form.cleaned_data["text"]:
        response = HttpResponse(kept[0], content_type="text/plain; charset=utf-8")
    response.headers["X-Seen"] = texts.mark_of(kept[0])
    return response


@never_cache
@get_or_post
@once
def check_out(request: HttpRequest, code: UUID) -> HttpResponse:
    """What do you take with you? Quick enough for a phone on a call; nothing is a full answer."""
    seat = get_session(request.user, code)
    now = timezone.now()
    part = past_selectors.my_part(seat.session, seat.user)
    if part is None or not seat.membership.takes_part or not windows.check_out_open(seat.session, now=now):
        return redirect("sessions:session", code)
    today = seat.user.today(now)
    people, partner = past_selectors.check_out_choices(seat)
    later = [one for one in sessions_coming(seat.circle) if one.starts_at > now and one.pk != seat.session.pk]
    next_on = later[0].starts_local(seat.user.time_zone).date() if later else None
    due_on = default_due(seat.circle, today=today, next_on=next_on)
    present = writing_services.members_present(seat.session)
    review = review_of(seat.session.code)
    form = CheckOutForm(
        request.POST or None,
        today=today,
        people=people,
        due_on=due_on,
        partner=partner,
        counts=present >= FEWEST,
        sentence=review.sentence if review else "",
    )
    # Words that were written are not thrown away by a slip: pressed a second time, nothing is a full answer.
    written = any(request.POST.get(name, "").strip() for name in ("insight", "text"))
    asks = request.POST.get("nothing") == "1" and written
    nothing = "nothing" in request.POST and not asks
    if request.method == "POST" and not asks and (form.is_valid() or nothing):
        data = {} if nothing else form.cleaned_data
        shared = bool(data.get("insight") or data.get("text"))
        with refusals_said(request):
            writing_services.check_out_share(
                session=seat.session,
                user=seat.user,
                insight=data.get("insight", ""),
                promise=form.wish() if data.get("text") else None,
                now=now,
                looked=form.looked(),
            )
            messages.success(
                request,
                _("Shared with your circle.") if shared else _("Thank you. Nothing this time is a full answer."),
            )
        return redirect("sessions:live", code)
    context = {
        "seat": seat,
        "circle": seat.circle,
        "session": seat.session,
        "form": form,
        "asks": asks,
        "people": people,
        "partner": partner,
        "next_on": next_on,
        "due_on": due_on,
        "present": present,
        "counts": present >= FEWEST,
    }
    return render(request, "sessions/check_out.html", context)


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
