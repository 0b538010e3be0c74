"""The forms of the board on which circles are made."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField, offer
from accounts.models import User
from accounts.when import FURTHEST, ClockField, DateField
from programmes.board_page_selectors import SHOWN, BoardFilter
from programmes.enums import EnrolmentStatus
from programmes.models import DraftCircle, Enrolment, Round


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


class MoveForm(forms.Form):
    """Whom to move on the board, by ticks, and into which circle; an empty one lets them wait."""

    who = forms.MultipleChoiceField(error_messages={"required": _("Tick whom you want to move.")})
    to = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asking = Enrolment.objects.filter(programme=round_.programme_id, status=EnrolmentStatus.ENROLLED)
        self.people = {str(code): pk for code, pk in asking.values_list("code", "pk")}
        self.drafts = {str(one.code): one for one in DraftCircle.objects.filter(round=round_)}
        offer(self, "who", [(code, code) for code in self.people])
        offer(self, "to", [("", ""), *((code, code) for code in self.drafts)])

    def codes(self) -> list[str]:
        """Who is ticked, as the page names them."""
        return list(self.cleaned_data["who"])

    def keys(self) -> list[int]:
        """Who is ticked, by the keys of their enrolments."""
        return [self.people[code] for code in self.cleaned_data["who"]]

    def moves(self) -> dict[int, DraftCircle | None]:
        """Where everybody goes who is ticked."""
        return dict.fromkeys(self.keys(), self.drafts.get(self.cleaned_data["to"]))


class BoardFilterForm(forms.Form):
    """Which circles of a board are shown."""

    q = CleanField(required=False, max_length=80)
    show = forms.ChoiceField(required=False)
    day = forms.ChoiceField(required=False)
    open = forms.UUIDField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "show", [("", ""), *((one, one) for one in SHOWN)])
        offer(self, "day", [("", ""), *((str(day), day) for day in range(7))])

    def asked(self) -> BoardFilter:
        """What was asked for; nothing of it while something is wrong."""
        if not self.is_bound or not self.is_valid():
            return BoardFilter()
        data = self.cleaned_data
        return BoardFilter(data["q"], data["show"], int(data["day"]) if data["day"] else None, data["open"])


class LateForm(forms.Form):
    """Which circle is asked for somebody who came late; whether it has a place is asked under the lock."""

    circle = forms.UUIDField(error_messages={"required": _("Choose a circle first.")})
