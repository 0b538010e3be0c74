"""A person's commitments."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.once import once
from accounts.views import safe_next
from agreements import commitment_selectors as selectors
from agreements import commitment_services as services
from agreements.enums import CommitmentStatus
from agreements.forms import CommitmentForm, DueForm
from agreements.models import Commitment
from circles.access import get_circle
from circles.selectors import circles_for, ring_of


@never_cache
@require_GET
def commitments(request: HttpRequest) -> HttpResponse:
    """A person's commitments across circles: open, done, and those they ask others about."""
    user = cast(User, request.user)
    today = user.today(timezone.now())
    return render(
        request,
        "agreements/commitments.html",
        {
            "today": today,
            "open": selectors.commitments_open_for(user),
            "asked": selectors.commitments_to_ask_about(user),
            "done": selectors.commitments_done_for(user),
            "circles": [member.circle for member in circles_for(user)],
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@once
def commitment_add(request: HttpRequest, code: UUID) -> HttpResponse:
    """Add a commitment between sessions."""
    seat = get_circle(request.user, code)
    today = seat.user.today(timezone.now())
    people = [person for person in ring_of(seat.circle) if person != seat.user]
    suggested = selectors.partner_suggested(seat.circle, seat.user, people=people)
    form = CommitmentForm(
        request.POST or None,
        today=today,
        people=people,
        initial={
            "due_on": selectors.default_due(seat.circle, today=today, next_on=None),
            "partner": suggested.code if suggested else None,
        },
    )
    if request.method == "POST" and form.is_valid():
        services.commitment_make(circle=seat.circle, owner=seat.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Added to your commitments."))
        return redirect("agreements:commitments")
    return render(request, "agreements/commitment_add.html", {"circle": seat.circle, "form": form})


def _own(request: HttpRequest, code: UUID) -> Commitment:
    """A person's own commitment; Http404 for everybody else's."""
    found = Commitment.objects.filter(code=code, owner_id=request.user.pk).select_related("vault", "circle", "owner")
    commitment = found.first()
    if commitment is None:
        raise Http404
    return cast(Commitment, commitment)


@require_POST
def commitment_settle(request: HttpRequest, code: UUID) -> HttpResponse:
    """Kept, kept in part, let go, or open again."""
    commitment = _own(request, code)
    status = request.POST.get("status", "")
    if status not in CommitmentStatus.values:
        raise Http404
    services.commitment_settle(commitment=commitment, status=CommitmentStatus(status), now=timezone.now())
    return redirect(safe_next(request, reverse("agreements:commitments")))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@once
def commitment_move(request: HttpRequest, code: UUID) -> HttpResponse:
    """Another date for a commitment."""
    commitment = _own(request, code)
    today = commitment.owner.today(timezone.now())
    form = DueForm(request.POST or None, today=today, initial={"due_on": max(commitment.due_on, today)})
    if request.method == "POST" and form.is_valid():
        services.commitment_move(commitment=commitment, due_on=form.cleaned_data["due_on"], now=timezone.now())
        return redirect(safe_next(request, reverse("agreements:commitments")))
    return render(request, "agreements/commitment_move.html", {"commitment": commitment, "form": form})
