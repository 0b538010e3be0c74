"""Forms before a session: its date, who comes, the issue someone brings, roles."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField, TimeZoneField
from accounts.models import User
from accounts.zones import exists, next_valid, to_instant
from agreements.forms import DateField
from sessions.enums import Ask, Role
from sessions.formats.library import rules
from sessions.planning.services import SessionWish

FURTHEST = timedelta(days=731)


def format_choices() -> list[tuple[str, str]]:
    return [(key, rule.text("name")) for key, rule in rules().items()]


class WhenForm(forms.Form):
    """A date, a wall time and the zone they are meant in."""

    date = DateField(label=_("Date"))
    time = forms.TimeField(
        label=_("Starts at"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Enter a time such as 16:00.")},
    )
    zone = TimeZoneField(label=_("In the time of"))

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not {"date", "time", "zone"} <= data.keys():
            return data
        try:
            self._check(datetime.combine(data["date"], data["time"]), data["zone"])
        except OverflowError:
            self.add_error("date", _("Choose a date within the next two years."))
        return data

    def _check(self, local: datetime, zone: str) -> None:
        if local.date() > self.now.date() + FURTHEST:
            self.add_error("date", _("Choose a date within the next two years."))
        elif local.date() < self.now.date() - timedelta(days=2) or to_instant(local, zone) <= self.now:
            self.add_error("date", _("The session must be in the future."))
        elif not exists(local, zone):
            valid = next_valid(local, zone).strftime("%H:%M")
            self.add_error(
                "time",
                _("The clocks change that day and there is no such time; the first one after it is %s.") % valid,
            )

    def local_start(self) -> datetime:
        """The wall time, without a zone; only after the form was found valid."""
        day: date = self.cleaned_data["date"]
        at: time = self.cleaned_data["time"]
        return datetime.combine(day, at)


class ScheduleForm(WhenForm):
    """A session: when, in which format, for how long, where."""

    format = forms.ChoiceField(label=_("Which format?"), choices=format_choices, widget=forms.RadioSelect)
    minutes = forms.IntegerField(
        label=_("Room for, in minutes"),
        min_value=15,
        max_value=480,
    )
    place = CleanField(label=_("Place"), max_length=200, required=False)
    call_link = forms.URLField(
        label=_("Link to the video call"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("Members find it on the session's page and in the live room."),
        error_messages={"invalid": _("Enter the whole link, such as https://meet.example.org/rowan.")},
    )
    field_order = ["format", "date", "time", "zone", "minutes", "place", "call_link"]

    def clean_call_link(self) -> str:
        link = str(self.cleaned_data["call_link"])
        if link and not link.lower().startswith(("https://", "http://")):
            raise ValidationError(_("Enter a link that begins with https://."))
        return link

    def wish(self) -> SessionWish:
        data = self.cleaned_data
        return SessionWish(
            local_start=self.local_start(),
            zone=data["zone"],
            format_key=data["format"],
            minutes=data["minutes"],
            place=data["place"],
            call_link=data["call_link"],
        )


class IssueForm(forms.Form):
    """What someone brings: a title, a few lines, and what they ask of the others."""

    title = CleanField(
        label=_("Your issue, in one sentence"),
        max_length=160,
        error_messages={"required": _("Say in one sentence what it is about.")},
    )
    text = CleanField(label=_("A few lines, if they help"), max_length=2000, required=False, lines=True)
    ask = forms.ChoiceField(
        label=_("What do you want from the others?"),
        choices=Ask.choices,
        widget=forms.RadioSelect,
        initial=Ask.QUESTIONS,
    )


class RolesForm(forms.Form):
    """Who hosts, keeps the time and takes notes."""

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.code): person for person in people}
        for role in Role:
            self.fields[role.value] = forms.ChoiceField(
                label=role.label.capitalize(), choices=[(code, str(p)) for code, p in self.people.items()]
            )

    def holders(self) -> dict[str, User]:
        return {role: self.people[code] for role, code in self.cleaned_data.items()}
