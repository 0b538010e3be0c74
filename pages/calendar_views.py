"""A person's own calendar: their sessions, their appointments, the days on which commitments fall due. No words."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import services
from accounts.idempotent import idempotent
from accounts.models import FeedToken, OneTimeToken
from accounts.requests import get_or_post, person_of
from notifications.calendars import feed_of
from pages.calendar_forms import CalendarByForm
from pages.calendar_selectors import entries
from sessions.mails.inviting import calendar_of


@login_not_required
@never_cache
@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind a secret address; a revoked or unknown one is a 404."""
    found = FeedToken.objects.filter(
        token_hash=OneTimeToken.hash_of(token[:100]), revoked_at=None, user__is_active=True
    )
    row = found.select_related("user").first()
    if row is None:
        raise Http404
    with translation.override(row.user.language):
        body = feed_of(entries(row.user, now=timezone.now()), owner=row.user.code, name="Talking Piece")
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")


@never_cache
@get_or_post
@idempotent
def calendar(request: HttpRequest) -> HttpResponse:
    """Make, renew or end one's calendar address, which is shown once; and say how dates come where the site invites."""
    user = person_of(request)
    form = CalendarByForm(request.POST if "by" in request.POST else None, now_by=calendar_of(user))
    if request.method == "POST" and "by" in request.POST:
        if not form.is_valid():
            raise Http404
        services.user_set_calendar(user=user, by=form.cleaned_data["by"])
        messages.success(request, _("Saved. It holds from the next mail on."))
        return redirect("pages:calendar")
    if request.method == "POST":
        if "end" in request.POST:
            services.feed_end(user=user, now=timezone.now())
            messages.success(request, _("The address no longer works."))
        else:
            request.session["fresh_feed"] = services.feed_renew(user=user, now=timezone.now())
        return redirect("pages:calendar")
    secret = request.session.pop("fresh_feed", "")
    context = {
        "invites": bool(settings.ANSWER_ADDRESS),
        "by_form": form,
        "address": settings.SITE_URL + reverse("pages:feed", args=[secret]) if secret else "",
        "feed": FeedToken.objects.filter(user=user, revoked_at=None).first(),
    }
    return render(request, "pages/calendar.html", context)
