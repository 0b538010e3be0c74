"""Coming into a circle: the first minutes of whoever has just said yes, and letting in who used a printed slip."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import safe_next
from circles.access import get_circle, get_circle_to_run
from circles.models import Invitation
from pages.joining_selectors import joined_page
from pages.joining_services import slip_confirmed


@require_POST
@idempotent
def slip_settle(request: HttpRequest, code: UUID, invitation: UUID) -> HttpResponse:
    """Let the person who used a printed slip in, or not."""
    seat = get_circle_to_run(request.user, code)
    rows = Invitation.objects.select_related("circle__vault")
    found = get_object_or_404(rows, circle=seat.circle, code=invitation)
    confirm = request.POST.get("confirm") == "yes"
    with refusals_said(request):
        inside = slip_confirmed(invitation=found, confirm=confirm, by=seat.user, now=timezone.now())
        if confirm and not inside:
            messages.warning(request, _("This person has no account any more."))
    return redirect(safe_next(request, reverse("circles:people", args=[code])))


@never_cache
@require_GET
def joined(request: HttpRequest, code: UUID) -> HttpResponse:
    """Somebody has just come in: what there is to do before the first session, each thing done in one place."""
    return render(request, "pages/joined.html", joined_page(get_circle(request.user, code), now=timezone.now()))
