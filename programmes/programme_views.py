"""Programmes: the list, setting one up, who administers it, one's own part in it."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import get_or_post, person_of
from programmes import asking_services, services
from programmes.access import get_programme, may_start
from programmes.enrolment_selectors import asked_to_administer, programme_pages
from programmes.forms import AdminForm, ProgrammeForm
from programmes.models import ProgrammeAdmin
from programmes.trail_views import acted


def today_of(request: HttpRequest) -> date:
    return person_of(request).today(timezone.now())


@require_GET
def programmes(request: HttpRequest) -> HttpResponse:
    """The programmes somebody leads, and those they take part in."""
    user = person_of(request)
    return render(
        request,
        "programmes/programmes.html",
        programme_pages(user, now=timezone.now()) | {"may_start": may_start(user)},
    )


@never_cache
@get_or_post
@idempotent
def start(request: HttpRequest) -> HttpResponse:
    """Set a programme up; whoever does is its first administrator."""
    user = person_of(request)
    if not may_start(user):
        raise Http404
    today = today_of(request)
    form = ProgrammeForm(request.POST or None, today=today, initial=ProgrammeForm.starting(user.time_zone, today))
    if request.method == "POST" and form.is_valid():
        made = services.programme_start(details=form.details(), by=user, now=timezone.now())
        acted(request, made, "programme_started")
        messages.success(request, _("Set up. Now people can be invited."))
        return redirect("programmes:people", made.code)
    return render(request, "programmes/programme_form.html", {"form": form})


@never_cache
@get_or_post
@idempotent
def settings(request: HttpRequest, code: UUID) -> HttpResponse:
    """Everything about a programme that its administrators can change later."""
    programme = get_programme(request.user, code, now=timezone.now())
    form = ProgrammeForm(request.POST or None, today=today_of(request), initial=ProgrammeForm.of(programme))
    if request.method == "POST" and form.is_valid():
        services.programme_update(programme=programme, details=form.details(), now=timezone.now())
        acted(request, programme, "settings_changed")
        messages.success(request, _("Saved. Circles that were made already stay as they are."))
        return redirect("programmes:overview", code)
    context = {
        "programme": programme,
        "leads": True,
        "form": form,
        "admin_form": AdminForm(auto_id="admin_%s"),
        "admins": programme.admins.select_related("user").order_by("user__name", "pk"),
        "asked": asked_to_administer(programme, now=timezone.now()),
        "now": timezone.now(),
    }
    return render(request, "programmes/programme_form.html", context)


@require_POST
@idempotent
def admin_remove(request: HttpRequest, code: UUID, person: UUID) -> HttpResponse:
    """Take the programme out of somebody's hands, or out of one's own."""
    programme = get_programme(request.user, code, now=timezone.now())
    row = get_object_or_404(ProgrammeAdmin.objects.select_related("user"), programme=programme, user__code=person)
    with refusals_said(request):
        by = person_of(request)
        asking_services.admin_remove(programme=programme, user=row.user, by=by, now=timezone.now())
        acted(request, programme, "admin_removed")
        messages.success(request, _("%s no longer administers the programme.") % row.user)
        return redirect("programmes:programmes") if row.user == request.user else redirect("programmes:settings", code)
    return redirect("programmes:settings", code)


@require_POST
@idempotent
def end(request: HttpRequest, code: UUID) -> HttpResponse:
    """End a programme: its circles go on, and nothing of them is counted any more."""
    programme = get_programme(request.user, code, now=timezone.now())
    services.programme_end(programme=programme, now=timezone.now())
    acted(request, programme, "programme_ended")
    messages.success(request, _("The programme has ended. Its circles go on for as long as they like, uncounted."))
    return redirect("programmes:overview", code)
