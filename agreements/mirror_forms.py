"""Forms of a circle that looks at itself."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField
from agreements.enums import Facet
from agreements.rules.mirror import HIGHEST, LOWEST

SCORES = [(at, str(at)) for at in range(LOWEST, HIGHEST + 1)]
CHOOSE = _("Choose a number from 1 to 5: “{statement}”")


class MirrorForm(forms.Form):
    """One choice from 1 to 5 for each statement."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for facet in Facet:
            said = format_lazy(CHOOSE, statement=facet.label)
            self.fields[facet.value] = forms.TypedChoiceField(
                label=facet.label,
                choices=SCORES,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": said, "invalid_choice": said},
            )

    def scores(self) -> dict[str, int]:
        """What was answered, by statement; only after the form was found valid."""
        return {facet.value: self.cleaned_data[facet.value] for facet in Facet}


class OneChangeForm(forms.Form):
    """The one change that a circle tries."""

    text = CleanField(
        label=_("One change we try"),
        max_length=200,
        help_text=_("Small enough for the next session. It stands on the screen at the next three openings."),
        error_messages={"required": _("Write what you will try.")},
    )
