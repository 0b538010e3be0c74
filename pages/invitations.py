"""Answering an invitation: what a person needs to decide, and their free yes or no."""

from datetime import datetime
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.forms import NewPersonForm
from accounts.models import User
from accounts.services import HasAccount, Refused
from circles import selectors, services
from circles.forms import DeclineForm, SlipCodeForm
from circles.models import Invitation
from circles.naming import called
from circles.ring import Seat
from circles.tokens import typed
from sessions.planning.selectors import sessions_coming

GET_POST = ["GET", "HEAD", "POST"]
DATES_SHOWN = 3


@login_not_required
@require_http_methods(GET_POST)
def slip_code(request: HttpRequest) -> HttpResponse:
    """Where the code from a printed slip is typed."""
    form = SlipCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        request.session["invitation"] = typed(form.cleaned_data["code"])[:100]
        return redirect("pages:invitation")
    return render(request, "pages/slip_code.html", {"form": form})


@login_not_required
@never_cache
@require_GET
def invitation_open(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address: it moves into the session and the browser goes on to a clean URL."""
    request.session["invitation"] = token[:100]
    return redirect("pages:invitation")


def _held(request: HttpRequest, now: datetime) -> Invitation | None:
    digest = Invitation.hash_of(str(request.session.get("invitation", "")))
    found = Invitation.objects.filter(token_hash=digest).select_related("circle__vault", "invited_by", "claimed_by")
    invitation = found.first()
    return invitation if invitation and (invitation.is_open(now) or invitation.claimed_by_id) else None


@login_not_required
@never_cache
@require_http_methods(GET_POST)
def invitation(request: HttpRequest) -> HttpResponse:
    """What an invited person needs to decide, and their free yes or no."""
    now = timezone.now()
    held = _held(request, now)
    if held is None:
        return render(request, "pages/invitation_gone.html", status=404)
    if not held.is_open(now):
        return _answered(request, held)
    if held.is_slip:
        request.session["may_sign_up"] = True
    guest = not request.user.is_authenticated
    form = NewPersonForm(request.POST if "yes" in request.POST else None)
    decline = DeclineForm(request.POST if "no" in request.POST else None)
    try:
        if request.method == "POST" and "no" in request.POST and decline.is_valid():
            services.invitation_decline(invitation=held, word=decline.cleaned_data["word"], now=now)
            del request.session["invitation"]
            return render(request, "pages/invitation_declined.html", {"circle": held.circle})
        if request.method == "POST" and "yes" in request.POST and not (guest and held.is_slip):
            if not guest:
                return _accept(request, held, cast(User, request.user))
            if form.is_valid():
                user = services.invitation_accept_as_new(invitation=held, now=now, **form.cleaned_data)
                login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
                return _welcome(request, held)
    except HasAccount as refusal:
        messages.warning(request, str(refusal))
        return redirect_to_login(request.path)
    except Refused as refusal:
        return _refused(request, refusal)
    viewer = None if guest else cast(User, request.user)
    context = selectors.invitation_facts(held) | {
        "ring": _ring(held, viewer),
        "dates": sessions_coming(held.circle)[:DATES_SHOWN],
        "zone": viewer.time_zone if viewer else held.circle.time_zone,
        "invitation": held, "guest": guest, "form": form, "decline": decline,
        "other_address": viewer is not None and not held.is_slip and viewer.email.lower() != held.email,
    }  # fmt: skip
    return render(request, "pages/invitation.html", context)


def _ring(held: Invitation, viewer: User | None) -> list[Seat]:
    """Those who are in, and the seat that is kept for the invited person."""
    members = [member.user for member in selectors.members_of(held.circle) if member.takes_part]
    names = called(members)
    own = viewer.initials if viewer else held.email[:1].upper() or "?"
    return [Seat(own, _("You"), you=True), *(Seat(user.initials, names[user.pk]) for user in members)]


def _accept(request: HttpRequest, held: Invitation, user: User) -> HttpResponse:
    joined = services.invitation_accept(invitation=held, user=user, now=timezone.now())
    if joined:
        return _welcome(request, held)
    return redirect("pages:invitation")


def _welcome(request: HttpRequest, held: Invitation) -> HttpResponse:
    request.session.pop("invitation", None)
    messages.success(request, _("You are in. Welcome to %s.") % held.circle.name)
    return redirect("pages:circle", held.circle.code)


def _answered(request: HttpRequest, held: Invitation) -> HttpResponse:
    """The invitation was used: its own person is shown the way, anybody else that it is gone."""
    if request.user.is_authenticated and held.claimed_by_id == request.user.pk:
        if held.awaits_confirmation():
            return render(request, "pages/invitation_waiting.html", {"circle": held.circle})
        return redirect("pages:circle", held.circle.code)
    return render(request, "pages/invitation_gone.html", status=404)


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    if str(refusal) == services.GONE:
        return render(request, "pages/invitation_gone.html", status=404)
    messages.warning(request, str(refusal))
    return redirect("pages:invitation")
