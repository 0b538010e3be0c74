"""Places for those who came late: circles that would take them, asking one, and its answer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import get_or_post, person_of
from programmes import late_services as services
from programmes.access import get_late_place, get_programme
from programmes.forming_forms import LateForm
from programmes.late_selectors import late_page, late_place_page
from programmes.models import Enrolment, LatePlace, Programme
from programmes.trail_views import acted


@never_cache
@require_GET
def late(request: HttpRequest, code: UUID) -> HttpResponse:
    """Who came late, which circles would take them, and which circles have a seat."""
    programme = get_programme(request.user, code, now=timezone.now())
    context = late_page(programme, request.GET.get("page"), now=timezone.now())
    return render(request, "programmes/late.html", context)


@require_POST
@idempotent
def late_ask(request: HttpRequest, code: UUID, person: UUID) -> HttpResponse:
    """Ask one circle for one person."""
    programme = get_programme(request.user, code, now=timezone.now())
    get_object_or_404(Enrolment, programme=programme, code=person)
    form = LateForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Choose a circle first."))
        return _back(programme, person)
    asked = {person: form.cleaned_data["circle"]}
    with refusals_said(request):
        services.late_ask(programme=programme, asked=asked, by=person_of(request), now=timezone.now())
        acted(request, programme, "late_asked", 1)
        messages.success(request, _asked_words(1))
    return _back(programme, person)


def _back(programme: Programme, person: UUID) -> HttpResponse:
    response = redirect("programmes:late", programme.code)
    response["Location"] += f"#person-{person}"
    return response


def _asked_words(number: int) -> str:
    said = ngettext(
        "A circle is asked for %(n)s person. The invitation goes out when it says yes.",
        "Circles are asked for %(n)s people. The invitations go out when they say yes.",
        number,
    )
    return said % {"n": number}


@require_POST
@idempotent
def late_ask_all(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask for everybody of a page the circle that is proposed for them."""
    programme = get_programme(request.user, code, now=timezone.now())
    page = late_page(programme, request.POST.get("page"), now=timezone.now())["page"]
    with refusals_said(request):
        people = [one.code for one in page]
        number = services.late_ask_all(programme=programme, people=people, by=person_of(request), now=timezone.now())
        acted(request, programme, "late_asked", number)
        messages.success(request, _asked_words(number))
    return redirect("programmes:late", code)


@require_POST
@idempotent
def late_take_back(request: HttpRequest, code: UUID, asked: UUID) -> HttpResponse:
    """The circle is no longer asked."""
    programme = get_programme(request.user, code, now=timezone.now())
    found = get_object_or_404(LatePlace, of__round__programme=programme, code=asked)
    with refusals_said(request):
        services.late_take_back(asked=found)
        messages.success(request, _("The question is taken back."))
    return redirect("programmes:late", code)


@never_cache
@get_or_post
@idempotent
def late_place(request: HttpRequest, code: UUID) -> HttpResponse:
    """Whether the circle takes one more person: asked of those who look after it."""
    asked = get_late_place(request.user, code)
    if request.method == "POST":
        with refusals_said(request):
            services.late_answer(asked=asked, yes="yes" in request.POST, by=person_of(request), now=timezone.now())
            messages.success(request, _("Thank you. Whoever asked is told."))
        return redirect("programmes:late_place", code)
    return render(request, "programmes/late_place.html", late_place_page(asked, now=timezone.now()))
