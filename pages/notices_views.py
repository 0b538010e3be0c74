"""What somebody hears of and how: the bell, preferences, unsubscribing."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.requests import get_or_post, person_of
from accounts.rules.quiet import next_at
from accounts.rules.zones import to_local
from accounts.services import user_set_day
from circles.models import Circle
from circles.selectors import circles_for
from notifications import selectors, services
from notifications.levels import MailLevel, level_of
from notifications.models import EVERY_CIRCLE
from notifications.registry import kind_of
from pages.notices_forms import DayForm, PreferencesForm
from pages.selectors import notice_lines
from sessions.planning.reminder_services import reminders_plan_for_person


@never_cache
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """What is under the bell, the latest first."""
    page = selectors.notices_page(person_of(request), request.GET.get("page"))
    lines = notice_lines(page)
    context = {"lines": lines, "page": page, "any_unread": any(one.unread for one in lines)}
    return render(request, "pages/notices.html", context)


@require_POST
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice as read and go to what it is about."""
    line = next(iter(notice_lines(selectors.notices_of(person_of(request)).filter(pk=pk))), None)
    if line is None:
        raise Http404
    services.notices_read(user=person_of(request), now=timezone.now(), pk=pk)
    return redirect(line.path or "pages:notices")


@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark all of them as read."""
    services.notices_read(user=person_of(request), now=timezone.now())
    return redirect("pages:notices")


@never_cache
@get_or_post
def preferences(request: HttpRequest) -> HttpResponse:
    """How somebody wants to hear of each kind of thing: in all circles, or in one (`?circle=`)."""
    user = person_of(request)
    circles = [one.circle for one in circles_for(user)]
    circle = next((one for one in circles if str(one.code) == request.GET.get("circle")), None)
    code = circle.code if circle else EVERY_CIRCLE
    kept = selectors.preferences_of(user, code)
    form = PreferencesForm(request.POST or None, kept=kept, of_circle=circle is not None)
    day = DayForm(initial=_hours(user))
    if request.POST.get("level") in MailLevel:
        services.mail_level_set(user=user, level=request.POST["level"])
        reminders_plan_for_person(user=user, now=timezone.now())
        messages.success(request, _("Saved. It holds from now on."))
        return redirect("pages:preferences")
    if request.method == "POST" and form.is_valid():
        for kind, channel, lead in form.chosen():
            services.preference_set(user=user, kind=kind, channel=channel, lead=lead, circle_code=code)
        if circle:
            services.preferences_keep(user=user, circle_code=code, kinds=[kind for kind, *_rest in form.chosen()])
        reminders_plan_for_person(user=user, now=timezone.now())
        messages.success(request, _("Saved. It holds from now on."))
        return redirect(request.get_full_path())
    level = level_of(kept)
    context = {
        "form": form,
        "day": day,
        "circle_chosen": circle,
        "circles": circles,
        "levels": [(value, label, value == level) for value, label in MailLevel.choices],
        # Line by line is for whoever wants something else than a level, or has it.
        "by_kind": circle is not None or not level or form.errors,
    }
    return render(request, "pages/preferences.html", context)


def _hours(user: User) -> dict[str, int | None]:
    return {"daily_hour": user.daily_hour, "quiet_from": user.quiet_from, "quiet_to": user.quiet_to}


@never_cache
@get_or_post
def day(request: HttpRequest) -> HttpResponse:
    """When the daily mail comes, and when no mail does."""
    user = person_of(request)
    form = DayForm(request.POST or None, initial=_hours(user))
    if request.method == "POST" and form.is_valid():
        user_set_day(user=user, **form.cleaned_data)
        now = timezone.now()
        comes_at = next_at(to_local(now, user.time_zone), form.cleaned_data["daily_hour"]).astimezone(now.tzinfo)
        services.daily_move(user=user, due_at=comes_at, now=now)
        messages.success(request, _("Saved. It holds from now on."))
        return redirect("pages:preferences")
    return render(request, "pages/day.html", {"form": form})


@login_not_required
@never_cache
@csrf_exempt  # a mail program presses this for its reader, without our page: RFC 8058
@get_or_post
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End one kind of mail. Opening the link changes nothing: mail scanners follow links."""
    found = services.unsubscribe_read(token)
    if found is None:
        raise Http404
    user, kind, circle_code = found
    circle = Circle.objects.filter(code=circle_code).first()
    labels = [one.label for one in services.unsubscribe_ends(kind_of(kind))]
    context: dict[str, Any] = {"labels": labels, "circle_named": circle, "token": token}
    if request.method == "POST":
        if "all" in request.POST:
            services.unsubscribe_all(user=user)
        else:
            services.kind_unsubscribe(user=user, kind=kind, circle_code=circle_code)
        context["done"] = True
    return render(request, "pages/unsubscribe.html", context)
