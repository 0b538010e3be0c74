"""How circles of a programme are doing: dates and counts, never a word."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import person_of
from accounts.rules.clean import clean_text
from programmes import participation_selectors as selectors
from programmes.access import get_circle_of, get_programme
from programmes.asking_services import facilitator_ask
from programmes.counting_selectors import facilitators_of, seen_of
from programmes.forming_selectors import may_look_after
from programmes.forms import FilterForm
from programmes.heat_selectors import CIRCLES_A_PAGE, export_rows, heat_of
from programmes.models import Programme
from programmes.people_selectors import PeopleLetter
from programmes.tables import table_answer
from programmes.trail_views import acted

# On paper nothing is left out, up to the largest programme that was tried.
REPORT_CIRCLES = 1000


def _filter(request: HttpRequest) -> FilterForm:
    """What part is looked at, from the address."""
    return FilterForm(request.GET if set(request.GET) & set(FilterForm.base_fields) else None)


def _overview(request: HttpRequest, programme: Programme, *, size: int) -> dict[str, Any]:
    now = timezone.now()
    form = _filter(request)
    asked = form.asked()
    query = request.GET.copy()
    for paged in ("page", "calls"):
        query.pop(paged, None)
    calls = selectors.calls_page(programme, asked, request.GET.get("calls"))
    weeks = selectors.weeks_of(programme, asked)
    return {
        "programme": programme,
        "leads": True,
        "form": form,
        "asked": asked,
        "totals": selectors.totals_of(programme, asked, weeks),
        "calls": selectors.calls_of(calls, now=now),
        "calls_page": calls,
        "heat": heat_of(programme, asked, request.GET.get("page"), now=now, size=size),
        "weeks": selectors.weeks_shown(weeks),
        "query": query.urlencode(),
        "now": now,
        "week": max(1, (now.date() - programme.starts_on).days // 7 + 1),
    }


@never_cache
@require_GET
def overview(request: HttpRequest, code: UUID) -> HttpResponse:
    """Participation of a programme: totals, circles to ring, who came, week by week."""
    programme = get_programme(request.user, code, now=timezone.now())
    context = _overview(request, programme, size=CIRCLES_A_PAGE)
    return render(request, "programmes/overview.html", context)


@never_cache
@require_GET
def report(request: HttpRequest, code: UUID) -> HttpResponse:
    """The same, to print."""
    programme = get_programme(request.user, code, now=timezone.now())
    return render(request, "programmes/report.html", _overview(request, programme, size=REPORT_CIRCLES))


@never_cache
@require_GET
def export(request: HttpRequest, code: UUID) -> HttpResponse:
    """The same as a file for a spreadsheet: thirty an hour, since each reads every circle of the programme."""
    programme = get_programme(request.user, code, now=timezone.now())
    asked = _filter(request).asked()
    return table_answer(request, programme, "participation", lambda: export_rows(programme, asked))


@never_cache
@require_GET
def circle(request: HttpRequest, code: UUID, circle: UUID) -> HttpResponse:
    """One circle, exactly as its members are shown that administrators see it."""
    programme = get_programme(request.user, code, now=timezone.now())
    row = get_circle_of(programme, circle)
    now = timezone.now()
    facilitators = facilitators_of([row.circle_id])[row.circle_id]
    context = {
        "programme": programme,
        "leads": True,
        "seen": seen_of(row.circle, now=now),
        "facilitators": facilitators,
        "may_appoint": [] if any(one.is_active for one in facilitators) else may_look_after(programme),
    }
    return render(request, "programmes/circle.html", context)


@never_cache
@require_GET
def facilitators(request: HttpRequest, code: UUID) -> HttpResponse:
    """Who looks after how many circles, how many of those are worth a call, and a letter to all of them."""
    programme = get_programme(request.user, code, now=timezone.now())
    words = clean_text(request.GET.get("q", "")[:80])
    rows = selectors.carrying(programme)
    page = Paginator(rows.filter(name__icontains=words) if words else rows, selectors.CARRIERS_A_PAGE)
    shown = page.get_page(request.GET.get("page"))
    writable = tuple(user.email for user in rows if user.is_active)
    context = {
        "programme": programme,
        "leads": True,
        "carried": selectors.carried(shown),
        "page": shown,
        "words": words,
        "query": urlencode({"q": words}) if words else "",
        "letter": PeopleLetter(writable) if writable and "write" in request.GET else None,
        "writable": len(writable),
        "fellows": len(writable) >= selectors.FELLOWS,
    }
    return render(request, "programmes/facilitators.html", context)


@require_POST
@idempotent
def appoint(request: HttpRequest, code: UUID, circle: UUID) -> HttpResponse:
    """Ask somebody to look after a circle that nobody looks after; after their yes it is told who, and by whom."""
    programme = get_programme(request.user, code, now=timezone.now())
    row = get_circle_of(programme, circle)
    people = {str(one.user.code): one.user for one in may_look_after(programme)}
    chosen = people.get(request.POST.get("person", ""))
    if chosen is None:
        messages.warning(request, _("Choose a person."))
        return redirect("programmes:circle", code, circle)
    user = person_of(request)
    with refusals_said(request):
        facilitator_ask(of=row, user=chosen, by=user, now=timezone.now())
        acted(request, programme, "facilitators_asked", 1)
        mine = _("You look after the circle now. Its members are told by mail.")
        asked = _("%s is asked. They look after the circle after their yes; then its members are told by mail.")
        messages.success(request, mine if chosen == user else asked % chosen)
    return redirect("programmes:circle", code, circle)
