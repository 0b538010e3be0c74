"""Pulses: answering one, what a circle said, what the programme may know, the evaluation at the end."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import get_or_post, person_of
from circles.access import get_circle
from programmes import pulse_selectors as selectors
from programmes import pulse_services as services
from programmes.access import get_programme, get_pulse, get_ticket
from programmes.lot_selectors import plan_lot_shown
from programmes.lot_services import plan_lot_draw
from programmes.models import PulseTicket
from programmes.pulse_forms import PulseDaysForm, PulseForm
from programmes.trail_views import acted


@never_cache
@get_or_post
@idempotent
def answer(request: HttpRequest, code: UUID) -> HttpResponse:
    """Answer a pulse, once."""
    ticket = get_ticket(request.user, code)
    small = selectors.too_few(ticket.circle)
    form = PulseForm(request.POST or None, moment=ticket.pulse.moment, in_words=not small)
    is_open = ticket.pulse.frozen_at is None and not ticket.answered
    if request.method == "POST" and (not is_open or form.is_valid()):
        if is_open:
            _give(request, ticket, form)
        return redirect("programmes:answer", code)
    context = {"ticket": ticket, "circle": ticket.circle, "form": form, "small": small, "is_open": is_open}
    return render(request, "programmes/pulse_answer.html", context)


def _give(request: HttpRequest, ticket: PulseTicket, form: PulseForm) -> None:
    with refusals_said(request):
        services.pulse_answer(ticket=ticket, answer=form.answer())
        messages.success(request, _("Thank you. The answers stay sealed until the pulse closes."))


@never_cache
@require_GET
def circle_pulse(request: HttpRequest, code: UUID) -> HttpResponse:
    """What a circle answered, for its members."""
    seat = get_circle(request.user, code)
    context = {
        "seat": seat,
        "circle": seat.circle,
        "pulses": selectors.pulses_of_circle(seat.circle, seat.membership),
        "small": selectors.too_few(seat.circle),
    }
    return render(request, "programmes/circle_pulse.html", context)


@never_cache
@require_GET
def pulses(request: HttpRequest, code: UUID) -> HttpResponse:
    """The pulses of a programme: when they are, and figures of five people or more."""
    programme = get_programme(request.user, code, now=timezone.now())
    found = selectors.pulses_of_programme(programme, now=timezone.now(), asked=request.GET)
    return render(request, "programmes/pulses.html", {"programme": programme, "leads": True, "pulses": found})


@never_cache
@require_GET
def pulse_circles(request: HttpRequest, code: UUID) -> HttpResponse:
    """Figures of the circles that have five answers or more, by name: no ranking."""
    pulse = get_pulse(request.user, code, now=timezone.now())
    page = selectors.circles_of_pulse(pulse, request.GET.get("page"), now=timezone.now())
    context = {"programme": pulse.round.programme, "leads": True, "pulse": pulse, "page": page}
    context["reports"] = [(report.circle, selectors.figures_of(report)) for report in page.object_list]
    return render(request, "programmes/pulse_circles.html", context)


@never_cache
@get_or_post
@idempotent
def pulse_days(request: HttpRequest, code: UUID) -> HttpResponse:
    """Other days for a pulse that is not closed."""
    pulse = get_pulse(request.user, code, now=timezone.now())
    programme = pulse.round.programme
    form = PulseDaysForm(
        request.POST or None,
        today=person_of(request).today(timezone.now()),
        is_open=pulse.opened_at is not None,
        initial={"opens_on": pulse.opens_on, "closes_on": pulse.closes_on},
    )
    if request.method == "POST" and form.is_valid():
        with refusals_said(request):
            services.pulse_change(pulse=pulse, **form.cleaned_data)
            acted(request, programme, "pulse_moved")
            messages.success(request, _("Saved."))
        return redirect("programmes:pulses", programme.code)
    return render(
        request, "programmes/pulse_days.html", {"programme": programme, "leads": True, "pulse": pulse, "form": form}
    )


@never_cache
@require_GET
def evaluation(request: HttpRequest, code: UUID) -> HttpResponse:
    """One page that an administrator can show."""
    programme = get_programme(request.user, code, now=timezone.now())
    now = timezone.now()
    found = selectors.evaluation_of(programme, now=now, page=request.GET.get("page"))
    context = {"programme": programme, "leads": True, "evaluation": found, "now": now}
    context["lot"] = plan_lot_shown(programme, now=now)
    return render(request, "programmes/evaluation.html", context)


@require_POST
@idempotent
def plan_lot(request: HttpRequest, code: UUID) -> HttpResponse:
    """Draw by lot, once, which half of the circles is offered the line of a plan."""
    programme = get_programme(request.user, code, now=timezone.now())
    with refusals_said(request):
        plan_lot_draw(programme=programme, now=timezone.now())
        acted(request, programme, "lot_drawn")
        messages.success(request, _("Drawn. It stays as it is until the programme ends."))
    return redirect("programmes:evaluation", code)
