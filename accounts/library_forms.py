"""allauth's forms about password and address, in our words."""

from typing import Any

from allauth.account.forms import AddEmailForm, ChangePasswordForm, ResetPasswordKeyForm, SetPasswordForm
from django import forms
from django.utils.translation import gettext_lazy as _

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


class ChangePassword(InOurWords, ChangePasswordForm):
    """A new password, by somebody who knows the old one."""


class ResetPassword(InOurWords, ResetPasswordKeyForm):
    """A new password, by somebody who holds the link from the mail."""


class SetPassword(InOurWords, SetPasswordForm):
    """A first password, by somebody who signs in elsewhere."""


class ChangeAddress(InOurWords, AddEmailForm):
    """Another address, which is asked with a code before it counts."""
