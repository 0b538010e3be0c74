"""Coaching pairs of a circle: who is with whom, and how often that changes."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.idempotent import idempotent
from accounts.requests import get_or_post
from circles.access import get_circle
from sessions.planning.pairs_forms import PairsForm
from sessions.planning.pairs_selectors import pairs_page
from sessions.planning.pairs_services import pairs_choose


@never_cache
@get_or_post
@idempotent
def pairs(request: HttpRequest, code: UUID) -> HttpResponse:
    """Who is with whom, for everybody in the circle; how often that changes, for those who look after it."""
    seat = get_circle(request.user, code, writes=request.method == "POST")
    if request.method == "POST" and not seat.facilitates:
        raise Http404
    context = pairs_page(seat)
    rhythm = context["rhythm"]
    form = PairsForm(request.POST or None, initial={"every": str(rhythm.every if rhythm else 0)})
    if request.method == "POST" and form.is_valid():
        pairs_choose(circle=seat.circle, every=form.every_chosen(), by=seat.user, now=timezone.now())
        messages.success(request, _("Saved. Whoever has another partner now hears of it."))
        return redirect("sessions:pairs", code)
    return render(request, "sessions/pairs.html", context | {"form": form})
