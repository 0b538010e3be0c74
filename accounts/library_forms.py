"""allauth's forms in our words, with texts of bounded length."""

from typing import Any

from allauth.account.forms import AddEmailForm, ChangePasswordForm, ResetPasswordKeyForm, SetPasswordForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField
from accounts.forms import PASSWORD_HINT

WORDS = {
    "oldpassword": (_("The password you have now"), _("Enter the password you have now.")),
    "password1": (_("The new one"), _("Choose a new password.")),
    "password2": (_("The new one, once more"), _("Enter the new password once more.")),
    "email": (_("Your new address"), _("Enter an address.")),
}


class InOurWords:
    """Labels, and what is said when nothing was typed; nothing is written into the empty field."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, (label, missing) in WORDS.items():
            if field := self.fields.get(name):
                field.label, field.error_messages["required"] = label, missing
                field.widget.attrs.pop("placeholder", None)
        if "password1" in self.fields:
            self.fields["password1"].help_text = PASSWORD_HINT


class ChangePassword(InOurWords, ChangePasswordForm):  # type: ignore[misc]
    """A new password, by somebody who knows the old one."""


class ResetPassword(InOurWords, ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, by somebody who holds the link from the mail."""


class SetPassword(InOurWords, SetPasswordForm):  # type: ignore[misc]
    """A first password, by somebody who signs in elsewhere."""


class ChangeAddress(InOurWords, AddEmailForm):  # type: ignore[misc]
    """Another address, which is asked with a code before it counts."""


def passkey_name(**options: Any) -> CleanField:
    hint = _("So that you know it again: my phone, the laptop at home.")
    return CleanField(label=_("Its name"), max_length=60, help_text=hint, **options)


class AddPasskey(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey; without a name it gets one."""

    name = passkey_name(required=False)
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone"),
        required=False,
        help_text=_("No password then: the device makes sure that it is you, by finger, face or its own PIN."),
    )


class RenamePasskey(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for one that is there."""

    name = passkey_name(error_messages={"required": _("Give it a name.")})
