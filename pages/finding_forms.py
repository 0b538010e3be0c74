"""Looking for something by its words."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField


class FindCommitmentForm(forms.Form):
    """Words that stand in a commitment, and the circle it was made in, where only that one is asked."""

    words = CleanField(
        label=_("Find by its words"),
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search"}),
        error_messages={"required": _("Type a word of it.")},
    )
    circle = forms.UUIDField(required=False, widget=forms.HiddenInput)
