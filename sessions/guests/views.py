"""Guests: invited by a facilitator, if no member would rather not; what a guest sees and says yes to."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import ways
from accounts.acting import visitor_answered
from accounts.forms import NewPersonForm
from accounts.idempotent import idempotent, let_in_again, let_in_once
from accounts.models import User
from accounts.refusals import refusal_say, refusals_said
from accounts.requests import get_or_post
from accounts.rules.zones import to_local
from agreements.services import Replaced
from agreements.signing import sign_as_posted
from sessions.access import get_attended, get_guest_pass, get_session, get_session_to_run
from sessions.guests import services
from sessions.models import GuestPass
from sessions.planning.forms import GuestForm
from sessions.planning.session_page import planned_page
from sessions.planning.views import part_of

WAY = "guest"


@require_POST
@idempotent
def guest_invite(request: HttpRequest, code: UUID) -> HttpResponse:
    """Invite a guest to this session."""
    seat = get_session_to_run(request.user, code)
    form = GuestForm(request.POST)
    if not form.is_valid():
        return render(request, "sessions/session_page.html", planned_page(seat, now=timezone.now(), guest_form=form))
    with refusals_said(request, at="run"):
        now = timezone.now()
        services.guest_invite(session=seat.session, by=seat.user, now=now, **form.cleaned_data)
        goes = to_local(services.asked_at(seat.session, now=now), seat.user.time_zone)
        said = _("The members are asked first; the invitation goes out on %(day)s at %(hour)s.")
        said %= {"day": date_format(goes, "j F"), "hour": date_format(goes, "H:i")}
        messages.success(request, said, extra_tags="run")
    return redirect(part_of(code, "run"))


@require_POST
@idempotent
def guest_withdraw(request: HttpRequest, code: UUID, guest: UUID) -> HttpResponse:
    """A member would rather not, or a facilitator withdraws the invitation. Nobody is told which."""
    found = get_guest_pass(get_session(request.user, code), guest)
    with refusals_said(request, at="who"):
        services.guest_withdraw(guest=found, now=timezone.now())
        said = _("There will be no such guest. Nobody is told who said so.")
        messages.success(request, said, extra_tags="who")
    return redirect(part_of(code, "who"))


@require_POST
@idempotent
def guest_leave(request: HttpRequest, code: UUID) -> HttpResponse:
    """The guest cannot come after all."""
    seat = get_attended(request.user, code, now=timezone.now())
    if seat.guest is None:
        raise Http404
    with refusals_said(request):
        services.guest_withdraw(guest=seat.guest, now=timezone.now())
        messages.success(request, _("Thank you for saying so. You are no longer expected."))
        return redirect("pages:today")
    return redirect("sessions:session", code)


@require_POST
@idempotent
def guest_sign(request: HttpRequest, code: UUID) -> HttpResponse:
    """A guest signs the circle's agreement before anything else."""
    seat = get_attended(request.user, code, now=timezone.now())
    if seat.guest is None:
        raise Http404
    try:
        sign_as_posted(request, seat)
    except Replaced as replaced:
        refusal_say(request, replaced)
    return redirect("sessions:session", code)


@login_not_required
@never_cache
@require_GET
def guest_open(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address: it moves into the session and the browser goes on to a clean URL."""
    ways.hold(request, WAY, token)
    return redirect("sessions:guest")


def _guest_made(guest: GuestPass, form: NewPersonForm, dated: str, now: datetime) -> tuple[User, str]:
    user = services.guest_accept_as_new(guest=guest, now=now, dated=dated, **form.cleaned_data)
    return user, reverse("sessions:session", args=[guest.session.code])


def _answer(
    request: HttpRequest, found: GuestPass, person: User | None, form: NewPersonForm, now: datetime
) -> HttpResponse | None:
    """Their yes or no; None when the form of somebody new has a mistake, which it says."""
    dated = request.POST.get("dated", "")
    if "no" in request.POST:
        services.guest_withdraw(guest=found, now=now)
        ways.let_go(request, WAY, ways.held(request, WAY))
        return render(request, "pages/invitation_declined.html", {"circle": found.session.circle})
    if person:
        services.guest_accept(guest=found, user=person, now=now, dated=dated)
        return redirect("sessions:session", found.session.code)
    if form.is_valid():
        return redirect(let_in_once(request, partial(_guest_made, found, form, dated, now), now=now))
    return None


@login_not_required
@never_cache
@get_or_post
def guest(request: HttpRequest) -> HttpResponse:
    """What being a guest means, and a free yes or no."""
    now = timezone.now()
    if again := let_in_again(request, now=now):
        return again
    token = ways.held(request, WAY)
    digest = GuestPass.hash_of(token)
    found = GuestPass.objects.filter(token_hash=digest).select_related("session__circle", "invited_by").first()
    person = request.user if request.user.is_authenticated else None
    if found and found.is_accepted and person and found.user_id == person.pk:
        return redirect("sessions:session", found.session.code)
    back = ways.back_to(token, request.path)
    if found is None or not found.is_open(now) or not found.session.is_planned:
        used = found is not None and found.is_accepted
        why = "used" if used else "unknown" if token else "nothing"
        return render(request, "pages/invitation_gone.html", {"why": why, "back": back if used else ""}, status=404)
    # Whoever invited them knows them by a label of their own: it is nobody's name.
    # Where the browser tells no zone, the session's is a better guess than none.
    form = NewPersonForm(request.POST if "yes" in request.POST else None, initial={"time_zone": found.session.zone})
    if request.method == "POST":
        answer = partial(_answer, request, found, person, form, now)
        gone = partial(render, request, "pages/invitation_gone.html", {"why": "unknown"}, status=404)
        if answered := visitor_answered(request, answer, back=back, gone=gone, now=now):
            return answered
    context = {
        "guest": found,
        "circle": found.session.circle,
        "session": found.session,
        "zone": person.time_zone if person else found.session.zone,
        "stranger": person is None,
        "form": form,
        "of": ways.mark_of(token),
        "back": back,
        "other_address": person is not None and person.email.lower() != found.email,
    }
    return render(request, "sessions/guest.html", context)
