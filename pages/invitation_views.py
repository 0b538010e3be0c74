"""Answering an invitation: what a person needs to decide, and their free yes or no."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import ways
from accounts.acting import visitor_answered
from accounts.forms import JoiningForm, NewPersonForm
from accounts.idempotent import let_in_again, let_in_once
from accounts.models import User
from accounts.refusals import HasAccount
from accounts.requests import get_or_post
from accounts.rules.clean import initials
from circles import invitation_services, selectors
from circles.forms import DeclineForm, SlipCodeForm
from circles.models import Invitation
from circles.rules.naming import given_names
from circles.rules.ring import RingSeat
from circles.tokens import typed
from pages import joining_services
from sessions.planning.journey_selectors import journey_of
from sessions.planning.selectors import sessions_coming

DATES_SHOWN = 3
WAY = "invitation"


@dataclass(frozen=True)
class OpenedInvitation:
    """An invitation, the secret that opened it, and whether that secret proves the mailbox it was sent to."""

    invitation: Invitation
    token: str
    by_mail: bool


def _held(request: HttpRequest) -> OpenedInvitation | None:
    token = ways.held(request, WAY)
    found = Invitation.held_by(token) if token else None
    return OpenedInvitation(found[0], token, found[1]) if found else None


@login_not_required
@get_or_post
def slip_code(request: HttpRequest) -> HttpResponse:
    """Where the code from a printed slip is typed; one that we do not know stays in the field."""
    form = SlipCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = typed(form.cleaned_data["code"])[:100]
        if Invitation.held_by(code):
            ways.hold(request, WAY, code)
            return redirect("pages:invitation")
        form.add_error("code", _("We do not know this code. Compare it with your slip, letter by letter."))
    return render(request, "pages/slip_code.html", {"form": form})


@login_not_required
@never_cache
@require_GET
def invitation_open(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address: it moves into the session and the browser goes on to a clean URL."""
    ways.hold(request, WAY, token)
    return redirect("pages:invitation")


@login_not_required
@never_cache
@get_or_post
def invitation(request: HttpRequest) -> HttpResponse:
    """What an invited person needs to decide, and their free yes or no."""
    now = timezone.now()
    if again := let_in_again(request, now=now):
        return again
    held = _held(request)
    if held is None:
        return _gone(request, "unknown" if ways.held(request, WAY) else "nothing")
    if not held.invitation.is_open(now):
        return _answered(request, held, now)
    viewer = request.user if request.user.is_authenticated else None
    form = _person_form(request, held)
    decline = DeclineForm(request.POST if "no" in request.POST else None)

    def answer() -> HttpResponse | None:
        if "no" in request.POST and decline.is_valid():
            return _declined(request, held, decline.cleaned_data["word"], now)
        if "yes" in request.POST:
            return _accept(request, held, viewer, now) if viewer else _accept_as_new(request, held, form, now)
        return None

    gone = partial(_used_up, request, held, now)
    if answered := visitor_answered(request, answer, back=_way_back(held), gone=gone, now=now):
        return answered
    return render(request, "pages/invitation.html", _page(held, viewer, now) | {"form": form, "decline": decline})


def _person_form(request: HttpRequest, held: OpenedInvitation) -> NewPersonForm:
    """Whoever holds what was only mailed is asked no address; others type one of their own."""
    data = request.POST if "yes" in request.POST else None
    # Where the browser tells no zone, the circle's is a better guess than none.
    known = {"name": held.invitation.called, "email": held.invitation.email}
    known["time_zone"] = held.invitation.circle.time_zone
    return NewPersonForm(data, initial=known) if held.by_mail else JoiningForm(data, initial=known)


def _page(held: OpenedInvitation, viewer: User | None, now: datetime) -> dict[str, object]:
    found = held.invitation
    full = not invitation_services.has_seat(found.circle)
    facts = selectors.invitation_facts(found)
    coming = [session for session in sessions_coming(found.circle) if session.starts_at > now]
    return facts | {
        "ring": None if full else _ring(held, viewer),
        "full": full,
        "dates": coming[:DATES_SHOWN],
        "taken": journey_of(found.circle),
        "zone": viewer.time_zone if viewer else found.circle.time_zone,
        "invitation": found,
        "by_mail": held.by_mail,
        "of": ways.mark_of(held.token),
        "back": _way_back(held),
        "guest": viewer is None,
        "other_address": held.by_mail and viewer is not None and viewer.email.lower() != found.email,
    }


def _way_back(held: OpenedInvitation) -> str:
    return ways.back_to(held.token, reverse("pages:invitation"))


def _ring(held: OpenedInvitation, viewer: User | None) -> list[RingSeat]:
    """Those who are in, and the seat that is kept for the invited person."""
    members = [member.user for member in selectors.members_of(held.invitation.circle) if member.takes_part]
    names = given_names(members)
    own = viewer.initials if viewer else initials(held.invitation.called or held.invitation.email[:1])
    return [RingSeat(own, _("You"), you=True), *(RingSeat(user.initials, names[user.pk]) for user in members)]


def _accept(request: HttpRequest, held: OpenedInvitation, user: User, now: datetime) -> HttpResponse:
    joined = joining_services.invitation_yes(invitation=held.invitation, user=user, now=now, by_mail=held.by_mail)
    if joined:
        return _welcome(request, held)
    return redirect(_way_back(held))


def _accept_as_new(
    request: HttpRequest, held: OpenedInvitation, form: NewPersonForm, now: datetime
) -> HttpResponse | None:
    """Make the account and go in; None when the form has a mistake, which it says."""
    if not form.is_valid():
        return None
    if not held.by_mail and held.invitation.taken_tries >= invitation_services.TAKEN_TRIES:
        form.add_error("email", _("Sign in first, or ask whoever invited you for a fresh link."))
        return None
    found = held.invitation
    to = _way_back(held) if found.is_slip else reverse("pages:joined", args=[found.circle.code])

    def make() -> tuple[User, str]:
        return joining_services.invitation_yes_as_new(invitation=found, now=now, **form.cleaned_data), to

    try:
        let_in_once(request, make, now=now)
    except HasAccount as refusal:
        if held.by_mail:
            raise
        invitation_services.invitation_taken(invitation=found)
        form.add_error("email", str(refusal))
        return None
    return redirect(to) if found.is_slip else _welcome(request, held)


def _welcome(request: HttpRequest, held: OpenedInvitation) -> HttpResponse:
    ways.let_go(request, WAY, held.token)
    circle = held.invitation.circle
    messages.success(request, _("You are in. Welcome to %s.") % circle.name)
    return redirect("pages:joined", circle.code)


def _declined(request: HttpRequest, held: OpenedInvitation, word: str, now: datetime) -> HttpResponse:
    invitation_services.invitation_decline(invitation=held.invitation, word=word, now=now)
    ways.let_go(request, WAY, held.token)
    return render(request, "pages/invitation_declined.html", {"circle": held.invitation.circle})


def _answered(request: HttpRequest, held: OpenedInvitation, now: datetime) -> HttpResponse:
    """The invitation was used or has run out: its own person is shown the way, anybody else what became of it."""
    found = held.invitation
    if request.user.is_authenticated and found.claimed_by_id == request.user.pk:
        if found.awaits_confirmation():
            return render(request, "pages/invitation_waiting.html", {"circle": found.circle})
        if not found.is_slip or found.confirmed_at:
            return redirect("pages:circle", found.circle.code)
        return _gone(request, "not_let_in")
    if found.used_at and found.claimed_by:
        # Whoever holds the mail, and did not use it, can take the account over that stands in their name.
        taken = held.by_mail and found.claimed_by.unproved_since and found.claimed_by.email == found.email
        return _gone(request, "taken" if taken else "used", _way_back(held))
    return _gone(request, "expired" if found.state(now) == "expired" else "withdrawn")


def _gone(request: HttpRequest, why: str, back: str = "") -> HttpResponse:
    return render(request, "pages/invitation_gone.html", {"why": why, "back": back}, status=404)


def _used_up(request: HttpRequest, held: OpenedInvitation, now: datetime) -> HttpResponse:
    """Somebody else was quicker: what became of it is read anew."""
    held.invitation.refresh_from_db()
    return _answered(request, held, now)
