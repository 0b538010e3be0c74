"""Where allauth asks us: whether sign-up is open, how mail leaves, where links point."""

import logging
from contextlib import suppress
from smtplib import SMTPException
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.invitations import may_sign_up
from accounts.mails import FROM_A_PROGRAM, page_of
from accounts.models import AddressChange, User
from accounts.rules.addresses import on_this_site
from accounts.signing import put_back_token

log = logging.getLogger("talking_piece.sign_in")
TOO_MANY = _("That was tried too often. Wait an hour, or take another way: a code, or a new password, by mail.")

ADDRESS_CHANGED = "account/email/email_changed"


class AccountAdapter(DefaultAccountAdapter):
    """allauth's account rules with this site's registration policy, address and limits."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        # allauth counts under the host that the browser named, and that can be written in many ways.
        one = limits.guess(request, "wrong_password", limits.account(request, str(credentials.get("email", ""))))
        if one is None:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage = one.usage  # allauth gives it back when the password was right

    def is_safe_url(self, url: str | None) -> bool:
        return on_this_site(url or "")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.REGISTRATION == "open" or may_sign_up(request)

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.account.stages.EmailVerificationStage": "accounts.stages.ProofStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def login(self, request: HttpRequest, user: Any) -> None:
        # Proving a mailbox on the way may have changed the password, to which the new session is bound.
        user.refresh_from_db(fields=["password"])
        super().login(request, user)

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        """Whoever is signed in came from their account's page."""
        if self.request and self.request.user.is_authenticated:
            return reverse("accounts:account")
        return str(super().get_email_verification_redirect_url(email_address))

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """An address that nobody proved gets none; one that was moved away from gets the way back.

        It tells of a change that was made already: its page comes, whether or not the mail can go.
        """
        if template_prefix == ADDRESS_CHANGED:
            change = AddressChange.objects.filter(user=user, was=email or "").order_by("-at", "-pk").first()
            if change is None:
                return
            context = (context or {}) | {"put_back": reverse("pages:address_back", args=[put_back_token(change)])}
        elif User.objects.filter(pk=user.pk, unproved_since__isnull=False).exists():
            return
        context = (context or {}) | {"zone": user.time_zone or "UTC"}
        with suppress(ImmediateHttpResponse):
            super().send_notification_mail(template_prefix, user, context, email)

    def send_account_already_exists_mail(self, email: str) -> None:
        # A new account takes a password to be hashed, which takes long: here it would tell that there is none.
        make_password(get_random_string(12))
        super().send_account_already_exists_mail(email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail that somebody waits for. Where the server is away the page says so; what was done is not undone."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            log.warning("a mail about signing in did not go out: %s", type(error).__name__)
            page = render_to_string("account/mail_away.html", request=self.request)
            raise ImmediateHttpResponse(HttpResponse(page, status=503, headers={"Retry-After": "60"})) from error

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
        said = context | ours | links
        mail = super().render_mail(template_prefix, email, said, FROM_A_PROGRAM | (headers or {}))
        mail.attach_alternative(page_of(str(mail.body), subject=mail.subject, context=said), "text/html")
        return mail
