"""The places of a circle below its overview: its sessions, its commitments, and what there is more."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from circles.access import get_circle, get_seat
from pages import circle_selectors as selectors


@never_cache
@require_GET
def circle_sessions(request: HttpRequest, code: UUID) -> HttpResponse:
    """Dates to come and sessions held; dates stay when words are deleted."""
    seat = get_seat(request.user, code)
    return render(
        request, "pages/circle_sessions.html", selectors.sessions_page(seat, now=timezone.now(), asked=request.GET)
    )


@never_cache
@require_GET
def circle_commitments(request: HttpRequest, code: UUID) -> HttpResponse:
    """One's own commitments made in this circle, and those one asks about."""
    seat = get_circle(request.user, code)
    return render(request, "pages/circle_commitments.html", selectors.commitments_page(seat, now=timezone.now()))


@never_cache
@require_GET
def circle_more(request: HttpRequest, code: UUID) -> HttpResponse:
    """Everything else that belongs to the circle: for oneself, for help, for the circle, who sees what."""
    return render(request, "pages/circle_more.html", selectors.more_page(get_seat(request.user, code)))
