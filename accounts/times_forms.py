"""Forms for when somebody can meet, and when they are away."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import Level
from accounts.services import Hours
from accounts.when import FURTHEST, DateField

WEEKDAYS = [
    (0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday")), (4, _("Friday")), (5, _("Saturday")),
    (6, _("Sunday")),
]  # fmt: skip
HALF_HOURS = [(minute, f"{minute // 60:02}:{minute % 60:02}") for minute in range(0, 24 * 60 + 1, 30)]
LONGEST_ABSENCE = timedelta(days=366)


class AvailabilityForm(forms.Form):
    """A stretch of some weekdays, in the person's own zone; `required` False where naming none is an answer too."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"),
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day.")},
    )
    start = forms.TypedChoiceField(label=_("from"), choices=HALF_HOURS[:-1], coerce=int, initial=9 * 60)
    end = forms.TypedChoiceField(label=_("until"), choices=HALF_HOURS[1:], coerce=int, initial=17 * 60)
    level = forms.ChoiceField(
        label=_("How does it suit you?"),
        choices=[(level.value, level.label) for level in (Level.GOOD, Level.POSSIBLE)],
        widget=forms.RadioSelect,
        initial=Level.GOOD,
    )

    def __init__(self, *args: Any, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["weekdays"].required = required

    @property
    def hours(self) -> Hours | None:
        """What was named; None where no day was."""
        data = self.cleaned_data
        if not data["weekdays"]:
            return None
        return Hours(weekdays=data["weekdays"], start=data["start"], end=data["end"], level=data["level"])

    def clean(self) -> dict[str, Any]:
        """Hours of one day, the end not included: what goes over midnight is two stretches."""
        data = super().clean() or {}
        if {"start", "end"} <= data.keys() and data["start"] >= data["end"]:
            self.add_error("end", _("The end must come after the beginning. Over midnight, name two stretches."))
        return data


class AbsenceForm(forms.Form):
    """Days away, both included."""

    first_on = DateField(label=_("From"))
    last_on = DateField(label=_("to (last day)"), required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        """A single day needs no last one. What is over, more than two years ahead or longer than a year is refused."""
        data = super().clean() or {}
        first, last = data.get("first_on"), data.get("last_on")
        if first is None or "last_on" in self.errors:
            return data
        data["last_on"] = last = last or first
        if last < first:
            self.add_error("last_on", _("The last day must not come before the first."))
        elif last < self.today:
            self.add_error("first_on", _("These days are over."))
        elif first > self.today + FURTHEST:
            self.add_error("first_on", _("Choose a date within the next two years."))
        elif last - first > LONGEST_ABSENCE:
            self.add_error("last_on", _("At most a year at a time. For longer, leave the circle or put it on hold."))
        return data
