"""Putting sessions into the calendar: one or a series, changed, left out, cancelled, honestly marked as not held."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import Refused, refusals_beside, refusals_said
from accounts.requests import get_or_post, safe_next, said_there
from accounts.rules.zones import to_local
from accounts.templatetags.times import day, hour
from circles.access import Seat, get_circle_to_run
from circles.models import Membership
from circles.selectors import members_of
from sessions.access import SessionSeat, get_attended, get_session_to_run
from sessions.calendars import sessions_file
from sessions.enums import SessionStatus
from sessions.formats.library import fitting
from sessions.formats.selectors import formats_for, look
from sessions.models import CircleSession
from sessions.planning import gathering_selectors, selectors, series_services, services, taking_back_services
from sessions.planning import reminder_services as reminders
from sessions.planning.poll_services import poll_close
from sessions.planning.preview import Preview, preview_of
from sessions.planning.schedule_forms import REPEAT_OF, CancelForm, ChangeForm, ScheduleForm, SeriesForm
from sessions.rules.recurrence import Slot

SHOWN_AT_FIRST = 3
USUAL_TIME = "16:00"


@never_cache
@get_or_post
@idempotent
def schedule(request: HttpRequest, code: UUID) -> HttpResponse:
    """Plan one session of a circle, or a series. “Show the dates” writes nothing."""
    seat = get_circle_to_run(request.user, code)
    members = members_of(seat.circle)
    ring = [member.user for member in members if member.takes_part]
    now = timezone.now()
    likely = selectors.likely_people(seat.circle, len(ring), now=now)
    form = SeriesForm(
        request.POST or None,
        now=now,
        circle=seat.circle,
        ring=ring,
        history=gathering_selectors.history_of(seat.circle),
        likely=likely,
        initial=_starting(request, seat, likely, now),
    )
    shown = None
    if request.method == "POST" and form.is_valid():
        details, series = form.details(), form.series_details()
        if "show" in request.POST:
            slots = [slot for slot, _one in series.wishes()] if series else [_slot(details.local_start)]
            shown = _preview(seat, slots, form)
        else:
            with refusals_beside(form, "date"):
                return _warned(request, form, _scheduled(request, seat, form, now))
    return render(request, "sessions/session_schedule.html", _page(seat, form, members) | {"preview": shown})


def _warned(request: HttpRequest, form: ScheduleForm, answer: HttpResponse) -> HttpResponse:
    if form.warned:
        messages.warning(request, form.warned)
    return answer


def _slot(local: datetime) -> Slot:
    return Slot(local.date(), local)


def _preview(seat: Seat, slots: list[Slot], form: ScheduleForm, besides: tuple[int, ...] = ()) -> Preview:
    people = [member.user for member in members_of(seat.circle)]
    data = form.cleaned_data
    return preview_of(
        seat.circle, people, slots, data["zone"], data["minutes"], by=seat.user, now=timezone.now(), besides=besides
    )


def _scheduled(request: HttpRequest, seat: Seat, form: SeriesForm, now: datetime) -> HttpResponse:
    details = form.series_details()
    if details:
        series = series_services.series_schedule(circle=seat.circle, details=details, now=now)
        number = series.sessions.count()
        poll_close(circle=seat.circle, now=now)
        said = ngettext("%s session is planned.", "%s sessions are planned.", number) % number
        messages.success(request, said + " " + _("Everyone gets one mail with all dates in their own time."))
        return redirect("pages:circle_sessions", seat.circle.code)
    session = services.session_schedule(circle=seat.circle, details=form.details(), now=now)
    poll_close(circle=seat.circle, now=now)
    messages.success(request, _("Scheduled. Everyone in the circle is told by mail."))
    return redirect("sessions:session", session.code)


def _starting(request: HttpRequest, seat: Seat, likely: int, now: datetime) -> dict[str, Any]:
    """What the form starts from: the circle's own rhythm, and as many sessions as are still promised."""
    known = [key for key, _rule in formats_for(seat.circle)]
    wanted = request.GET.get("format", "")
    fits = fitting(likely)
    begin = selectors.where_to_begin(seat.circle, now=now)
    started = {
        "format": wanted if wanted in known else fits[0].key if fits else "council",
        "date": begin.on,
        "time": begin.at or USUAL_TIME,
        "zone": seat.circle.time_zone,
        "people": likely,
        "minutes": begin.minutes,
        "place": begin.place,
        "call_link": begin.call_link,
        "repeat": REPEAT_OF[seat.circle.cadence] if begin.left > 1 else "once",
        "count": max(begin.left, 1),
    }
    # A time that was found, or chosen in a poll, comes along in the address, with the zone in which it was meant:
    # the circle may have corrected its own since.
    brought = ("date", "time", "zone", "also", "repeat")
    asked = {name: request.GET[name][:40] for name in brought if request.GET.get(name)}
    return started | asked


def _page(seat: Seat, form: ScheduleForm, members: list[Membership]) -> dict[str, Any]:
    """A few formats that suit the circle first, above all the chosen one; the others stand behind a fold."""
    looks = [look(key, rule, form.likely) for key, rule in form.rules.items()]
    chosen = form["format"].value()
    near = [one for one in looks if one.ref == chosen]
    near += [one for one in looks if one.suits and one not in near]
    near = near[:SHOWN_AT_FIRST]
    places: dict[str, list[str]] = {}
    for member in members:
        places.setdefault(member.user.time_zone, []).append(member.user.first)
    return {
        "circle": seat.circle,
        "form": form,
        "looks": near,
        "other_looks": [one for one in looks if one not in near],
        "places": list(places.items()),
        "zone": form["zone"].value() or seat.circle.time_zone,
    }


@never_cache
@get_or_post
@idempotent
def session_edit(request: HttpRequest, code: UUID) -> HttpResponse:
    """Change a planned session, or this one and all that follow in its series."""
    seat = get_session_to_run(request.user, code)
    session = seat.session
    if not session.is_planned:
        raise Http404
    members = members_of(seat.circle)
    ring = [member.user for member in members if member.takes_part]
    now = timezone.now()
    likely = selectors.likely_people(seat.circle, len(ring), now=now)
    form = ChangeForm(
        request.POST or None,
        now=now,
        circle=seat.circle,
        ring=ring,
        history=gathering_selectors.history_of(seat.circle),
        likely=likely,
        keep=session.format_version,
        in_series=_may_change_series(seat),
        initial=_as_it_is(session, likely),
    )
    shown = None
    if request.method == "POST" and form.is_valid():
        if "show" in request.POST:
            shown = _preview_of_change(seat, form)
        else:
            with refusals_beside(form, "date"):
                return _warned(request, form, _changed(request, seat, form, now))
    later = series_services.later_in(session) if _may_change_series(seat) else []
    context = _page(seat, form, members) | {"session": session, "preview": shown, "later": later}
    return render(request, "sessions/session_schedule.html", context)


def _may_change_series(seat: SessionSeat) -> bool:
    """Whoever stands in looks after the one session only."""
    return seat.session.series_id is not None and seat.membership.runs


def _as_it_is(session: CircleSession, likely: int) -> dict[str, Any]:
    return {
        "format": session.format_version.format.ref,
        "date": session.local_date,
        "time": session.local_time.strftime("%H:%M"),
        "zone": session.zone,
        "people": likely,
        "minutes": session.minutes,
        "fit": session.fit,
        "place": session.place,
        "call_link": session.call_link,
        "seen": session.revision,
        "seen_series": session.series.edits if session.series else None,
    }


def _preview_of_change(seat: SessionSeat, form: ChangeForm) -> Preview:
    if not form.follows:
        return _preview(seat, [_slot(form.local_start())], form, (seat.session.pk,))
    later = series_services.later_in(seat.session)
    slots = series_services.slots_from_here(seat.session, form.details(), later)
    return _preview(seat, slots, form, tuple(one.pk for one in later))


def _changed(request: HttpRequest, seat: SessionSeat, form: ChangeForm, now: datetime) -> HttpResponse:
    session, data = seat.session, form.cleaned_data
    if form.follows and session.series:
        seen = session.series.edits if data["seen_series"] is None else data["seen_series"]
        number, tells = series_services.series_update(session=session, details=form.details(), now=now, seen=seen)
        said = ngettext("%s session is changed.", "%s sessions are changed.", number) % number
    else:
        was = services.as_told(session)
        services.session_update(session=session, details=form.details(), now=now, seen=data["seen"])
        said, tells = _what_changed(was, session), was != services.as_told(session)
    told = _("Everyone is told by mail.") if tells else _("Nothing that others are told of has changed.")
    messages.success(request, f"{said} {told}")
    return redirect("sessions:session", session.code)


def _what_changed(was: dict[str, Any], session: CircleSession) -> str:
    """What of a session is new for others, as `services.TOLD` has it; the time as the reader's clock shows it."""
    said = []
    if session.starts_at != was["starts_at"]:
        said.append(_moved(was["starts_at"], session.starts_at))
    if session.place != was["place"]:
        said.append(_("The place has changed."))
    if session.call_link != was["call_link"]:
        said.append(_("The link to the call has changed."))
    return " ".join(said) or _("Saved.")


def _moved(was: datetime, at: datetime) -> str:
    """From when to when; the hour once where it stays, the day once where that does."""
    days, hours = (day(was), day(at)), (hour(was), hour(at))
    begin = days[0] if hours[0] == hours[1] else f"{days[0]}, {hours[0]},"
    end = hours[1] if days[0] == days[1] else f"{days[1]}, {hours[1]}"
    return _("Moved from %(begin)s to %(end)s.") % {"begin": begin, "end": end}


@never_cache
@get_or_post
@idempotent
def session_cancel(request: HttpRequest, code: UUID) -> HttpResponse:
    """Cancel a planned session, leave its date out, or cancel all that follow. Each can be undone for a day."""
    seat = get_session_to_run(request.user, code)
    session = seat.session
    in_series = _may_change_series(seat)
    later = series_services.later_in(session) if in_series and session.is_planned else []
    form = CancelForm(request.POST or None, in_series=in_series, initial={"listed": len(later)})
    if request.method == "POST" and form.is_valid():
        with refusals_said(request):
            messages.success(request, _cancelled(seat, form, request.POST.get("dated", ""), timezone.now()))
        return redirect("sessions:session", code)
    context = {"circle": seat.circle, "session": session, "form": form, "later": later}
    return render(request, "sessions/session_cancel.html", context)


def _cancelled(seat: SessionSeat, form: CancelForm, dated: str, now: datetime) -> str:
    scope, reason = form.cleaned_data.get("scope"), form.cleaned_data["reason"]
    told_at = taking_back_services.told_at(seat.session, now=now)
    if scope == CancelForm.SKIP:
        made = series_services.session_skip(session=seat.session, now=now, reason=reason, told_at=told_at, dated=dated)
        if made:
            day = to_local(made.starts_at, seat.user.time_zone)
            return _("Left out. The series goes on to %s instead.") % day.strftime("%d.%m.%Y")
        return _("Left out.")
    if scope == CancelForm.FOLLOWING:
        listed = form.cleaned_data["listed"]
        if listed is not None and listed != len(series_services.later_in(seat.session)):
            raise Refused(_("These dates have just been changed. Look at them again."))
        number = series_services.series_cancel(session=seat.session, now=now, reason=reason, told_at=told_at)
        return ngettext("%s session is cancelled.", "%s sessions are cancelled.", number) % number
    services.session_cancel(session=seat.session, now=now, reason=reason, told_at=told_at, dated=dated)
    return _("Cancelled.")


@require_POST
@idempotent
def session_take_back(request: HttpRequest, code: UUID) -> HttpResponse:
    """Undo: a session that was called off takes place after all; with `all`, what was called off together with it."""
    seat, now = get_session_to_run(request.user, code), timezone.now()
    to = safe_next(request, reverse("sessions:session", args=[code]))
    with refusals_said(request):
        number = 1
        if "all" in request.POST and _may_change_series(seat):
            number, heard = taking_back_services.series_take_back(session=seat.session, now=now)
        else:
            heard = taking_back_services.session_take_back(session=seat.session, now=now)
        said = ngettext(
            "It takes place after all, as planned.", "%s sessions take place after all, as planned.", number
        )
        told = _("Everyone is told by mail.") if heard else _("Nobody was told that it was off.")
        messages.success(request, f"{said % number if number > 1 else said} {told}", extra_tags=said_there(to))
    return redirect(to)


@require_POST
@idempotent
def sign_remind(request: HttpRequest, code: UUID) -> HttpResponse:
    """Remind those who have not signed, before the next session."""
    seat, now = get_circle_to_run(request.user, code), timezone.now()
    to = safe_next(request, reverse("pages:circle", args=[code]))
    coming = [one for one in selectors.sessions_coming(seat.circle) if one.is_planned and one.starts_at > now]
    if coming:
        coming[0].circle = seat.circle
        number = reminders.sign_remind(session=coming[0], now=now)
        said = ngettext("%s person is reminded by mail.", "%s people are reminded by mail.", number) % number
        messages.success(request, said, extra_tags=said_there(to))
    else:
        messages.warning(request, _("No session is planned. Set a date first."))
    return redirect(to)


@require_POST
@idempotent
def session_not_held(request: HttpRequest, code: UUID) -> HttpResponse:
    """Say that a planned session did not happen."""
    seat = get_session_to_run(request.user, code)
    with refusals_said(request):
        services.session_not_held(session=seat.session, now=timezone.now())
        messages.success(request, _("Noted: it did not happen. That is all right; choose the next date."))
    return redirect("pages:circle", seat.circle.code)


@never_cache
@require_GET
def session_calendar(request: HttpRequest, code: UUID) -> HttpResponse:
    """A calendar file with this session; with its whole series when asked (`?all=1`)."""
    seat = get_attended(request.user, code, now=timezone.now())
    sessions = [seat.session]
    if request.GET.get("all") and seat.session.series_id and seat.guest is None:
        family = series_services.family_of(seat.session.series) if seat.session.series else []
        rows = CircleSession.objects.filter(series__in=family).exclude(status=SessionStatus.NOT_HELD)
        sessions = list(rows.select_related("circle", "format_version").order_by("starts_at", "pk"))
    answer = HttpResponse(sessions_file(sessions).content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="session.ics"'
    return answer
