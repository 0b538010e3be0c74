"""The journey of a programme: taking one for its circles, and what a circle is told before it begins."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_beside, refusals_said
from accounts.requests import get_or_post
from circles.access import get_circle_to_run, get_seat
from programmes import journey_services as services
from programmes.access import get_programme
from programmes.forms import ProgrammeJourneyForm
from programmes.journey_selectors import offer_of, programme_journey
from programmes.trail_views import acted
from sessions.journeys.library import journey_version_of, shipped_journeys


@never_cache
@get_or_post
@idempotent
def journey(request: HttpRequest, code: UUID) -> HttpResponse:
    """Which journey the circles of a programme are on together, and taking one for them."""
    now = timezone.now()
    programme = get_programme(request.user, code, now=now)
    form = ProgrammeJourneyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        version = journey_version_of(form.cleaned_data["journey"])
        with refusals_beside(form, "journey"):
            services.programme_journey_take(programme=programme, version=version, now=now)
            acted(request, programme, "journey_taken")
            messages.success(request, _("Taken. Everybody in your circles is told today."))
            return redirect("programmes:journey", code)
    context = {
        "programme": programme,
        "leads": True,
        "form": form,
        "taken": programme_journey(programme),
        "rules": shipped_journeys(),
        "over": programme.is_over(now),
        "now": now,
    }
    return render(request, "programmes/journey.html", context)


@require_POST
@idempotent
def journey_end(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take the journey back for circles in which it has not begun."""
    now = timezone.now()
    programme = get_programme(request.user, code, now=now)
    with refusals_said(request):
        services.programme_journey_end(programme=programme, now=now)
        acted(request, programme, "journey_taken_back")
        messages.success(request, _("Taken back. Circles that are on it stay on it until they leave it."))
    return redirect("programmes:journey", code)


@never_cache
@require_GET
def journey_offered(request: HttpRequest, code: UUID) -> HttpResponse:
    """What a circle is told before the journey of its programme begins; once it has, the page of the circle's own."""
    seat = get_seat(request.user, code)
    offer = offer_of(code)
    if offer is None:
        return redirect("sessions:circle_journey", code)
    context = {"seat": seat, "circle": seat.circle, "offer": offer, "rule": offer.journey.version.rule}
    return render(request, "programmes/journey_offered.html", context)


@require_POST
@idempotent
def journey_refuse(request: HttpRequest, code: UUID) -> HttpResponse:
    """Say no for the circle, before it begins."""
    seat = get_circle_to_run(request.user, code)
    offer = offer_of(code)
    if offer:
        with refusals_said(request):
            services.journey_refuse(offer=offer, by=seat.user, now=timezone.now())
            messages.success(request, _("It will not begin in your circle. Nobody outside is told."))
    return redirect("sessions:circle_journey", code)
