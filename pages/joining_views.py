"""Letting somebody in who used a printed slip."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import safe_next
from circles.access import get_circle_to_run
from circles.models import Invitation
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
