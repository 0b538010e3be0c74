"""A person's own calendar: their sessions, their appointments, the days on which commitments fall due. No words."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from icalendar import Event

from accounts import services
from accounts.models import FeedToken, OneTimeToken, User
from accounts.once import once
from accounts.requests import get_or_post, person_of
from agreements.calendars import appointment_entry, due_entry, feed_of
from agreements.enums import CommitmentStatus
from agreements.models import Appointment, Commitment
from circles.models import Membership
from programmes.calendars import kickoffs_of
from sessions.calendars import session_entry
from sessions.models import CircleSession, GuestPass

LOOKS_BACK = timedelta(days=30)
ENTRIES_AT_MOST = 500


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


def entries(user: User, *, now: datetime) -> list[Event]:
    """Sessions (cancelled ones stay for thirty days), appointments, kick-offs, due days; of circles they are in now."""
    since = now - LOOKS_BACK
    member = Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None)
    guest = GuestPass.objects.accepted().filter(session=OuterRef("pk"), user=user)
    sessions = CircleSession.objects.filter(Exists(member) | Exists(guest), starts_at__gte=since)
    sessions = sessions.select_related("circle", "format_version").order_by("starts_at", "pk")
    mine = Q(commitment__owner=user) | Q(partner=user)
    inside = Membership.objects.filter(circle=OuterRef("commitment__circle"), user=user, left_at=None)
    talks = Appointment.objects.filter(mine, Exists(inside), starts_at__gte=since).select_related(
        "commitment__owner", "partner"
    )
    due = Commitment.objects.filter(owner=user, status=CommitmentStatus.OPEN, due_on__gte=since.date())
    return [
        *(session_entry(session) for session in sessions[:ENTRIES_AT_MOST]),
        *(appointment_entry(one, user) for one in talks.order_by("starts_at", "pk")[:ENTRIES_AT_MOST]),
        *kickoffs_of(user, since=since.date()),
        *(due_entry(one) for one in due.order_by("due_on", "pk")[:ENTRIES_AT_MOST]),
    ]


@never_cache
@get_or_post
@once
def calendar(request: HttpRequest) -> HttpResponse:
    """Make, renew or end one's calendar address; it is shown once."""
    user = person_of(request)
    if request.method == "POST":
        if "end" in request.POST:
            services.feed_end(user=user, now=timezone.now())
            messages.success(request, _("The address no longer works."))
        else:
            request.session["fresh_feed"] = services.feed_renew(user=user, now=timezone.now())
        return redirect("pages:calendar")
    secret = request.session.pop("fresh_feed", "")
    context = {
        "address": settings.SITE_URL + reverse("pages:feed", args=[secret]) if secret else "",
        "feed": FeedToken.objects.filter(user=user, revoked_at=None).first(),
    }
    return render(request, "pages/calendar.html", context)
