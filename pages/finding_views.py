"""Finding a commitment by its words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.requests import get_or_post, person_of
from circles.access import get_circle
from pages.circle_selectors import commitments_found
from pages.finding_forms import FindCommitmentForm


@never_cache
@get_or_post
def commitments_find(request: HttpRequest) -> HttpResponse:
    """Commitments with some words: one's own and those one asks about, in all circles; in one, what others share too.

    The words are sent in the form and stand in no address, so that no log of a server on the way keeps them.
    """
    if request.method != "POST":
        return redirect("agreements:commitments")
    user = person_of(request)
    form = FindCommitmentForm(request.POST)
    valid = form.is_valid()
    code = form.cleaned_data.get("circle")
    seat = get_circle(user, code) if code else None
    context = {
        "form": form,
        "circle": seat.circle if seat else None,
        "today": user.today(timezone.now()),
        "found": commitments_found(user, form.cleaned_data["words"], seat=seat) if valid else [],
    }
    return render(request, "pages/commitments_found.html", context)
