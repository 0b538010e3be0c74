"""Where allauth asks us: whether sign-up is open, how mail leaves, where links point."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils.crypto import get_random_string


class AccountAdapter(DefaultAccountAdapter):
    """allauth's account rules with this site's registration policy and address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        # A printed slip is an invitation too: whoever holds an open one may make an account of their own.
        return settings.REGISTRATION == "open" or bool(request.session.get("may_sign_up"))

    def send_account_already_exists_mail(self, email: str) -> None:
        # A new account takes a password to be hashed, which takes long: here it would tell that there is none.
        make_password(get_random_string(12))
        super().send_account_already_exists_mail(email)

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> Any:
        site = urlsplit(settings.SITE_URL)
        ours = {
            "site_url": settings.SITE_URL,
            "current_site": SimpleNamespace(name="Talking Piece", domain=site.netloc),
        }
        # What allauth made of the request's own word for where it went is put right.
        links = {
            name: urlsplit(value)._replace(scheme=site.scheme, netloc=site.netloc).geturl()
            for name, value in context.items()
            if isinstance(value, str) and value.startswith(("http://", "https://"))
        }
        return super().render_mail(
            template_prefix, email, context | ours | links, {"Auto-Submitted": "auto-generated"} | (headers or {})
        )


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """People who come through the organisation's sign-in are known to it, so they may make an account."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True
