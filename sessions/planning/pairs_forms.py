"""How often a circle changes its coaching pairs."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PairsForm(forms.Form):
    """After how many sessions everybody gets another partner; 0 for no pairs."""

    every = forms.ChoiceField(
        label=_("Coaching pairs"),
        choices=[
            ("0", _("no pairs")),
            ("1", _("others after each session")),
            ("2", _("others after two sessions")),
            ("3", _("others after three sessions")),
            ("6", _("others after six sessions")),
        ],
    )

    def every_chosen(self) -> int:
        """The number of sessions."""
        return int(self.cleaned_data["every"])
