"""One's own words in one place: to read, to delete, to carry away."""

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.idempotent import idempotent
from accounts.refusals import refusals_said
from accounts.requests import get_or_post, person_of
from pages.own_words import words_of
from pages.own_words_services import export_make, words_delete

WORDS_A_PAGE = 30


@never_cache
@require_GET
def own_words(request: HttpRequest) -> HttpResponse:
    """Everything somebody wrote that is still there."""
    page = Paginator(words_of(person_of(request)), WORDS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "pages/own_words.html", {"page": page})


@require_POST
@idempotent
def own_words_delete(request: HttpRequest, key: str, code: UUID) -> HttpResponse:
    """Delete one thing of one's own, for good."""
    with refusals_said(request):
        if not words_delete(user=person_of(request), key=key, code=code, now=timezone.now()):
            raise Http404
        messages.success(request, _("Deleted, for everybody."))
    return redirect("pages:own_words")


@never_cache
@get_or_post
@reauthentication_required  # type: ignore[untyped-decorator]
def export(request: HttpRequest) -> HttpResponse:
    """A file of everything of one's own, after a fresh sign-in and a press."""
    if request.method != "POST":
        return render(request, "pages/export.html")
    now = timezone.now()
    with refusals_said(request):
        body = export_make(user=person_of(request), now=now)
        name = f"talking-piece-{now:%Y-%m-%d}.zip"
        return HttpResponse(
            body, content_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )
    return redirect("pages:export")
