"""Forms of commitments."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField, offer
from accounts.models import User
from accounts.when import DateField
from agreements.commitment_selectors import default_due
from agreements.commitment_services import CommitmentDetails
from agreements.enums import Audience
from agreements.plan_forms import PlanFields
from circles.models import Circle, Membership
from circles.selectors import circles_for

LONGEST = timedelta(days=366)
NEVER = ""
REMINDERS = [
    (NEVER, _("never")),
    ("0", _("on the day")),
    ("1", _("the day before")),
    ("2", _("two days before")),
    ("3", _("three days before")),
    ("7", _("a week before")),
]


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
        """From today on, and not so far that nobody would remember (`check_due`)."""
        return check_due(self.cleaned_data["due_on"], self.today)


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody of the circle, by code; whatever else is sent is no choice."""

    def to_python(self, value: Any) -> User | None:
        """Whoever is not in the list (any more) is refused in the same words as whoever never was."""
        try:
            return super().to_python(value)
        except ValidationError as error:
            raise ValidationError(_("Choose someone from the list."), code="invalid_choice") from error


def what_field(**options: Any) -> CleanField:
    """What one will do: the one field that a commitment needs, wherever it is made."""
    return CleanField(
        label=_("What will you do?"),
        max_length=500,
        error_messages={"required": _("Write what you will do.")},
        **options,
    )


class CommitmentForm(PlanFields, DueForm):
    """What I will do, by when, who will ask, who can see it; a plan. Only the first has no default."""

    text = what_field(lines=True, help_text=_("Something you can do yourself, and that someone could see you do."))
    partner = PersonField(
        label=_("Who will ask you how it went?"),
        queryset=User.objects.none(),
        required=False,
        to_field_name="code",
        empty_label=_("Nobody this time"),
        help_text=_("They are asked whether they will. Whoever has asked you least often is proposed."),
    )
    audience = forms.ChoiceField(
        label=_("Who can see it?"), choices=Audience.choices, widget=forms.RadioSelect, required=False
    )
    remind_days = forms.ChoiceField(label=_("Remind me"), choices=REMINDERS, required=False)
    field_order = ["text", *PlanFields.PLANNED, "due_on", "partner", "audience", "remind_days"]

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = User.objects.filter(pk__in=[person.pk for person in people])  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What only its owner sees has no partner, who could not read what they ask about."""
        data = super().clean() or {}
        if data.get("partner") and data.get("audience") == Audience.ME:
            self.add_error("audience", _("Whoever asks how it went has to be able to see it."))
        return data

    def details(self) -> CommitmentDetails:
        """What was typed, for the service. Without a choice of days no reminder is asked for."""
        data = self.cleaned_data
        days = data["remind_days"]
        return CommitmentDetails(
            text=data["text"],
            due_on=data["due_on"],
            partner=data["partner"],
            audience=data["audience"] or Audience.CIRCLE,
            remind_days=int(days) if days else None,
            plan=self.plan_line(),
        )

    @staticmethod
    def starting(due_on: date, partner: User | None) -> dict[str, Any]:
        """What a new commitment starts from."""
        return {
            "due_on": due_on,
            "partner": partner.code if partner else None,
            "audience": Audience.CIRCLE,
            "remind_days": "1",
        }


class QuickForm(DueForm):
    """Two fields and Enter, from anywhere; with more than one circle, which."""

    text = what_field()
    circle = forms.ChoiceField(label=_("In which circle?"))
    field_order = ["text", "due_on", "circle"]

    def __init__(self, *args: Any, circles: list[Circle], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.circles = {str(circle.code): circle for circle in circles}
        offer(self, "circle", [(code, circle.name) for code, circle in self.circles.items()])
        if len(circles) == 1:
            self.fields["circle"].widget = forms.HiddenInput()
        self.fields["circle"].initial = next(iter(self.circles), None)

    def chosen(self) -> Circle:
        """The circle of the commitment, one of those that the form was given."""
        return self.circles[self.cleaned_data["circle"]]


class LineForm(forms.Form):
    """One line or a few under a commitment."""

    text = CleanField(
        label=_("How is it going?"),
        max_length=500,
        lines=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write a line first.")},
    )


class StepForm(forms.Form):
    """A small step."""

    text = CleanField(label=_("A small step"), max_length=160, error_messages={"required": _("Write the step first.")})


class WhyForm(forms.Form):
    """Why something is let go; empty is fine."""

    why = CleanField(label=_("Why, if you like"), max_length=500, required=False, lines=True)


def quick_form(
    user: User, *, now: datetime, typed: QueryDict | None = None, memberships: list[Membership] | None = None
) -> QuickForm:
    """The two fields that add a commitment from anywhere. `memberships`: the person's, where known."""
    known = circles_for(user) if memberships is None else memberships
    circles = [member.circle for member in known if member.takes_part]
    today = user.today(now)
    due_on = default_due(circles[0], today=today, next_on=None) if circles else today
    return QuickForm(typed, today=today, circles=circles, initial={"due_on": due_on}, auto_id="quick_%s")
