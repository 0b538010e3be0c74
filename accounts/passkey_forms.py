"""allauth's forms for passkeys: names of bounded length, and garbage for a device's answer is a mistake, not a fault.

The library catches some of what its parsers raise. What comes is JSON that anybody can type.
"""

import struct
from typing import Any

from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature
from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField

UNREADABLE = (
    ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError, AssertionError, struct.error,
    InvalidSignature,
)  # fmt: skip
REFUSED = _("What the device answered could not be read. Try again.")


class AnswerField(forms.JSONField):
    """What a device answered. ValidationError for JSON that Python itself cannot read, as for any other."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, error_messages={"required": REFUSED, "invalid": REFUSED})

    def to_python(self, value: Any) -> Any:
        """Deep nesting and huge numbers raise what the library does not catch: a forged answer is a wrong one."""
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as error:
            raise ValidationError(REFUSED) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Nothing of the last answer is shown again, since each is for one challenge."""
        return InvalidJSONInput("")  # no answer is of use twice


def passkey_name(**options: Any) -> CleanField:
    """The name of a passkey, the same where one is added and where it is renamed."""
    hint = _("So that you know it again: my phone, the laptop at home.")
    return CleanField(label=_("Its name"), max_length=60, help_text=hint, **options)


class AddPasskey(AddWebAuthnForm):
    """A new passkey; without a name it gets one.

    It signs in alone unless the tick is taken away: the page of signing in offers that to everybody who has one.
    """

    name = passkey_name(required=False)
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone"),
        required=False,
        initial=True,
        help_text=_(
            "No password then: the device makes sure that it is you, by finger, face or its own PIN. Without the tick "
            "it is a second step after your password, and “Sign in with a passkey” does not know it."
        ),
    )
    credential = AnswerField()

    def clean(self) -> Any:
        """What the library cannot read in a device's answer is refused like a wrong one, not a fault of ours."""
        try:
            return super().clean()
        except UNREADABLE as error:
            raise ValidationError(REFUSED) from error


class RenamePasskey(EditWebAuthnForm):
    """Another name for one that is there."""

    name = passkey_name(error_messages={"required": _("Give it a name.")})


class SecondStepByPasskey(AuthenticateWebAuthnForm):
    """A device's answer, after the password."""

    credential = AnswerField()

    def clean_credential(self) -> Any:
        """As for a new passkey: an answer that cannot be read is a wrong one."""
        try:
            return super().clean_credential()
        except UNREADABLE as error:
            raise ValidationError(REFUSED) from error


class SignInByPasskey(SecondStepByPasskey, LoginWebAuthnForm):
    """Instead of the password."""


class ConfirmByPasskey(SecondStepByPasskey, ReauthenticateWebAuthnForm):
    """Once more, before something about the account is changed."""
