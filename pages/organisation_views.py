"""Pages on the way of signing in through the organisation."""

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.requests import person_of, safe_next
from pages import organisation


@login_not_required
@never_cache
@require_GET
def join_sign_ins(request: HttpRequest) -> HttpResponse:
    """Somebody whom the organisation has proved has an account: they sign in once as before, and both are one."""
    waiting = organisation.waiting(request)
    if request.user.is_authenticated or waiting is None:
        return redirect("pages:today")
    context = {
        "email": organisation.proved(waiting)[0],
        "next": waiting.get_redirect_url(request) or reverse("pages:today"),
    }
    return render(request, "pages/join_sign_ins.html", context)


@require_GET
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """“Is it you?” for somebody who has no password here: they say so where they sign in."""
    back = safe_next(request, reverse("accounts:account"))
    if not organisation.is_only_way(person_of(request)):
        others = get_adapter(request).get_reauthentication_methods(request.user)
        return redirect(
            f"{others[0]['url'] if others else reverse('account_set_password')}?{urlencode({'next': back})}"
        )
    asks = urlencode({"process": "redirect", "auth_params": "prompt=login", "next": back})
    begin = reverse("openid_connect_login", kwargs={"provider_id": "oidc"})
    return render(request, "pages/sign_in_again.html", {"begin": f"{begin}?{asks}"})
