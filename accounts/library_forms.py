"""allauth's forms about password, address and codes, in our words and within our limits."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    LoginForm,
    RequestLoginCodeForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
    SignupForm,
    UserTokenForm,
)
from allauth.account.internal.flows.login import is_login_rate_limited, perform_login
from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import Login
from allauth.core import context
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.doors_services import is_anybodys
from accounts.fields import AddressField, KnownAddressField
from accounts.forms import PASSWORD_HINT
from accounts.invitations import called_at_the_door
from accounts.models import User

WORDS: dict[str, tuple[Any, Any]] = {
    "oldpassword": (_("The password you have now"), _("Enter the password you have now.")),
    "password1": (_("The new one"), _("Choose a new password.")),
    "password2": (_("The new one, once more"), _("Enter the new password once more.")),
    "email": (_("Your new address"), _("Enter an address.")),
}
AT_THE_DOOR: dict[str, tuple[Any, Any]] = {
    "login": (_("Email"), _("Enter your email address.")),
    "email": (_("Email"), _("Enter your email address.")),
    "password": (_("Password"), _("Enter a password.")),
    "password1": (_("Password"), _("Choose a password.")),
    "remember": (_("Stay signed in on this device"), ""),
}


class InOurWords:
    """Labels, and what is said when nothing was typed; nothing is written into the empty field."""

    fields: dict[str, forms.Field]
    WORDS = WORDS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, (label, missing) in self.WORDS.items():
            if field := self.fields.get(name):
                field.label, field.error_messages["required"] = label, missing
                field.widget.attrs.pop("placeholder", None)
        if "password1" in self.fields:
            self.fields["password1"].help_text = PASSWORD_HINT


class AtTheDoor(InOurWords):
    """The same where somebody signs in, or makes an account."""

    WORDS = AT_THE_DOOR


class OneRule:
    """The field of an address reads it as all our forms do; where a new one is given it has to be deliverable."""

    fields: dict[str, forms.Field]
    FIELD: type[KnownAddressField] = KnownAddressField

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in self.fields.keys() & {"login", "email"}:
            was = self.fields[name]
            self.fields[name] = self.FIELD(label=was.label, widget=was.widget, error_messages=was.error_messages)


class ChangePassword(InOurWords, ChangePasswordForm):
    """A new password, by somebody who knows the old one."""


class ResetPassword(InOurWords, ResetPasswordKeyForm):
    """A new password, by somebody who holds the link from the mail."""


class SetPassword(InOurWords, SetPasswordForm):
    """A first password, by somebody who signs in elsewhere."""


class AskReset(AtTheDoor, OneRule, ResetPasswordForm):
    """Where the link to a new password is to go."""


class AskCode(AtTheDoor, OneRule, RequestLoginCodeForm):
    """Where the code to sign in is to go."""


class ChangeAddress(OneRule, InOurWords, AddEmailForm):
    """Another address, which is asked with a code before it counts."""

    FIELD = AddressField


def guessed(kind: str, at: str) -> limits.Try:
    """A guess that is counted. ValidationError when there were too many."""
    one = limits.guess(context.request, kind, at)
    if one is None:
        raise get_adapter().validation_error("too_many_login_attempts")
    return one


class ConfirmLoginCode(ConfirmLoginCodeForm):
    """The code that was mailed for signing in. One stands three tries; an account ten an hour, over all its codes."""

    def clean_code(self) -> str:
        """A wrong code counts against the account that is being signed in to, wherever it is typed."""
        login = unstash_login(context.request, peek=True)
        stages = login.state.get("stages", {}) if login else {}
        address = stages.get("login_by_code", {}).get("data", {}).get("email", "")
        one = guessed("wrong_code", limits.account(context.request, address))
        code = str(super().clean_code())
        one.was_right()
        return code


class ConfirmAddressCode(ConfirmEmailVerificationCodeForm):
    """The code that was mailed to prove an address."""

    email: str

    def clean_code(self) -> str:
        """A wrong code counts against the address that is to be proved, wherever it is typed."""
        one = guessed("wrong_code", limits.account(context.request, self.email))
        code = str(super().clean_code())
        one.was_right()
        return code


class ResetLink(UserTokenForm):
    """What a link to a new password carries."""

    def clean(self) -> Any:
        """A wrong key of a link counts as a guess at this secret: it has no owner whom that could shut out."""
        one = guessed("wrong_secret", limits.secret(str(self.cleaned_data.get("key", ""))))
        cleaned = super().clean()
        one.was_right()
        return cleaned


class SignIn(AtTheDoor, OneRule, LoginForm):
    """Address and password. Where the address is not proved no code is asked, so none that went out holds it up."""

    def _clean_with_password(self, credentials: dict[str, Any]) -> dict[str, Any]:
        adapter = get_adapter(self.request)
        user = adapter.authenticate(self.request, **credentials)
        if user is None:
            raise adapter.validation_error("email_password_mismatch")
        login = Login(user=user, email=credentials["email"])
        if user.unproved_since is None and is_login_rate_limited(context.request, login):
            raise adapter.validation_error("too_many_login_attempts")
        self._login, self.user = login, user
        return dict(self.cleaned_data)


SIGNING_UP = "signing_up"


class SignUp(AtTheDoor, OneRule, SignupForm):
    """A new account; under an address where an account stands that nobody proved, the code gives that account over.

    What was typed here waits in the session until then, the password as its hash, so that the one who proves the
    mailbox gets their own and not what somebody else had set up.
    """

    FIELD = AddressField

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].initial = called_at_the_door(context.request)

    def try_save(self, request: HttpRequest) -> tuple[Any, Any]:
        """An address that stands as not proved is asked for its proof, like a new one; its account waits.

        Name and password are kept in this browser and taken only once the mailbox was proved
        (`accounts.doors_services`), so that whoever knows an address writes nothing into an account that may be
        somebody else's. Where the address has a proved account the library answers as it does for a new one.
        """
        standing = User.objects.with_email(self.cleaned_data["email"]) if self.account_already_exists else None
        if standing is not None and standing.is_active and is_anybodys(standing):
            request.session[SIGNING_UP] = {
                "user": standing.pk,
                "hashed": make_password(self.cleaned_data["password1"]),
                "name": self.cleaned_data["name"],
                "time_zone": self.cleaned_data["time_zone"],
            }
            return None, perform_login(request, Login(user=standing, email=standing.email, signup=True))
        user, answer = super().try_save(request)
        if user is not None:
            request.session[SIGNING_UP] = {"user": user.pk}
        return user, answer
