"""What people write in and after a session: a note, what a scribe keeps, the check-out, who came."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.idempotent import idempotent
from accounts.refusals import Refused, refusal_say, refusals_said
from accounts.requests import get_or_post
from circles.selectors import ring_of
from sessions.access import get_attended, get_session
from sessions.live import end_page, past_selectors, presence_services, writing_services
from sessions.live.forms import NoteForm, ScribeForm
from sessions.live.responses import answered
from sessions.live.views import ticked
from sessions.rules import texts
from sessions.sharing import as_shown


@require_POST
def attendance(request: HttpRequest, code: UUID) -> HttpResponse:
    """The facilitator, or whoever hosted, corrects who came."""
    seat = get_session(request.user, code)
    if not past_selectors.may_correct_attendance(seat):
        raise Http404
    people = {str(part.user.code): part.user_id for part in past_selectors.parts_of(seat.session)}
    with refusals_said(request):
        presence_services.attendance_set(
            session=seat.session, came=ticked(request.POST.getlist("came"), people), now=timezone.now()
        )
        messages.success(request, _("Attendance is kept."))
    return redirect("sessions:session", code)


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
@idempotent
def check_out(request: HttpRequest, code: UUID) -> HttpResponse:
    """What do you take with you? Quick enough for a phone on a call; nothing is a full answer."""
    seat = as_shown(request, get_session(request.user, code))
    now = timezone.now()
    if not end_page.may_check_out(seat, now=now):
        if request.method == "POST":
            refusal_say(request, Refused(_("You cannot check out of this session now.")))
        return redirect("sessions:session", code)
    form = end_page.check_out_form(seat, now=now, data=request.POST or None)
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
                promise=form.details() if data.get("text") else None,
                now=now,
                looked=form.looked(),
            )
            messages.success(
                request,
                _("Shared with your circle.") if shared else _("Thank you. Nothing this time is a full answer."),
            )
        return redirect("sessions:live", code)
    shown = end_page.end_page(seat, now=now) | {"form": form, "asks": asks}
    return render(request, "sessions/live.html", shown | {"follows": False})
