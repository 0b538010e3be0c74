"""Finding a time together: what the weeks of all members allow over a season, and polls of single dates."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import Level
from accounts.idempotent import idempotent
from accounts.refusals import refusals_beside, refusals_said
from accounts.requests import get_or_post, safe_next, said_there
from circles.access import Seat, get_circle_to_run
from circles.selectors import ring_of
from sessions.access import get_poll
from sessions.models import TimePoll
from sessions.planning import busy_services, finding_selectors, poll_services
from sessions.planning.busy_selectors import circle_busy
from sessions.planning.finding_forms import FindForm, PollForm, levels_posted


@never_cache
@require_http_methods(["GET", "HEAD"])
def find_time(request: HttpRequest, code: UUID) -> HttpResponse:
    """The times that suit a circle best over a season, who pays for each, and whether turns would be fairer."""
    seat = get_circle_to_run(request.user, code)
    now = timezone.now()
    start = finding_selectors.season_start(seat.circle, now=now)
    form = FindForm(request.GET if "from" in request.GET else None, now=now, initial=start)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else start
    busy = circle_busy(seat.circle, seat.user, now=now)
    context = {
        "seat": seat,
        "circle": seat.circle,
        "form": form,
        "busy": busy,
        "found": finding_selectors.times_for(seat.circle, asked, busy) if not form.errors else None,
        "poll": finding_selectors.open_poll(seat.circle),
        "poll_form": PollForm(now=now, zone=seat.circle.time_zone),
    }
    return render(request, "sessions/find_time.html", context)


@require_POST
@idempotent
def times_ask(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask those once who have not said when they can meet."""
    seat = get_circle_to_run(request.user, code)
    number = poll_services.times_ask(circle=seat.circle, now=timezone.now())
    said = ngettext("%s person is asked, once.", "%s people are asked, once.", number) % number
    messages.success(request, said)
    return redirect("sessions:find_time", code)


@require_POST
@idempotent
def busy_look(request: HttpRequest, code: UUID) -> HttpResponse:
    """Have the calendars looked into that members let be looked into, soon."""
    seat = get_circle_to_run(request.user, code)
    if busy_services.busy_want(people=ring_of(seat.circle), now=timezone.now()):
        messages.success(request, _("Calendars are being looked into. Open this page again in a minute."))
    else:
        messages.success(request, _("Calendars were looked into a moment ago."))
    return redirect("sessions:find_time", code)


@never_cache
@get_or_post
@idempotent
def poll_start(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask the circle about some dates."""
    seat = get_circle_to_run(request.user, code)
    form = PollForm(request.POST or None, now=timezone.now(), zone=seat.circle.time_zone)
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form, "date0"):
            poll = poll_services.poll_start(
                circle=seat.circle, starts=form.starts(), zone=form.zone, by=seat.user, now=timezone.now()
            )
            messages.success(request, _("The circle is asked by mail. Whoever does not answer is asked once more."))
            return redirect("sessions:poll", poll.code)
    return render(request, "sessions/poll_start.html", {"circle": seat.circle, "form": form})


@never_cache
@get_or_post
def poll(request: HttpRequest, code: UUID) -> HttpResponse:
    """Answer a poll; see how it stands, best first."""
    seat, asked = get_poll(request.user, code, writes=request.method == "POST")
    now = timezone.now()
    levels = levels_posted(request.POST, asked) if request.method == "POST" else {}
    to = reverse("sessions:poll", args=[code])
    if request.method == "POST":
        if not seat.membership.takes_part:
            raise Http404
        if not levels:
            messages.warning(request, _("Say of at least one time whether it suits you."))
            return redirect("sessions:poll", code)
        with refusals_said(request):
            poll_services.poll_answer(poll=asked, user=seat.user, levels=levels)
            to = safe_next(request, to)
            messages.success(request, _("Saved. You can change it while the poll is open."), extra_tags=said_there(to))
        return redirect(to)
    return render(request, "sessions/poll.html", _poll_page(seat, asked, now))


def _poll_page(seat: Seat, asked: TimePoll, now: datetime) -> dict[str, Any]:
    busy = circle_busy(seat.circle, seat.user, now=now)
    options = finding_selectors.options_of(asked, seat.circle, seat.user, busy, now=now)
    return {
        "seat": seat,
        "circle": seat.circle,
        "poll": asked,
        "options": options.options,
        "silent": options.silent,
        "levels": Level.choices,
    }


@require_POST
@idempotent
def poll_close(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask no more: the circle's open poll ends."""
    seat, asked = get_poll(request.user, code, writes=True)
    if not seat.facilitates:
        raise Http404
    poll_services.poll_close(circle=asked.circle, now=timezone.now(), only=asked)
    messages.success(request, _("The poll is closed."))
    return redirect("sessions:find_time", seat.circle.code)
