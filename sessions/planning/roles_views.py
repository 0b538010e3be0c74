"""Roles of a session: set by the facilitator, taken, asked for and answered; a stand-in; notes to reminders."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import carried_out
from accounts.idempotent import idempotent
from accounts.models import User
from accounts.refusals import refusals_said
from accounts.requests import safe_next
from circles.selectors import members_of, ring_of
from sessions.access import get_session, get_session_to_run, get_swap
from sessions.enums import Role
from sessions.planning import roles_selectors
from sessions.planning import roles_services as services
from sessions.planning.forms import PersonForm, ReminderNoteForm, RolesForm
from sessions.planning.reminder_services import reminder_note_write
from sessions.planning.views import part_of


def _not_yet(request: HttpRequest, said: str, code: UUID, part: str) -> HttpResponse:
    """What is missing, said where the form stands."""
    messages.warning(request, said, extra_tags=part)
    return redirect(part_of(code, part))


@require_POST
def role_take(request: HttpRequest, code: UUID, role: str) -> HttpResponse:
    """A member takes a role for today, in one press."""
    seat = get_session(request.user, code)
    if role not in Role.values or not seat.membership.takes_part:
        raise Http404
    with refusals_said(request):
        services.role_take(session=seat.session, role=Role(role), user=seat.user)
    return redirect("sessions:live", code)


@require_POST
@idempotent
def roles(request: HttpRequest, code: UUID) -> HttpResponse:
    """The facilitator says who holds which role."""
    seat = get_session_to_run(request.user, code)
    needed = roles_selectors.roles_needed(seat.session.format_version.rule)
    form = RolesForm(request.POST, people=[member.user for member in members_of(seat.circle)], needed=needed)
    if not form.is_valid():
        return _not_yet(request, _("Choose people who are in the circle now. Look at the roles again."), code, "run")
    act = partial(services.roles_choose, session=seat.session, holders=form.holders(), now=timezone.now())
    return carried_out(request, act, redirect(part_of(code, "run")), _("Roles are saved."), at="run")


@require_POST
@idempotent
def stand_in(request: HttpRequest, code: UUID) -> HttpResponse:
    """Name somebody who hosts and looks after this one session, or take that back."""
    seat = get_session_to_run(request.user, code)
    form = PersonForm(request.POST, people=ring_of(seat.circle), label="", nobody="-")
    if not form.is_valid():
        return _not_yet(request, _("Choose somebody who is in the circle now."), code, "run")
    chosen = form.chosen()
    said = _("%s stands in, and is told by mail.") % chosen.first if chosen else _("Nobody stands in.")
    act = partial(services.stand_in_name, session=seat.session, user=chosen, now=timezone.now())
    return carried_out(request, act, redirect(part_of(code, "run")), said, at="run")


@require_POST
@idempotent
def swap_ask(request: HttpRequest, code: UUID, role: str) -> HttpResponse:
    """Whoever holds a role asks another member to take it."""
    seat = get_session(request.user, code)
    others: list[User] = [user for user in ring_of(seat.circle) if user != seat.user]
    form = PersonForm(request.POST, people=others, label="")
    if role not in Role.values:
        raise Http404
    asked = form.chosen() if form.is_valid() else None
    if asked is None:
        return _not_yet(request, _("Choose a person."), code, "who")
    act = partial(
        services.swap_ask, session=seat.session, role=Role(role), by=seat.user, asked=asked, now=timezone.now()
    )
    return carried_out(request, act, redirect(part_of(code, "who")), _("%s is asked.") % asked.first, at="who")


@require_POST
def swap_answer(request: HttpRequest, code: UUID) -> HttpResponse:
    """Whoever was asked says yes or no in one press; whoever asked may take the question back."""
    swap = get_swap(request.user, code)
    answer = request.POST.get("answer")
    now = timezone.now()
    to = safe_next(request, reverse("sessions:session", args=[swap.session.code]))
    if answer == "withdraw" and swap.asked_by == request.user:
        return carried_out(request, partial(services.swap_withdraw, swap=swap), redirect(to), _("Taken back."))
    if answer not in ("yes", "no") or swap.asked != request.user:
        raise Http404
    said = _("The role is yours. Thank you.") if answer == "yes" else _("Answered: not this time.")
    return carried_out(
        request, partial(services.swap_answer, swap=swap, yes=answer == "yes", now=now), redirect(to), said
    )


@require_POST
@idempotent
def reminder_note(request: HttpRequest, code: UUID) -> HttpResponse:
    """What goes out with a coming reminder; an empty text takes it back."""
    seat = get_session_to_run(request.user, code)
    form = ReminderNoteForm(request.POST, auto_id="note_%s")
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return _not_yet(request, said, code, "run")
    act = partial(reminder_note_write, session=seat.session, **form.cleaned_data)
    return carried_out(
        request, act, redirect(part_of(code, "run")), _("Saved. It goes out with that reminder."), at="run"
    )
