"""Leaving a circle, and ending one that has not met or is to close early: each says first what happens."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import get_or_post
from circles.access import get_circle_to_run, get_seat
from circles.membership_services import is_only_facilitator
from circles.selectors import decided_to_close
from pages import ending_selectors as selectors
from pages import ending_services as services


@never_cache
@get_or_post
@idempotent
def leave(request: HttpRequest, code: UUID) -> HttpResponse:
    """Leave a circle: says what happens, asks no reason. The last person out ends it, and reads so before."""
    seat = get_seat(request.user, code)
    if request.method == "POST":
        with refusals_said(request):
            ended = services.circle_leave(membership=seat.membership, now=timezone.now())
            name = {"name": seat.circle.name}
            messages.success(
                request,
                _("You have left %(name)s, and with that the circle has ended.") % name
                if ended
                else _("You have left %(name)s. Nothing more is sent to you.") % name,
            )
            return redirect("pages:today")
        return redirect("circles:people" if seat.is_open else "pages:circle", code)
    context = {"circle": seat.circle, "last": services.is_last_in(seat.membership)}
    if context["last"]:
        context |= selectors.what_ends(seat.circle, now=timezone.now())
    elif seat.is_open:
        context["only"] = is_only_facilitator(seat.membership)
    return render(request, "pages/circle_leave.html", context)


@never_cache
@get_or_post
@idempotent
def end(request: HttpRequest, code: UUID) -> HttpResponse:
    """Delete a circle that has not met, or close one early: what happens stands there before the press."""
    seat = get_circle_to_run(request.user, code)
    if decided_to_close(seat.circle):
        return redirect("pages:closing", code)
    if request.method == "POST":
        return _ended(request, code)
    return render(request, "pages/circle_end.html", selectors.end_page(seat, now=timezone.now()))


def _ended(request: HttpRequest, code: UUID) -> HttpResponse:
    """`how` is what the page offered: a circle that has met meanwhile is not deleted by an old page."""
    seat, now = get_circle_to_run(request.user, code), timezone.now()
    with refusals_said(request):
        if request.POST.get("how") == "delete":
            services.circle_delete(circle=seat.circle, by=seat.user, now=now)
            messages.success(request, _("%s is deleted.") % seat.circle.name)
            return redirect("pages:circles")
        if services.closing_announce(circle=seat.circle, by=seat.user, now=now):
            messages.success(request, _("Everybody is told. The circle closes in three days unless somebody objects."))
        else:
            messages.success(request, _("The circle is closed."))
        return redirect("pages:circle", code)
    return redirect("pages:end", code)
