"""Pages that join floors."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.idempotent import idempotent
from accounts.requests import get_or_post, person_of
from accounts.rules.zones import to_local
from agreements.enums import Start
from agreements.forms import quick_form
from circles.access import get_seat
from circles.forms import CircleForm
from circles.inviting import tell_invited
from circles.selectors import circles_closed_for
from pages import services
from pages import today_selectors as todays
from pages.arc_selectors import say_how_they_keep_to_their_rhythm
from pages.cards_selectors import memberships_shown, say_who_has_not_signed
from pages.forms import StartCircleForm, StartTogetherForm
from programmes.access import may_start
from programmes.counting_selectors import led_by, seen_of
from programmes.lot_selectors import drawn_by
from sessions.formats.library import version_of
from sessions.journeys.library import FIRST_JOURNEY, shipped_journeys

FIRST_FORMAT, FIRST_MINUTES = "council", 120
FIRST_SESSION_IN = timedelta(days=7)


@login_not_required
@never_cache
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """My next session, my role, my commitments, what to sign; for visitors, what this is."""
    if not request.user.is_authenticated:
        return render(request, "pages/welcome.html")
    user = request.user
    # Who comes by the admin site or a command has no name or zone yet, and every page speaks of both.
    if not user.is_set_up:
        return redirect(f"{reverse('accounts:profile')}?next=/")
    now = timezone.now()
    context = todays.today_page(user, now=now)
    extra = {
        "may_start": services.may_start_circle(user),
        "may_set_up": may_start(user),
        "quick": quick_form(user, now=now, memberships=context["memberships"]),
    }
    return render(request, "pages/today.html", context | extra)


@require_GET
def circles(request: HttpRequest) -> HttpResponse:
    """The circles a person is in: those they look after with what is due there, the others, and those that closed."""
    user, now = person_of(request), timezone.now()
    mine = memberships_shown(user, now=now)
    led = [member for member in mine if member.facilitates]
    say_who_has_not_signed(led, user)
    say_how_they_keep_to_their_rhythm(led, now=now)
    context = {
        "cards": led,
        "rows": [member for member in mine if not member.facilitates],
        "closed": circles_closed_for(user),
        "may_start": services.may_start_circle(user),
    }
    return render(request, "pages/circles.html", context)


@never_cache
@get_or_post
@idempotent
def circle_start(request: HttpRequest) -> HttpResponse:
    """Start a circle on one page."""
    user = person_of(request)
    if not services.may_start_circle(user):
        raise Http404
    now = timezone.now()
    started = CircleForm.starting(user.time_zone) | {
        "date": to_local(now + FIRST_SESSION_IN, user.time_zone).date(),
        "time": "16:00",
    }
    form = StartCircleForm(request.POST or None, now=now, initial=started)
    if request.method == "POST" and form.is_valid():
        people = form.cleaned_data["people"]
        founded = services.circle_found(
            details=form.details(),
            emails=people.good,
            names=people.names,
            first=form.first_session(format=version_of(FIRST_FORMAT), minutes=FIRST_MINUTES),
            by=user,
            now=now,
            start=form.cleaned_data["start"] or Start.CIRCLE,
        )
        tell_invited(request, founded.invited, people, founded.circle.code)
        if founded.invited.sent:
            return redirect("circles:people", founded.circle.code)
        return redirect("pages:circle", founded.circle.code)
    return render(request, "pages/circle_start.html", {"form": form})


@never_cache
@get_or_post
@idempotent
def circle_start_together(request: HttpRequest) -> HttpResponse:
    """Start a circle that runs itself from the first day: name, journey, first date. Then its slips are there."""
    user = person_of(request)
    if not services.may_start_circle(user):
        raise Http404
    now = timezone.now()
    asked = request.GET.get("journey", "")
    started = {
        "date": to_local(now + FIRST_SESSION_IN, user.time_zone).date(),
        "time": "16:00",
        "zone": user.time_zone,
        "journey": asked if asked in shipped_journeys() else FIRST_JOURNEY,
    }
    form = StartTogetherForm(request.POST or None, now=now, initial=started)
    if request.method == "POST" and form.is_valid():
        circle = services.circle_found_together(details=form.together(), by=user, now=now)
        messages.success(request, _("Your circle is there. Hand one slip, or its link, to each of the others."))
        return redirect("circles:slips", circle.code)
    return render(request, "pages/circle_start_together.html", {"form": form})


@never_cache
@require_GET
def circle_seen(request: HttpRequest, code: UUID) -> HttpResponse:
    """What administrators can see about this circle."""
    seat = get_seat(request.user, code)
    context = {"circle": seat.circle, "seen": seen_of(seat.circle, now=timezone.now()), "led": led_by(seat.circle)}
    context["drawn"] = drawn_by(seat.circle)
    return render(request, "pages/circle_seen.html", context)


@login_not_required
@require_GET
def who_sees_what(request: HttpRequest) -> HttpResponse:
    """Who can see what, in plain words, and what whoever runs the server could reach."""
    return render(request, "pages/who_sees_what.html")


@login_not_required
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """How a circle works here, and how to use the pages by keyboard and screen reader."""
    return render(request, "pages/help.html")
