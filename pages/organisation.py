"""Signing in through the organisation: what is believed of it, whom it lets in, how it meets an account that is there.

django-allauth speaks OpenID Connect; what a provider says goes through `accounts/claims.py` first.
"""

import time
from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account import app_settings as account_settings
from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows, resume_request
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from requests import RequestException

from accounts import claims
from accounts.doors_services import is_anybodys
from accounts.models import User
from accounts.services import person_lock
from circles.doors_services import mailbox_claim
from circles.selectors import is_invited as is_invited_to_a_circle
from programmes.enrolment_selectors import is_invited as is_invited_to_a_programme

JOINING = "joining"


class Organisation(OpenIDConnectProvider):
    """The provider, with what it says read strictly, and a calm page when it is away."""

    package = "allauth.socialaccount.providers.openid_connect"

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> SocialLogin:
        told, signed = (response.get(part) for part in ("userinfo", "id_token"))
        try:
            said = claims.read(told, signed)
        except claims.Unusable as error:
            raise OAuth2Error("The provider names nobody.") from error
        return super().sociallogin_from_response(request, {"userinfo": said})

    def redirect_from_request(self, request: HttpRequest) -> HttpResponse:
        if request.GET.get("process") == AuthProcess.CONNECT and not _asked_here(request):
            return redirect("socialaccount_connections")
        try:
            return cast(HttpResponse, super().redirect_from_request(request))
        except (RequestException, KeyError):  # it does not answer, or not with what it should
            return render(request, "socialaccount/authentication_error.html", status=503)


def _asked_here(request: HttpRequest) -> bool:
    """Whether a page of ours led here: nobody else's link may join a way to sign in to an account."""
    if "Sec-Fetch-Site" in request.headers:
        return request.headers["Sec-Fetch-Site"] == "same-origin"
    came_from = urlsplit(request.headers.get("Referer", ""))
    return bool(came_from.netloc) and came_from.netloc == request.get_host()


class OrganisationAdapter(DefaultSocialAccountAdapter):
    """Where allauth asks us about people who come through the organisation."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "no_password": gettext_lazy("You have no password here. Choose one first, or you could not sign in any more."),
    }

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        # The library would divide a name into a first and a last one, which people here do not have.
        user = cast(User, super().populate_user(request, sociallogin, data | {"name": ""}))
        user.name = data.get("name") or ""
        return user

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_signup_form_initial_data(sociallogin)
        return initial | {"name": sociallogin.user.name}

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """As by password; and for whoever is invited under an address that the organisation vouches for."""
        if account_adapter(request).is_open_for_signup(request):
            return True
        now = timezone.now()
        return any(
            is_invited_to_a_circle(address, now) or is_invited_to_a_programme(address, now)
            for address in proved(sociallogin)
        )

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Of two windows in which somebody comes for the first time at once, one goes round again and is known then."""
        try:
            with transaction.atomic():
                return cast(User, super().save_user(request, sociallogin, form))
        except IntegrityError as error:
            again = reverse("openid_connect_login", args=[sociallogin.account.provider])
            raise ImmediateHttpResponse(redirect(again)) from error

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.state.get("process") == AuthProcess.REDIRECT:
            raise ImmediateHttpResponse(_once_more(request, sociallogin))
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        for address in proved(sociallogin):
            user = User.objects.with_email(address)
            if user is None:
                continue
            if user.is_active and is_anybodys(user):  # somebody set it up who never had the mailbox
                mailbox_claim(user=user, now=timezone.now(), name=sociallogin.user.name)
                sociallogin.connect(request, user)
                return
            # Never joined by the address alone: they sign in with the old means once, which shows that both are theirs.
            request.session[JOINING] = sociallogin.serialize()
            raise ImmediateHttpResponse(redirect("pages:join_sign_ins"))


def proved(sociallogin: SocialLogin) -> list[str]:
    return [address.email for address in sociallogin.email_addresses if address.verified]


def waiting(request: HttpRequest) -> SocialLogin | None:
    """The organisation's sign-in of somebody who has an account, until they have signed in to that once."""
    try:
        return SocialLogin.deserialize(request.session[JOINING])
    except (KeyError, ValueError):
        return None


def join(sender: Any, request: HttpRequest | None = None, user: User | None = None, **more: Any) -> None:
    """After a sign-in with the old means: whoever holds the proved address is known by the organisation from now on."""
    if request is None or user is None or JOINING not in request.session:
        return
    sociallogin = waiting(request)
    # Gone before anything is decided: whatever comes of it, it is tried once.
    del request.session[JOINING]
    if sociallogin is None:
        return
    own = EmailAddress.objects.filter(user=user, verified=True, email__in=proved(sociallogin))
    with transaction.atomic():
        person_lock(user)
        if not own.exists() or SocialAccount.objects.filter(uid=sociallogin.account.uid).exists():
            said = _("This is another account than the one that was to be joined. Nothing was joined.")
            messages.warning(request, said)
            return
        sociallogin.connect(request, user)
    messages.success(request, _("From now on you can sign in through %s as well.") % settings.OIDC_NAME)


def is_only_way(user: User) -> bool:
    """Whether somebody has no password and no second step, and signs in through the organisation."""
    return not get_reauthentication_flows(user) and SocialAccount.objects.filter(user=user).exists()


def is_fresh(request: HttpRequest, user: User) -> bool:
    """Whether they have come from the organisation's sign-in within the last minutes."""
    records = get_authentication_records(request, user)
    times = [record["at"] for record in records if record["method"] == "socialaccount"]
    return bool(times) and time.time() - max(times) < account_settings.REAUTHENTICATION_TIMEOUT


def _once_more(request: HttpRequest, sociallogin: SocialLogin) -> HttpResponse:
    """Somebody who is signed in has said at the organisation's sign-in once more who they are."""
    if not request.user.is_authenticated or sociallogin.user != request.user:
        messages.warning(request, _("That was another account, so it does not say who you are."))
        return redirect("pages:sign_in_again")
    account = sociallogin.account
    details = {"provider": account.provider, "uid": account.uid, "reauthenticated": True}
    record_authentication(request, request.user, "socialaccount", **details)
    again = resume_request(request)
    return again or redirect(sociallogin.get_redirect_url(request) or "accounts:account")


def connect() -> None:
    user_logged_in.connect(join)
