"""Forms of commitments."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField
from accounts.models import User

LONGEST = timedelta(days=366)


class DateField(forms.DateField):
    """A day, with the browser's own picker."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        options.setdefault("error_messages", {"invalid": _("Enter a date such as 2027-01-31.")})
        super().__init__(**options)


def check_due(day: date, today: date) -> date:
    """A commitment falls due from today to a year from now."""
    if day < today:
        raise ValidationError(_("Choose today or a later day."))
    if day > today + LONGEST:
        raise ValidationError(_("Choose a day within a year; a nearer one is easier to keep."))
    return day


class DueForm(forms.Form):
    """Another date for a commitment."""

    due_on = DateField(label=_("By when?"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_due_on(self) -> date:
        return check_due(self.cleaned_data["due_on"], self.today)


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody of the circle, by code; whatever else is sent is no choice."""

    def to_python(self, value: Any) -> User | None:
        try:
            return super().to_python(value)
        except ValidationError as error:
            raise ValidationError(_("Choose someone from the list."), code="invalid_choice") from error


class CommitmentForm(DueForm):
    """What I will do, by when, and who will ask. Only the first has no default."""

    text = CleanField(
        label=_("What will you do?"),
        max_length=500,
        lines=True,
        help_text=_("Something you can do yourself, and that someone could see you do."),
        error_messages={"required": _("Write what you will do.")},
    )
    partner = PersonField(
        label=_("Who will ask you how it went?"),
        queryset=User.objects.none(),
        required=False,
        to_field_name="code",
        empty_label=_("Nobody this time"),
    )
    field_order = ["text", "due_on", "partner"]

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = User.objects.filter(pk__in=[person.pk for person in people])  # type: ignore[attr-defined]
