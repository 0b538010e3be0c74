"""Answering a change of what all rely on: objecting, taking it back, saying yes to looking after the circle."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from circles import change_services as services
from circles.access import Seat, get_change, get_circle, get_circle_to_run
from circles.models import Announcement, Membership


@require_POST
@idempotent
def change_answer(request: HttpRequest, code: UUID) -> HttpResponse:
    """Object, take it back, or answer what one is asked."""
    seat, change = get_change(request.user, code)
    with refusals_said(request):
        messages.success(request, _answered(seat, change, request.POST.get("answer", "")))
    return redirect("pages:circle", change.circle.code)


def _answered(seat: Seat, change: Announcement, answer: str) -> str:
    now = timezone.now()
    if answer == "object":
        services.change_object(change=change, by=seat.user, now=now)
        return _("It stays as it is. The others are told that you would rather talk about it first.")
    if answer == "withdraw":
        services.change_withdraw(change=change, by=seat.user, now=now)
        return _("Taken back.")
    if answer in ("yes", "no"):
        services.facilitation_answer(change=change, by=seat.user, yes=answer == "yes", now=now)
        return _("Thank you. The others are told.") if answer == "yes" else _("Thank you for saying so.")
    raise Http404


@require_POST
@idempotent
def facilitation_ask(request: HttpRequest, code: UUID, member: UUID) -> HttpResponse:
    """Ask a member whether they would look after the circle too."""
    seat = get_circle_to_run(request.user, code)
    rows = Membership.objects.select_related("user", "circle")
    other = get_object_or_404(rows, circle=seat.circle, code=member, left_at=None)
    with refusals_said(request):
        services.facilitation_ask(membership=other, by=seat.user, now=timezone.now())
        messages.success(request, _("%s is asked. Nothing changes before they say yes.") % other.user.first)
    return redirect("circles:people", code)


@require_POST
@idempotent
def facilitator_stop(request: HttpRequest, code: UUID) -> HttpResponse:
    """Stop looking after the circle, and stay in it."""
    seat = get_circle(request.user, code, writes=True)
    if not seat.membership.facilitates:
        raise Http404
    with refusals_said(request):
        services.facilitator_stop(membership=seat.membership, now=timezone.now())
        messages.success(request, _("You no longer look after the circle. The others are told."))
    return redirect("circles:people", code)
