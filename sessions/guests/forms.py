"""Inviting a guest."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import AddressField, CleanField


class GuestForm(forms.Form):
    """Who is to be a guest of one session."""

    name = CleanField(
        label=_("Name of the guest"),
        max_length=80,
        help_text=_("As the circle will read it, for example with the department."),
        error_messages={"required": _("Enter the name of the guest.")},
    )
    email = AddressField()
