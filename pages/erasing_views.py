"""Deleting one's account: what goes, what stays, and a press after signing in afresh."""

from contextlib import suppress

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.refusals import refusals_said
from accounts.requests import get_or_post, person_of
from pages.erasing_services import person_erase


@never_cache
@get_or_post
@reauthentication_required  # type: ignore[untyped-decorator]
def account_delete(request: HttpRequest) -> HttpResponse:
    """Asked for with a fresh sign-in, whose tries are limited; says what happens before it does."""
    if request.method != "POST":
        return render(request, "pages/account_delete.html")
    if request.POST.get("sure") != "on":
        messages.warning(request, _("Tick that you are sure, then delete."))
        return redirect("pages:account_delete")
    user = person_of(request)
    email = "" if user.unproved_since else user.email
    with refusals_said(request):
        person_erase(user=user, now=timezone.now())
        logout(request)
        if email:
            _farewell(request, email)
        messages.success(request, _("Your account is deleted. Thank you for having been here."))
        return redirect("pages:today")
    return redirect("pages:account_delete")


def _farewell(request: HttpRequest, email: str) -> None:
    """The last mail, told to a mailbox that is nobody's here by now. It goes at once or not at all: kept for later, its
    address would stay."""
    with suppress(ImmediateHttpResponse):
        get_adapter(request).send_mail("account/email/account_deleted", email, {})
