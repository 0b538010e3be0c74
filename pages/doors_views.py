"""Ways back in: an address that was moved away, a second step that was lost."""

from typing import cast

from allauth.account.internal.stagekit import get_pending_stage
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.doors_services import PUT_BACK_FOR, STEP_REMOVAL_WAITS, address_put_back
from accounts.models import User
from accounts.refusals import refusals_said
from accounts.requests import get_or_post, person_of
from accounts.signing import put_back_read
from pages import doors_services as services
from pages.doors_mails import lost_read

SECOND_STEP = "mfa_authenticate"


@login_not_required
@never_cache
@get_or_post
def address_back(request: HttpRequest, token: str) -> HttpResponse:
    """From the mail to an earlier address: whoever holds that mailbox did not move the account, and takes it back."""
    now = timezone.now()
    change = put_back_read(token)
    if change is None or now >= change.at + PUT_BACK_FOR:
        return render(request, "pages/way_back_gone.html", status=404)
    if request.method == "POST":
        with refusals_said(request):
            address_put_back(change=change, now=now)
            return render(request, "pages/address_back_done.html", {"address": change.was})
        return render(request, "pages/way_back_gone.html", status=404)
    return render(request, "pages/address_back.html", {"address": change.was, "until": change.at + PUT_BACK_FOR})


@login_not_required
@require_POST
def step_lost(request: HttpRequest) -> HttpResponse:
    """From the page that asks for the second step: a mail goes to the account's address with the way on."""
    stage = get_pending_stage(request)
    if stage is None or stage.key != SECOND_STEP or stage.login.user is None:
        return redirect("pages:today")
    services.second_step_lost(user=cast(User, stage.login.user), now=timezone.now())
    messages.success(request, _("Look at your mail: a link there takes you on. It comes once an hour at most."))
    return redirect("mfa_authenticate")


@login_not_required
@never_cache
@get_or_post
def step_lost_ask(request: HttpRequest, token: str) -> HttpResponse:
    """From that mail: ask for the second step to be taken off after some days."""
    user = lost_read(token)
    if user is None:
        return render(request, "pages/way_back_gone.html", status=404)
    days = STEP_REMOVAL_WAITS.days
    if request.method == "POST":
        services.second_step_ask(user=user, now=timezone.now())
        return render(request, "pages/step_lost_asked.html", {"days": days})
    return render(request, "pages/step_lost.html", {"days": days})


@require_POST
def step_keep(request: HttpRequest) -> HttpResponse:
    """Whoever is signed in stops it: the second step stays."""
    if services.second_step_keep(user=person_of(request)):
        messages.success(request, _("Your second step stays. If you did not ask for this, choose a new password."))
    return redirect("accounts:account")
