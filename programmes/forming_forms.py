"""The forms of the board on which circles are made."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField, offer
from accounts.models import User
from accounts.when import FURTHEST, ClockField, DateField
from programmes.models import DraftCircle


class RoundForm(forms.Form):
    """When the circles that are made now first meet."""

    first_on = DateField(
        label=_("The circles first meet in the week from"),
        help_text=_("Each at a time that its people share; you can choose another for each."),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_first_on(self) -> date:
        """The day when circles of the round meet first: tomorrow at the earliest."""
        day: date = self.cleaned_data["first_on"]
        if not self.today < day <= self.today + FURTHEST:
            raise ValidationError(_("Choose a day that is still to come, within two years."))
        return day


class DraftForm(forms.Form):
    """A circle on the board."""

    name = CleanField(label=_("Name"), max_length=80)
    facilitator = forms.ChoiceField(label=_("Looks after it"), required=False)
    first_on = DateField(label=_("First session on"), required=False)
    first_at = ClockField(label=_("at"), required=False)

    def __init__(
        self,
        *args: Any,
        people: Mapping[str, tuple[User, str]],
        now: datetime,
        meets: datetime | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people, self.now = people, now
        if meets and not (self.initial.get("first_on") and self.initial.get("first_at")):
            self.fields["first_on"].help_text = _("Left empty: %(when)s, the first time that all of them can meet.") % {
                "when": date_format(meets, "l j F, H:i")
            }
        offer(self, "facilitator", [("", _("Nobody yet")), *((code, label) for code, (_u, label) in people.items())])

    def clean_first_on(self) -> date | None:
        """May stay empty: the first day on which all of them have time is taken then. Today is early enough."""
        day: date | None = self.cleaned_data["first_on"]
        if day and not self.now.date() <= day <= self.now.date() + FURTHEST:
            raise ValidationError(_("Choose a day that is still to come, within two years."))
        return day

    def facilitator_chosen(self) -> User | None:
        """None while nobody is chosen: the circle can stay on the board, and cannot be made."""
        code = self.cleaned_data["facilitator"]
        return self.people[code][0] if code else None


class PlaceForm(forms.Form):
    """Into which circle of the board somebody is put."""

    draft = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, drafts: Sequence[DraftCircle], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drafts = {str(one.code): one for one in drafts}
        offer(self, "draft", [("", ""), *((code, code) for code in self.drafts)])

    def chosen(self) -> DraftCircle | None:
        """The circle of the board that somebody is moved into; None takes them out of all."""
        return self.drafts.get(self.cleaned_data["draft"])
