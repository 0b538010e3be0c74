"""The page of the journey a circle is on, and the presses on it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import Refused, refusals_said
from accounts.rules.clean import whole_number
from circles.access import get_circle_to_run, get_seat
from circles.models import Circle
from sessions.journeys.selectors import journey_chosen, journeys_for
from sessions.models import Leg
from sessions.planning import journey_services as services
from sessions.planning.journey_selectors import journey_of, leg_lines


@never_cache
@require_GET
def circle_journey(request: HttpRequest, code: UUID) -> HttpResponse:
    """Which journey the circle is on and where it stands; on none, which there are to take."""
    seat = get_seat(request.user, code)
    taken = journey_of(seat.circle)
    context = {
        "seat": seat,
        "circle": seat.circle,
        "taken": taken,
        "lines": leg_lines(taken) if taken else [],
        "journeys": [] if taken else journeys_for(seat.circle),
    }
    return render(request, "sessions/circle_journey.html", context)


@require_POST
@idempotent
def journey_take(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take a journey for the circle."""
    seat = get_circle_to_run(request.user, code)
    version = journey_chosen(seat.circle, request.POST.get("journey", "")[:40])
    with refusals_said(request):
        if version is None:
            raise Refused(_("This journey is not offered any more. Choose another."))
        services.journey_take(circle=seat.circle, version=version, by=seat.user, now=timezone.now())
        messages.success(request, _("Your circle is on this journey now."))
    return _back(seat.circle)


@require_POST
@idempotent
def journey_leave(request: HttpRequest, code: UUID) -> HttpResponse:
    """Leave the journey; dates stay."""
    seat = get_circle_to_run(request.user, code)
    with refusals_said(request):
        since = request.POST.get("since", "")
        services.journey_leave(circle=seat.circle, by=seat.user, now=timezone.now(), since=since)
        messages.success(request, _("You have left the journey. Your dates stay as they are."))
    return _back(seat.circle)


@require_POST
@idempotent
def leg_skip(request: HttpRequest, code: UUID, leg: UUID) -> HttpResponse:
    """Leave one session of the journey out, or take it up again."""
    found = _leg(request, code, leg)
    with refusals_said(request):
        services.leg_skip(leg=found, skip=request.POST.get("skip") == "yes", now=timezone.now())
    return _back(found.taken.circle, found)


@require_POST
@idempotent
def leg_swap(request: HttpRequest, code: UUID, leg: UUID) -> HttpResponse:
    """Change places with the session of the journey before it."""
    found = _leg(request, code, leg)
    with refusals_said(request):
        seen = whole_number(request.POST.get("place", ""), most=99)
        services.leg_swap(leg=found, seen=seen, now=timezone.now())
    return _back(found.taken.circle, found)


def _leg(request: HttpRequest, code: UUID, leg: UUID) -> Leg:
    seat = get_circle_to_run(request.user, code)
    rows = Leg.objects.filter(code=leg, taken__circle=seat.circle)
    found = rows.select_related("taken__circle", "session", "version").first()
    if found is None:
        raise Http404
    return found


def _back(circle: Circle, leg: Leg | None = None) -> HttpResponse:
    at = f"#leg-{leg.number}" if leg else ""
    return redirect(reverse("sessions:circle_journey", args=[circle.code]) + at)
