"""How somebody's dates come into their own calendar."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import CalendarBy

CHOICES = [(one.value, one.label) for one in CalendarBy if one != CalendarBy.UNSAID]


class CalendarByForm(forms.Form):
    """One choice; the one that holds without one is named."""

    by = forms.ChoiceField(label=_("Dates come"), choices=CHOICES)

    def __init__(self, *args: Any, now_by: CalendarBy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["by"].initial = now_by.value
