"""Forms of pulses and of the sentences people offer."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField
from accounts.when import FURTHEST, DateField
from programmes.enums import statements_of
from programmes.pulse_services import PulseDetails

SCALE = [(1, _("1 not at all")), (2, "2"), (3, "3"), (4, "4"), (5, _("5 fully"))]
CHOOSE = _("Choose a number from 1 to 5: “{statement}”")
LONGEST_OPEN = timedelta(days=60)


class PulseForm(forms.Form):
    """A pulse: one choice a statement, and (in circles of five or more) two questions to answer in words."""

    helps = CleanField(
        label=_("What in this circle helps you most?"),
        max_length=500,
        required=False,
        lines=True,
        help_text=_("Your circle reads it, in no order and without a name. Others may know your way of writing."),
    )
    helps_released = forms.BooleanField(
        label=_("The programme may read this sentence too, without a name or a circle"), required=False
    )
    change = CleanField(label=_("What would you change?"), max_length=500, required=False, lines=True)
    change_released = forms.BooleanField(
        label=_("The programme may read this one too, without a name or a circle"), required=False
    )

    def __init__(self, *args: Any, moment: str, in_words: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.statements = [one.value for one in statements_of(moment)]
        words = list(self.fields.items())
        self.fields.clear()
        for one in statements_of(moment):
            self.fields[one.value] = forms.TypedChoiceField(
                label=one.label,
                choices=SCALE,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={
                    name: format_lazy(CHOOSE, statement=one.label) for name in ("required", "invalid_choice")
                },
            )
        if in_words:
            self.fields.update(words)

    def answer(self) -> PulseDetails:
        """What was answered, without who answered. Where the questions in words were not asked they are empty."""
        data = self.cleaned_data
        return PulseDetails(
            {name: data[name] for name in self.statements},
            data.get("helps", ""),
            data.get("change", ""),
            data.get("helps_released", False),
            data.get("change_released", False),
        )


class PulseDaysForm(forms.Form):
    """From when until when a pulse is open."""

    opens_on = DateField(label=_("Opens on"))
    closes_on = DateField(label=_("Last day to answer"))

    def __init__(self, *args: Any, today: date, is_open: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.is_open = is_open
        if is_open:
            self.fields["opens_on"].disabled = True

    def clean(self) -> dict[str, Any]:
        """Open for a day at least and 60 at most. Of one that is open the first day has been, and is not asked."""
        data = super().clean() or {}
        opens, closes = data.get("opens_on"), data.get("closes_on")
        if not opens or not closes:
            return data
        if not self.is_open and not self.today <= opens <= self.today + FURTHEST:
            self.add_error("opens_on", _("Choose a day that is still to come, within two years."))
        elif closes <= opens or closes < self.today:
            self.add_error("closes_on", _("Leave at least a day to answer."))
        elif closes - opens > LONGEST_OPEN:
            self.add_error("closes_on", _("Leave it open for 60 days at most."))
        return data


class QuoteForm(forms.Form):
    """A sentence that the programme may show."""

    text = CleanField(label=_("Your sentence"), max_length=300, required=False, lines=True)
    with_name = forms.BooleanField(label=_("With my name"), required=False)
