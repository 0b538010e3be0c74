"""When somebody can meet, and when they are away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import limits, selectors, services
from accounts.idempotent import idempotent
from accounts.models import User
from accounts.refusals import Refused, refusals_beside
from accounts.requests import get_or_post, person_of
from accounts.times_forms import WEEKDAYS, AbsenceForm, AvailabilityForm
from sessions.models import BusyCalendar
from sessions.planning import busy_services
from sessions.planning.busy_forms import BusyForm
from sessions.planning.roles_services import roles_ahead_for
from sessions.planning.selectors import sessions_away_from


@never_cache
@get_or_post
@idempotent
def times(request: HttpRequest) -> HttpResponse:
    """Name a stretch of the week, or days on which one is away; see and take back what is named."""
    user = person_of(request)
    now = timezone.now()
    what = request.POST.get("what", "")
    free = AvailabilityForm(request.POST if request.method == "POST" and what not in ("away", "calendar") else None)
    leave = AbsenceForm(request.POST if what == "away" else None, today=user.today(now), auto_id="away_%s")
    calendar = BusyForm(request.POST if what == "calendar" else None, auto_id="calendar_%s")
    if free.is_bound and free.is_valid():
        services.availability_add(user=user, **free.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("pages:times")
    if leave.is_bound and leave.is_valid():
        with refusals_beside(leave, "first_on"):
            services.absence_add(user=user, **leave.cleaned_data)
            # A role that was proposed for a day on which they are away now is proposed to somebody else at once.
            roles_ahead_for(user=user, now=now)
            messages.success(request, _said(user, request))
            return redirect("pages:times")
    if calendar.is_bound and calendar.is_valid():
        with refusals_beside(calendar, "address"):
            # Each is fetched and read at once, which is work: taking it away in between makes nobody new.
            if limits.guess(request, "busy_calendar", str(user.pk)) is None:
                raise Refused(_("You have just pasted one, or several lately. Try again in a while."))
            busy_services.busy_calendar_set(user=user, now=now, **calendar.cleaned_data)
            messages.success(request, _("Kept. It is looked into now; open this page again in a minute."))
            return redirect("pages:times")
    return render(request, "pages/times.html", _page(user, free, leave, calendar, now))


def _page(user: User, free: AvailabilityForm, leave: AbsenceForm, calendar: BusyForm, now: datetime) -> dict[str, Any]:
    named = selectors.availability_of([user]).get(user.pk, [])
    week = [(label, [row for row in named if row.weekday == at]) for at, label in WEEKDAYS]
    return {
        "free": free,
        "leave": leave,
        "calendar": calendar,
        "looked_into": BusyCalendar.objects.filter(user=user).first() if settings.BUSY_CALENDARS else None,
        "may_look": settings.BUSY_CALENDARS,
        "week": [(label, stretches) for label, stretches in week if stretches],
        "no": [label for label, stretches in week if not stretches],
        "absences": selectors.absences_of(user, now=now),
    }


def _said(user: User, request: HttpRequest) -> str:
    """What being away means for the sessions that are planned."""
    missed, planned = sessions_away_from(user, now=timezone.now())
    if not missed:
        return _("Saved. No session that is planned falls into it.")
    if missed == planned:
        return _("Saved. You are away from every session that is planned; no role is proposed to you.")
    return (
        ngettext(
            "Saved. You are away from %s session; no role is proposed to you there.",
            "Saved. You are away from %s sessions; no role is proposed to you there.",
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


@require_POST
def busy_remove(request: HttpRequest) -> HttpResponse:
    """Take one's calendar away again; what was read there goes with it."""
    busy_services.busy_calendar_remove(user=person_of(request))
    messages.success(request, _("Taken away. Your calendar is not looked into any more."))
    return redirect("pages:times")
