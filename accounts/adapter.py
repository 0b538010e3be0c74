"""Where allauth asks us: whether sign-up is open, how mail leaves, where links point."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's account rules with this site's registration policy and address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        # A printed slip is an invitation too: whoever holds an open one may make an account of their own.
        return settings.REGISTRATION == "open" or bool(request.session.get("may_sign_up"))

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> Any:
        return super().render_mail(
            template_prefix,
            email,
            context | {"site_url": settings.SITE_URL},
            {"Auto-Submitted": "auto-generated"} | (headers or {}),
        )


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """People who come through the organisation's sign-in are known to it, so they may make an account."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True
