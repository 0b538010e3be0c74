"""A session before and after it is held: schedule, change, cancel, say whether one comes, bring an issue."""

from typing import Any
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
from circles.access import get_circle_to_run
from circles.selectors import members_of, ring_of
from sessions.access import SessionSeat, get_session, get_session_to_run
from sessions.enums import Ask, Role, Rsvp
from sessions.formats.library import fitting, rules
from sessions.live import selectors as live
from sessions.planning import selectors, services
from sessions.planning.forms import IssueForm, RolesForm, ScheduleForm
from sessions.rules.timeline import plan, suits

GET_POST = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(GET_POST)
@once
def schedule(request: HttpRequest, code: UUID) -> HttpResponse:
    """Plan a session of a circle."""
    seat = get_circle_to_run(request.user, code)
    now = timezone.now()
    people = len(ring_of(seat.circle))
    fits = fitting(people)
    started = {
        "format": fits[0].key if fits else "council",
        "time": "16:00",
        "zone": seat.circle.time_zone,
        "minutes": 120,
    }
    form = ScheduleForm(request.POST or None, now=now, initial=started)
    if request.method == "POST" and form.is_valid():
        session = services.session_schedule(circle=seat.circle, wish=form.wish(), by=seat.user, now=now)
        messages.success(request, _("Scheduled. Everyone in the circle is told by mail."))
        return redirect("sessions:session", session.code)
    context = {
        "circle": seat.circle,
        "form": form,
        "formats": _formats(people),
        "members": members_of(seat.circle),
    }
    return render(request, "sessions/session_schedule.html", context)


def _formats(people: int) -> list[dict[str, Any]]:
    """Each format with its length for this many people, and whether it is made for them."""
    listed = []
    for rule in rules().values():
        count = min(max(people, rule.least), rule.most)
        seats = list(range(1, count + 1))
        timed = plan(rule, seats, seats[: rule.most_presenters])
        listed.append({"rule": rule, "minutes": timed.minutes, "people": count, "suits": suits(rule, people)})
    return listed


@never_cache
@require_http_methods(GET_POST)
@once
def session_edit(request: HttpRequest, code: UUID) -> HttpResponse:
    """Change a planned session."""
    seat = get_session_to_run(request.user, code)
    session = seat.session
    if not session.is_planned:
        raise Http404
    started = {
        "format": session.format_version.format.library_key,
        "date": session.local_date,
        "time": session.local_time.strftime("%H:%M"),
        "zone": session.zone,
        "minutes": session.minutes,
        "place": session.place,
        "call_link": session.call_link,
    }
    form = ScheduleForm(request.POST or None, now=timezone.now(), initial=started)
    if request.method == "POST" and form.is_valid():
        try:
            services.session_update(session=session, wish=form.wish(), by=seat.user, now=timezone.now())
        except Refused as refusal:
            messages.warning(request, str(refusal))
            return redirect("sessions:session_edit", code)
        messages.success(request, _("Saved. If the time or the place is new, everyone is told by mail."))
        return redirect("sessions:session", code)
    people = len(ring_of(seat.circle))
    context = {
        "circle": seat.circle,
        "session": session,
        "form": form,
        "formats": _formats(people),
        "members": members_of(seat.circle),
    }
    return render(request, "sessions/session_schedule.html", context)


@never_cache
@require_http_methods(GET_POST)
@once
def session_cancel(request: HttpRequest, code: UUID) -> HttpResponse:
    """Cancel a planned session, after saying what that does."""
    seat = get_session_to_run(request.user, code)
    if request.method == "POST":
        try:
            services.session_cancel(session=seat.session, by=seat.user, now=timezone.now())
            messages.success(request, _("Cancelled. Everyone is told by mail."))
        except Refused as refusal:
            messages.warning(request, str(refusal))
        return redirect("pages:circle", seat.circle.code)
    return render(request, "sessions/session_cancel.html", {"circle": seat.circle, "session": seat.session})


@never_cache
@require_GET
def session(request: HttpRequest, code: UUID) -> HttpResponse:
    """A session's page: what to prepare before it, what stayed after it."""
    seat = get_session(request.user, code)
    if seat.session.is_over:
        return render(request, "sessions/session_past.html", live.past_page(seat, now=timezone.now()))
    return render(request, "sessions/session_page.html", _planned_page(seat))


def _planned_page(seat: SessionSeat, issue_form: IssueForm | None = None) -> dict[str, Any]:
    session = seat.session
    gathering = selectors.gathering_of(session)
    people, roles = gathering.people, gathering.roles
    mine = gathering.one(seat.user)
    issue = mine.issue if mine else None
    started = {"title": issue.title, "text": issue.text, "ask": issue.ask} if issue else None
    coming = [one for one in people if one.is_expected]
    counts = selectors.counts_of(session)
    timed = selectors.plan_for(session, people, held=counts.held)
    rule = session.format_version.rule
    return {
        "seat": seat,
        "circle": seat.circle,
        "session": session,
        "number": counts.number,
        "rule": rule,
        "people": people,
        "mine": mine,
        "plan": timed,
        "coming": len(coming),
        "fits": suits(rule, len(coming)),
        "fitting": fitting(len(coming)),
        "stages": live.plan_groups(rule, timed, people) if timed else [],
        "roles": [(role, roles.get(role.value)) for role in Role],
        "issue": issue,
        "issue_form": issue_form or IssueForm(initial=started),
        "roles_form": RolesForm(
            people=[one.user for one in people], initial={key: str(u.code) for key, u in roles.items()}
        ),
        "asks": Ask.choices,
        "rsvps": [(Rsvp.YES, _("I come")), (Rsvp.MAYBE, _("Not sure yet")), (Rsvp.NO, _("I cannot come"))],
    }


@require_POST
def rsvp(request: HttpRequest, code: UUID) -> HttpResponse:
    """Say whether one comes."""
    seat = get_session(request.user, code)
    answer = request.POST.get("answer", "")
    if answer not in (Rsvp.YES, Rsvp.MAYBE, Rsvp.NO):
        raise Http404
    try:
        services.rsvp_set(session=seat.session, user=seat.user, answer=Rsvp(answer), now=timezone.now())
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("sessions:session", code)


@never_cache
@require_http_methods(GET_POST)
@once
def issue(request: HttpRequest, code: UUID) -> HttpResponse:
    """Bring an issue, change it, take it back."""
    seat = get_session(request.user, code)
    back = "sessions:live" if request.POST.get("next") == "live" else "sessions:session"
    if request.method != "POST":
        return redirect(back, code)
    if not seat.membership.takes_part:
        raise Http404
    try:
        if "take_back" in request.POST:
            services.issue_take_back(session=seat.session, owner=seat.user)
            return redirect(back, code)
        form = IssueForm(request.POST)
        if not form.is_valid():
            return render(request, "sessions/session_page.html", _planned_page(seat, form))
        services.issue_bring(session=seat.session, owner=seat.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Kept for you. Nobody else sees it until your turn begins."))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect(back, code)


@require_POST
@once
def roles(request: HttpRequest, code: UUID) -> HttpResponse:
    """The facilitator says who holds which role."""
    seat = get_session_to_run(request.user, code)
    form = RolesForm(request.POST, people=[member.user for member in members_of(seat.circle)])
    if not form.is_valid():
        raise Http404
    try:
        services.roles_choose(session=seat.session, holders=form.holders(), by=seat.user, now=timezone.now())
        messages.success(request, _("Roles are set."))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("sessions:session", code)
