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
from accounts.refusals import Refused, refusals_said
from accounts.requests import get_or_post
from agreements.commitment_selectors import default_due
from agreements.review_services import FEWEST
from agreements.selectors import review_of
from circles.selectors import ring_of
from sessions.access import get_attended, get_session
from sessions.live import past_selectors, presence_services, windows, writing_services
from sessions.live.forms import CheckOutForm, NoteForm, ScribeForm
from sessions.live.responses import answered
from sessions.live.views import ticked
from sessions.planning.selectors import sessions_coming
from sessions.rules import texts


@require_POST
def attendance(request: HttpRequest, code: UUID) -> HttpResponse:
    """The facilitator, or whoever hosted, corrects who came."""
    seat = get_session(request.user, code)
    if not past_selectors.may_correct_attendance(seat):
        raise Http404
    people = {str(part.user.code): part.user_id for part in past_selectors.parts_of(seat.session)}
    with refusals_said(request):
        presence_services.attendance_set(
            session=seat.session, came=ticked(request.POST.getlist("came"), people), by=seat.user, now=timezone.now()
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
                promise=form.details() if data.get("text") else None,
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
