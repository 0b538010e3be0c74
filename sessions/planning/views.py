"""What people say on the page of a session before it is held: whether they come, what they bring, agreed minutes."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import get_or_post, safe_next, said_there
from sessions.access import get_session, get_session_to_run
from sessions.enums import Rsvp
from sessions.formats import words
from sessions.models import CircleSession
from sessions.planning import bringing_services as bringing
from sessions.planning.forms import IssueForm, turn_minutes
from sessions.planning.gathering_selectors import Coming, gathering_of, history_of, seating_for
from sessions.planning.run_sheet import run_sheet_page
from sessions.planning.session_page import planned_page
from sessions.rules.timeline import PlanError, plan


def part_of(code: UUID, part: str) -> str:
    """Where on the session's page the press came from: people stay there."""
    return f"{reverse('sessions:session', args=[code])}#{part}"


@require_POST
@idempotent
def turns(request: HttpRequest, code: UUID) -> HttpResponse:
    """The facilitator writes down the minutes people agreed for their turns."""
    seat = get_session_to_run(request.user, code)
    gathering = gathering_of(seat.session)
    members = {str(one.user.code): one.user.pk for one in gathering.people}
    minutes, wrong = turn_minutes(request.POST, members)
    wrong = wrong or _cannot_agree(seat.session, gathering.people, minutes)
    if wrong:
        messages.warning(request, wrong, extra_tags="run")
        return redirect(part_of(code, "run"))
    with refusals_said(request, at="run"):
        bringing.turns_agree(session=seat.session, minutes=minutes)
        said = _("Saved. The others share what is left in equal parts.")
        messages.success(request, said, extra_tags="run")
    return redirect(part_of(code, "run"))


def _cannot_agree(session: CircleSession, people: list[Coming], minutes: dict[int, int | None]) -> str:
    """Why these minutes do not work out for those who are expected, or empty."""
    seating = seating_for(session, people, history_of(session.circle))
    if seating is None:
        return ""
    seats = {one.user.pk: at for at, one in enumerate(people, start=1)}
    agreed = {seats[pk]: told * 60 for pk, told in minutes.items() if told}
    try:
        plan(session.format_version.rule, seating.order, seating.presenters, turns=agreed)
    except PlanError as error:
        return words.plan_error(error, {at: one.user.first for at, one in enumerate(people, start=1)})
    return ""


@require_POST
def rsvp(request: HttpRequest, code: UUID) -> HttpResponse:
    """Say whether one comes; one stays where it was asked."""
    seat = get_session(request.user, code)
    answer = request.POST.get("answer", "")
    if answer not in (Rsvp.YES, Rsvp.MAYBE, Rsvp.NO):
        raise Http404
    here = part_of(code, "come")
    to = safe_next(request, here)
    at = "come" if to == here else said_there(to)
    with refusals_said(request, at=at):
        dated = request.POST.get("dated", "")
        bringing.rsvp_set(session=seat.session, user=seat.user, answer=Rsvp(answer), now=timezone.now(), dated=dated)
        messages.success(request, _answered(seat.session, answer), extra_tags=at)
    return redirect(to)


def _answered(session: CircleSession, answer: str) -> str:
    day = {"day": date_format(timezone.localtime(session.starts_at), "l j F")}
    if answer == Rsvp.YES:
        return _("You come on %(day)s.") % day
    return (_("You cannot come on %(day)s.") if answer == Rsvp.NO else _("%(day)s: you are not sure yet.")) % day


def where_brought(request: HttpRequest, code: UUID) -> tuple[str, str]:
    """Where somebody stays who brings something, in the room or on the session’s page; beside what it is answered."""
    if request.POST.get("next") == "live":
        return reverse("sessions:live", args=[code]), ""
    return part_of(code, "bring"), "bring"


@never_cache
@get_or_post
@idempotent
def issue(request: HttpRequest, code: UUID) -> HttpResponse:
    """Bring an issue, change it, take it back."""
    seat = get_session(request.user, code)
    back, at = where_brought(request, code)
    if request.method != "POST":
        return redirect(back)
    if not seat.membership.takes_part:
        raise Http404
    with refusals_said(request, at=at):
        if "take_back" in request.POST:
            bringing.issue_take_back(session=seat.session, owner=seat.user)
            messages.success(request, _("Taken back."), extra_tags=at)
            return redirect(back)
        form = IssueForm(request.POST, before=seat.session.format_version.rule.before)
        if not form.is_valid():
            return render(
                request, "sessions/session_page.html", planned_page(seat, now=timezone.now(), issue_form=form)
            )
        made = bringing.issue_bring(session=seat.session, owner=seat.user, most=form.most, **form.cleaned_data)
        messages.success(request, _("Saved for you. Nobody else sees it until your turn begins."), extra_tags=at)
        if made.text != form.cleaned_data["text"]:
            messages.warning(request, bringing.BOTH_KEPT, extra_tags=at)
    return redirect(back)


@never_cache
@require_GET
def run_sheet(request: HttpRequest, code: UUID) -> HttpResponse:
    """One page of paper for whoever hosts."""
    seat = get_session(request.user, code)
    if not (seat.session.is_planned or seat.session.is_running):
        return redirect("sessions:session", code)
    return render(request, "sessions/run_sheet.html", run_sheet_page(seat, now=timezone.now()))
