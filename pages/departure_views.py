"""Saying that somebody has left the organisation: what it does, before it does it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.idempotent import idempotent
from accounts.models import User
from accounts.refusals import Refused, refusals_said
from accounts.requests import get_or_post, person_of, safe_next
from pages.access import get_person
from pages.departure_services import person_has_left, person_is_here


@never_cache
@get_or_post
@idempotent
def person_left(request: HttpRequest, code: UUID) -> HttpResponse:
    """Close somebody's account, or, for those who look after the site, open it again."""
    person, by = get_person(request.user, code), person_of(request)
    back = safe_next(request, "/")
    if request.method == "POST":
        if not person.is_active and not by.is_staff:
            raise Http404
        with refusals_said(request):
            messages.success(request, _said(request, person, by))
            return redirect(back)
    return render(request, "pages/person_left.html", {"person": person, "next": back})


def _said(request: HttpRequest, person: User, by: User) -> str:
    """Do what was pressed, and say what came of it. Refused, and nothing changed, without the tick.

    What was pressed stands in the form: two who say that somebody has left do not open the account between them.
    """
    if request.POST.get("here") == "on":
        back = person_is_here(user=person, by=by, now=timezone.now())
        said = _("%s can sign in again.") % person
        if back:
            said += " " + _("They are in these circles again: %s.") % ", ".join(circle.name for circle in back)
        return said + " " + _("Everything else invites them afresh.")
    if request.POST.get("sure") != "on":
        raise Refused(_("Tick that you are sure first. Nothing has changed."))
    person_has_left(user=person, by=by, now=timezone.now())
    return _("Done. Nobody can sign in as %s, and nothing more is sent to them.") % person
