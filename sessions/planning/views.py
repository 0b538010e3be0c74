"""The page of one session before and after it is held: who comes, what they bring, minutes that people agreed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.once import once
from accounts.services import Refused
from circles.rules.rotation import Share
from notifications.selectors import refused_about
from sessions.access import SessionSeat, get_attended, get_session, get_session_to_run
from sessions.enums import Ask, Role, Rsvp
from sessions.formats import words
from sessions.formats.library import fitting
from sessions.guests.forms import GuestForm
from sessions.live import selectors as live
from sessions.models import CircleSession, RoleSwap
from sessions.planning import selectors, services
from sessions.planning.forms import IssueForm, NoteForm, PersonForm, RolesForm, turn_minutes
from sessions.rules.format import Format, suits
from sessions.rules.timeline import Plan, PlanError, plan
from sessions.sharing import as_shown

GET_POST = ["GET", "HEAD", "POST"]


@never_cache
@require_GET
def session(request: HttpRequest, code: UUID) -> HttpResponse:
    """A session's page: what to prepare before it, what stayed after it."""
    seat = as_shown(request, get_attended(request.user, code, now=timezone.now()))
    if seat.session.is_over:
        return render(request, "sessions/session_past.html", live.past_page(seat, now=timezone.now()))
    if seat.guest:
        return render(request, "sessions/session_guest.html", live.guest_page(seat))
    return render(request, "sessions/session_page.html", planned_page(seat))


def planned_page(
    seat: SessionSeat, issue_form: IssueForm | None = None, guest_form: GuestForm | None = None
) -> dict[str, Any]:
    """Everything the page of a session shows to a member before it is held."""
    session, now = seat.session, timezone.now()
    gathering = selectors.gathering_of(session)
    people, roles = gathering.people, gathering.roles
    mine = gathering.one(seat.user)
    issue = mine.issue if mine and not seat.sharing else None
    started = {"title": issue.title, "text": issue.text, "ask": issue.ask} if issue else None
    coming = [one for one in people if one.is_expected]
    rule = session.format_version.rule
    sitting = selectors.sitting_for(session, people, selectors.history_of(seat.circle))
    timed = selectors.plan_for(session, sitting)
    needed = selectors.roles_needed(rule)
    names = {at: one.user.first for at, one in enumerate(people, start=1)}
    swaps = selectors.swaps_for(seat.user, session=session) if session.is_planned else []
    offered = sitting.choices(rule, room=session.minutes * 60) if sitting and timed and timed.over else ()
    return {
        "seat": seat,
        "circle": seat.circle,
        "session": session,
        "number": selectors.counts_of(session).number,
        "rule": rule,
        "ref": session.format_version.format.ref,
        "people": people,
        "mine": mine,
        "plan": timed,
        "offered": [words.choice(rule, choice, names) for choice in offered],
        "coming": len(coming),
        "fits": suits(rule, len(coming)),
        "fitting": fitting(len(coming)),
        "stages": live.plan_groups(rule, timed, people) if timed else [],
        "turns": _turns(rule, timed, people) if timed else [],
        "roles": [(role, roles.get(role.value)) for role in needed],
        "shares": [(role, roles.get(role.value), share) for role, share in _shares(session, needed, roles)],
        "issue": issue,
        "issue_form": issue_form or IssueForm(initial=started, before=rule.before),
        "roles_form": RolesForm(
            people=[one.user for one in people if not one.guest],
            needed=needed,
            initial={key: str(u.code) for key, u in roles.items()},
        ),
        "missed": session.was_missed(now) or (session.is_planned and session.plans_to_end_at < now),
        "swaps": swaps,
        "asks_for": _asks_for(seat, roles, people, swaps) if session.is_planned and session.starts_at > now else [],
        "guests": (guests := selectors.guests_of(session)),
        "refused": refused_about(one.code for one in guests) if guests else set(),
        "guest_form": guest_form or GuestForm(auto_id="guest_%s"),
        "asks": Ask.choices,
        **(_running(seat, people, now) if seat.facilitates and session.is_planned else {}),
        "rsvps": [(Rsvp.YES, _("I come")), (Rsvp.MAYBE, _("Not sure yet")), (Rsvp.NO, _("I cannot come"))],
    }


def _asks_for(
    seat: SessionSeat, roles: dict[str, User], people: list[selectors.Coming], swaps: list[RoleSwap]
) -> list[tuple[Role, PersonForm]]:
    """The roles that the person holds and asks nobody about, each with a form to ask somebody to take it."""
    others = [one.user for one in people if one.user != seat.user and one.is_expected and not one.guest]
    asked = {swap.role_key for swap in swaps}
    mine = [role for role in Role if roles.get(role.value) == seat.user and role.value not in asked]
    return [
        (role, PersonForm(people=others, label=_("Whom?"), auto_id=f"ask_{role.value}_%s")) for role in mine if others
    ]


def _running(seat: SessionSeat, people: list[selectors.Coming], now: datetime) -> dict[str, Any]:
    """What a facilitator sees beside: who could stand in, a clash with another circle, what goes out and when."""
    session = seat.session
    ring = [one.user for one in people if one.takes_turns and not one.guest]
    span = (session.starts_at, session.plans_to_end_at)
    return {
        "stand_in_form": PersonForm(
            people=ring,
            label=_("Who stands in?"),
            nobody=_("Nobody"),
            auto_id="stand_%s",
            initial={"person": str(session.stand_in.code) if session.stand_in else ""},
        ),
        "clash": selectors.clashes_of(seat.user, seat.circle, [span]).get(0),
        "goes_out": selectors.goes_out(session, now=now),
        "note_form": NoteForm(auto_id="note_%s"),
    }


def _shares(session: CircleSession, needed: list[Role], roles: dict[str, User]) -> list[tuple[Role, Share]]:
    """Why the rotation proposes whom: from the second session that had the role on."""
    known = selectors.role_shares(session, roles)
    return [(role, known[role.value]) for role in needed if role.value in known and known[role.value].sessions]


def _turns(rule: Format, timed: Plan, people: list[selectors.Coming]) -> list[tuple[selectors.Coming, str]]:
    """Who presents, and for how long, where the minutes can be agreed."""
    if not rule.has_presenters or rule.rotates or len(timed.presenters) < 2:
        return []
    return [(people[at - 1], words.minutes(timed.turn(at))) for at in timed.presenters]


@require_POST
@once
def turns(request: HttpRequest, code: UUID) -> HttpResponse:
    """The facilitator writes down the minutes people agreed for their turns."""
    seat = get_session_to_run(request.user, code)
    gathering = selectors.gathering_of(seat.session)
    members = {str(one.user.code): one.user.pk for one in gathering.people}
    minutes, wrong = turn_minutes(request.POST, members)
    wrong = wrong or _cannot_agree(seat.session, gathering.people, minutes)
    if wrong:
        messages.warning(request, wrong)
        return redirect("sessions:session", code)
    try:
        services.turns_agree(session=seat.session, minutes=minutes, by=seat.user, now=timezone.now())
        messages.success(request, _("Kept. The others share what is left in equal parts."))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("sessions:session", code)


def _cannot_agree(session: CircleSession, people: list[selectors.Coming], minutes: dict[int, int | None]) -> str:
    """Why these minutes do not work out for those who are expected, or empty."""
    sitting = selectors.sitting_for(session, people, selectors.history_of(session.circle))
    if sitting is None:
        return ""
    seats = {one.user.pk: at for at, one in enumerate(people, start=1)}
    agreed = {seats[pk]: told * 60 for pk, told in minutes.items() if told}
    try:
        plan(session.format_version.rule, sitting.order, sitting.presenters, turns=agreed)
    except PlanError as error:
        return words.plan_error(error, {at: one.user.first for at, one in enumerate(people, start=1)})
    return ""


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
        form = IssueForm(request.POST, before=seat.session.format_version.rule.before)
        if not form.is_valid():
            return render(request, "sessions/session_page.html", planned_page(seat, form))
        services.issue_bring(session=seat.session, owner=seat.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Kept for you. Nobody else sees it until your turn begins."))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect(back, code)
