"""The places of a circle: its overview, its sessions, its commitments, and what there is more."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from circles.access import get_circle, get_seat
from circles.change_services import hosting_end, hosting_say
from pages import circle_selectors as selectors
from pages.opening_selectors import may_become_independent
from pages.overview_selectors import overview_page
from pages.selectors import closed_page
from sessions.planning.roles_services import roles_ahead


@never_cache
@require_GET
def circle(request: HttpRequest, code: UUID) -> HttpResponse:
    """A circle: the one next step, what else waits, its ring, the arc of its promise; a closed one is read."""
    seat = get_seat(request.user, code)
    if not seat.is_open or seat.circle.vault.destroyed_at:
        return render(request, "pages/circle_closed.html", closed_page(seat, asked=request.GET))
    return render(request, "pages/circle.html", overview_page(seat, now=timezone.now()))


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
    """One's own commitments in this circle, those one asks about, and what others share."""
    seat = get_circle(request.user, code)
    context = selectors.commitments_page(seat, now=timezone.now(), done=request.GET.get("done"))
    return render(request, "pages/circle_commitments.html", context)


@never_cache
@require_GET
def circle_more(request: HttpRequest, code: UUID) -> HttpResponse:
    """Everything else that belongs to the circle: for oneself, for help, for the circle, who sees what."""
    return render(request, "pages/circle_more.html", selectors.more_page(get_seat(request.user, code)))


@require_POST
@idempotent
def self_run(request: HttpRequest, code: UUID) -> HttpResponse:
    """A member's yes, or not yet, to the circle running itself; or the wish to be hosted again."""
    seat = get_circle(request.user, code, writes=True)
    say, now = request.POST.get("say"), timezone.now()
    if not seat.membership.takes_part or say not in ("yes", "no", "end"):
        raise Http404
    if say == "end":
        hosting_end(circle=seat.circle, by=seat.user, now=now)
    elif may_become_independent(seat.circle):
        hosting_say(circle=seat.circle, user=seat.user, yes=say == "yes", now=now)
    roles_ahead(circle=seat.circle, now=now)
    return redirect(f"{reverse('pages:circle_more', args=[code])}#self-run")
