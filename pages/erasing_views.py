"""Deleting one's account: what goes, what stays, and a press after signing in afresh."""

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.services import Refused
from pages.erasing_services import person_erase


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]
def account_delete(request: HttpRequest) -> HttpResponse:
    """Asked for with a fresh sign-in, whose tries are limited; says what happens before it does."""
    if request.method != "POST":
        return render(request, "pages/account_delete.html")
    if request.POST.get("sure") != "on":
        messages.warning(request, _("Tick that you are sure, then delete."))
        return redirect("pages:account_delete")
    try:
        person_erase(user=cast(User, request.user), now=timezone.now())
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("pages:account_delete")
    logout(request)
    messages.success(request, _("Your account is deleted. Thank you for having been here."))
    return redirect("pages:today")
