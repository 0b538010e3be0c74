"""A person's commitments: made in two fields, kept, changed, let go; what their partner does; appointments."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.acting import carried_out
from accounts.idempotent import idempotent
from accounts.models import User
from accounts.refusals import refusals_beside, refusals_said
from accounts.requests import get_or_post, person_of, safe_next
from accounts.when import WhenForm
from agreements import appointment_services as appointments
from agreements import commitment_selectors as selectors
from agreements import commitment_services as services
from agreements.access import (
    get_commitment,
    get_commitment_as_partner,
    get_commitment_to_talk_about,
    get_own_commitment,
    get_own_commitment_inside,
)
from agreements.calendars import appointment_file
from agreements.enums import CommitmentStatus
from agreements.forms import CommitmentForm, DueForm, LineForm, StepForm, WhyForm, quick_form
from agreements.models import Appointment, Commitment, CommitmentStep
from agreements.plan_forms import Planning
from agreements.rules.plans import PlanLine
from circles.access import get_circle
from circles.models import Circle
from circles.selectors import ring_of


@never_cache
@get_or_post
@idempotent
def commitments(request: HttpRequest) -> HttpResponse:
    """A person's commitments across circles: due, later, done, whose they ask about; one more in two fields."""
    user = person_of(request)
    form = quick_form(user, now=timezone.now(), typed=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        details = services.CommitmentDetails(text=data["text"], due_on=data["due_on"])
        services.commitment_make(circle=form.chosen(), owner=user, details=details, now=timezone.now())
        messages.success(request, _("Added to your commitments."))
        return redirect(safe_next(request, reverse("agreements:commitments")))
    context = selectors.commitments_page(user, today=user.today(timezone.now()), done=request.GET.get("done")) | {
        "quick": form
    }
    return render(request, "agreements/commitments.html", context)


@never_cache
@get_or_post
@idempotent
def commitment_add(request: HttpRequest, code: UUID) -> HttpResponse:
    """Add a commitment between sessions."""
    seat = get_circle(request.user, code, writes=True)
    today = seat.user.today(timezone.now())
    people = _others(seat.circle, seat.user)
    suggested = selectors.partner_suggested(seat.circle, seat.user, people=people)
    started = CommitmentForm.starting(selectors.default_due(seat.circle, today=today, next_on=None), suggested)
    planning = Planning.of(seat.user, timezone.now(), offered=seat.circle.offers_plans)
    form = CommitmentForm(request.POST or None, today=today, people=people, initial=started, planning=planning)
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form, "partner"):
            services.commitment_make(circle=seat.circle, owner=seat.user, details=form.details(), now=timezone.now())
            messages.success(request, _("Added to your commitments."))
            return redirect("agreements:commitments")
    return render(request, "agreements/commitment_add.html", {"circle": seat.circle, "form": form})


def _others(circle: Circle, user: User) -> list[User]:
    """Who could ask how it went."""
    return [person for person in ring_of(circle) if person != user]


@never_cache
@require_GET
def commitment(request: HttpRequest, code: UUID) -> HttpResponse:
    """One commitment for its owner or their partner: its words and steps, how it goes, when the two talk."""
    return _page(request, get_commitment(request.user, code))


def _page(request: HttpRequest, found: Commitment, **forms: Any) -> HttpResponse:
    user, now = person_of(request), timezone.now()
    context = selectors.commitment_page(found, user) | {
        "called_off": (off := appointments.called_off(found, now=now)),
        "undo_until": off and off.changed_at + appointments.UNDO_WITHIN,
        "today": user.today(timezone.now()),
        "now": timezone.now(),
        "line_form": LineForm(auto_id="line_%s"),
        "step_form": StepForm(auto_id="step_%s"),
        "why_form": WhyForm(auto_id="why_%s"),
    }
    return render(request, "agreements/commitment.html", context | forms)


@never_cache
@get_or_post
@idempotent
def commitment_change(request: HttpRequest, code: UUID) -> HttpResponse:
    """Other words, another date, another partner; who can see it, when to be reminded."""
    found = get_own_commitment_inside(request.user, code)
    today = found.owner.today(timezone.now())
    people = _others(found.circle, found.owner)
    days = found.remind_days
    started = {
        "text": found.text,
        "due_on": max(found.due_on, today),
        "partner": found.partner.code if found.partner else None,
        "audience": found.audience,
        "remind_days": "" if days is None else str(days),
    }
    # A plan that stands can be changed whatever a lot decided since.
    offered = found.circle.offers_plans or bool(found.plan or found.hurdle or found.cue)
    planning = Planning.of(found.owner, timezone.now(), offered=offered)
    started |= CommitmentForm.plan_starting(PlanLine(found.plan, found.hurdle, found.cue), planning)
    form = CommitmentForm(request.POST or None, today=today, people=people, initial=started, planning=planning)
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form, "partner"):
            services.commitment_change(commitment=found, details=form.details(), now=timezone.now())
            messages.success(request, _("Saved."))
            return redirect("agreements:commitment", code)
    context = {"circle": found.circle, "form": form, "commitment": found}
    return render(request, "agreements/commitment_add.html", context)


@require_POST
def commitment_settle(request: HttpRequest, code: UUID) -> HttpResponse:
    """Kept, kept in part, let go, or open again."""
    found = get_own_commitment(request.user, code)
    status = request.POST.get("status", "")
    if status not in CommitmentStatus.values:
        raise Http404
    form = WhyForm(request.POST)
    if not form.is_valid():
        return _page(request, found, why_form=form)
    now, to = timezone.now(), safe_next(request, reverse("agreements:commitments"))
    services.commitment_settle(commitment=found, status=CommitmentStatus(status), now=now, why=form.cleaned_data["why"])
    if found.settled_at and appointments.called_off(found, now=now) and not to.startswith("/sessions/"):
        return redirect("agreements:commitment", code)  # which says that a talk is off, and gives it back
    return redirect(to)


@never_cache
@get_or_post
@idempotent
def commitment_move(request: HttpRequest, code: UUID) -> HttpResponse:
    """Another date for a commitment; carried over to the next session in one press."""
    found = get_own_commitment(request.user, code)
    today = found.owner.today(timezone.now())
    form = DueForm(request.POST or None, today=today, initial={"due_on": max(found.due_on, today)})
    if request.method == "POST" and form.is_valid():
        services.commitment_move(commitment=found, due_on=form.cleaned_data["due_on"], now=timezone.now())
        return redirect(safe_next(request, reverse("agreements:commitments")))
    return render(request, "agreements/commitment_move.html", {"commitment": found, "form": form})


@require_POST
def commitment_delete(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take back one's own words altogether."""
    with refusals_said(request):
        services.commitment_delete(commitment=get_own_commitment(request.user, code), now=timezone.now())
        messages.success(request, _("Deleted, with everything under it."))
        return redirect("agreements:commitments")
    return redirect("agreements:commitment", code)


def _to(code: UUID) -> HttpResponse:
    return redirect("agreements:commitment", code)


@require_POST
@idempotent
def progress(request: HttpRequest, code: UUID) -> HttpResponse:
    """A line about how it goes."""
    found = get_own_commitment(request.user, code)
    form = LineForm(request.POST, auto_id="line_%s")
    if not form.is_valid():
        return _page(request, found, line_form=form)
    text = form.cleaned_data["text"]
    return carried_out(
        request, lambda: services.progress_note(commitment=found, text=text, now=timezone.now()), _to(code)
    )


@require_POST
@idempotent
def step_add(request: HttpRequest, code: UUID) -> HttpResponse:
    """A small step under a commitment."""
    found = get_own_commitment(request.user, code)
    form = StepForm(request.POST, auto_id="step_%s")
    if not form.is_valid():
        return _page(request, found, step_form=form)
    return carried_out(request, lambda: services.step_add(commitment=found, text=form.cleaned_data["text"]), _to(code))


@require_POST
def step_mark(request: HttpRequest, code: UUID, step: UUID) -> HttpResponse:
    """A step is done, is not done after all, or goes."""
    found = get_object_or_404(CommitmentStep, commitment=get_own_commitment(request.user, code), code=step)
    if "drop" in request.POST:
        return carried_out(request, lambda: services.step_drop(step=found), _to(code))
    return carried_out(request, lambda: services.step_mark(step=found, done=request.POST.get("done") == "1"), _to(code))


@require_POST
def partner_answer(request: HttpRequest, code: UUID) -> HttpResponse:
    """Whoever was asked to be the partner says yes, or not this time."""
    found = get_commitment_as_partner(request.user, code, writes=True)
    yes = request.POST.get("answer") == "yes"
    with refusals_said(request):
        services.partner_answer(commitment=found, yes=yes, now=timezone.now())
        if yes:
            return redirect("agreements:commitment", code)
        messages.success(
            request, _("Thank you for saying so. %s is asked to choose somebody else.") % found.owner.first
        )
        return redirect("agreements:commitments")
    return redirect("agreements:commitments")


@require_POST
def nudge(request: HttpRequest, code: UUID) -> HttpResponse:
    """The partner's one kind sentence."""
    found = get_commitment_as_partner(request.user, code, writes=True)
    user = person_of(request)
    said = _("%s gets a mail with a kind word from you.") % found.owner.first
    return carried_out(
        request, lambda: services.nudge_send(commitment=found, by=user, now=timezone.now()), _to(code), said
    )


@never_cache
@get_or_post
@idempotent
def appointment(request: HttpRequest, code: UUID) -> HttpResponse:
    """When the two talk: made or moved, by either."""
    found = get_commitment_to_talk_about(request.user, code)
    user = person_of(request)
    now = timezone.now()
    standing = appointments.open_appointment(found)
    started: dict[str, Any] = {"zone": user.time_zone, "time": "12:00"}
    if standing:
        time = standing.local_time.strftime("%H:%M")
        started = {"date": standing.local_date, "time": time, "zone": standing.zone}
    form = WhenForm(request.POST or None, now=now, initial=started)
    if request.method == "POST" and form.is_valid():
        start, zone = form.local_start(), form.cleaned_data["zone"]
        return carried_out(
            request,
            lambda: appointments.appointment_set(commitment=found, local_start=start, zone=zone, now=now),
            _to(code),
            _("Both of you get it by mail, for your calendars."),
        )
    context = {"commitment": found, "form": form, "appointment": standing}
    return render(request, "agreements/appointment.html", context)


def _appointment(commitment: Commitment) -> Appointment:
    latest = Appointment.objects.filter(commitment=commitment).select_related(
        "commitment__owner", "commitment__vault", "partner"
    )
    found = latest.order_by("-pk").first()
    if found is None:
        raise Http404
    return found


@require_POST
def appointment_settle(request: HttpRequest, code: UUID) -> HttpResponse:
    """They talked, or it is off."""
    found = get_commitment_to_talk_about(request.user, code)
    if "keep" in request.POST:
        kept = _("The talk is kept, as it was.")
        return carried_out(
            request, lambda: appointments.appointment_keep(commitment=found, now=timezone.now()), _to(code), kept
        )
    one = _appointment(found)
    if "talked" in request.POST:
        return carried_out(
            request, lambda: appointments.appointment_talked(appointment=one, now=timezone.now()), _to(code)
        )
    now = timezone.now()
    said = _("It is off. Both of you are told in ten minutes; until then you can keep it.")
    told_at = now + appointments.UNDO_WITHIN
    return carried_out(
        request, lambda: appointments.appointment_cancel(appointment=one, now=now, told_at=told_at), _to(code), said
    )


@never_cache
@require_GET
def appointment_calendar(request: HttpRequest, code: UUID) -> HttpResponse:
    """The appointment as a calendar file."""
    one = _appointment(get_commitment_to_talk_about(request.user, code))
    answer = HttpResponse(
        appointment_file(one, person_of(request)).content, content_type="text/calendar; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return answer
