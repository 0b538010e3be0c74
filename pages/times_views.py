"""When somebody can meet, and when they are away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import selectors, services
from accounts.idempotent import idempotent
from accounts.models import User
from accounts.refusals import refusals_beside
from accounts.requests import get_or_post, person_of
from accounts.times_forms import WEEKDAYS, AbsenceForm, AvailabilityForm
from sessions.planning.roles_services import roles_ahead_for
from sessions.planning.selectors import sessions_away_from


@never_cache
@get_or_post
@idempotent
def times(request: HttpRequest) -> HttpResponse:
    """Name a stretch of the week, or days on which one is away; see and take back what is named."""
    user = person_of(request)
    now = timezone.now()
    away = request.POST.get("what") == "away"
    free = AvailabilityForm(request.POST if request.method == "POST" and not away else None)
    leave = AbsenceForm(request.POST if away else None, today=user.today(now), auto_id="away_%s")
    if free.is_bound and free.is_valid():
        services.availability_add(user=user, **free.cleaned_data)
        messages.success(request, _("Kept."))
        return redirect("pages:times")
    if leave.is_bound and leave.is_valid():
        with refusals_beside(leave, "first_on"):
            services.absence_add(user=user, **leave.cleaned_data)
            roles_ahead_for(user=user, now=now)
            messages.success(request, _said(user, request))
            return redirect("pages:times")
    named = selectors.availability_of([user]).get(user.pk, [])
    context = {
        "free": free,
        "leave": leave,
        "week": [(label, [row for row in named if row.weekday == at]) for at, label in WEEKDAYS],
        "absences": selectors.absences_of(user, now=now),
    }
    return render(request, "pages/times.html", context)


def _said(user: User, request: HttpRequest) -> str:
    """What being away means for the sessions that are planned."""
    missed, planned = sessions_away_from(user, now=timezone.now())
    if not missed:
        return _("Kept. No session that is planned falls into it.")
    if missed == planned:
        return _("Kept. You are away from every session that is planned; no role is proposed to you.")
    return (
        ngettext(
            "Kept. You are away from %s session; no role is proposed to you there.",
            "Kept. You are away from %s sessions; no role is proposed to you there.",
            missed,
        )
        % missed
    )


@require_POST
def times_remove(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take back one stretch of the week, or one absence."""
    user = person_of(request)
    services.availability_remove(user=user, code=code)
    services.absence_remove(user=user, code=code)
    roles_ahead_for(user=user, now=timezone.now())
    return redirect("pages:times")
