"""What administrators did in a programme: noted as they do it, and shown to those who administer it."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.requests import person_of
from programmes.access import get_programme
from programmes.models import Programme
from programmes.trail_selectors import ACTS_A_PAGE, acts_of, acts_shown
from programmes.trail_services import act_note


def acted(request: HttpRequest, programme: Programme, verb: str, number: int = 0) -> None:
    """Note that whoever asks did this just now: called after the service that did it, in the same transaction."""
    act_note(programme=programme, by=person_of(request), verb=verb, number=number, now=timezone.now())


@never_cache
@require_GET
def trail(request: HttpRequest, code: UUID) -> HttpResponse:
    """What was done in the programme, the latest first."""
    programme = get_programme(request.user, code, now=timezone.now())
    page = Paginator(acts_of(programme), ACTS_A_PAGE).get_page(request.GET.get("page"))
    context = {"programme": programme, "leads": True, "page": page, "rows": acts_shown(page)}
    return render(request, "programmes/trail.html", context)
