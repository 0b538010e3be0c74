"""Starting a circle on one page: a name, people, a first date; everything else has a good default."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.enums import Start
from circles.forms import AddressesField, CircleForm
from sessions.models import FormatVersion
from sessions.planning.schedule_forms import SessionWhenForm
from sessions.planning.services import SessionDetails


class StartCircleForm(CircleForm, SessionWhenForm):
    """The circle's own fields and its first session. The circle's zone is the session's."""

    people = AddressesField(
        label=_("Who do you want to invite?"),
        required=False,
        help_text=_("Email addresses: with commas, on lines, or as Name <address>. You can add people later."),
    )
    start = forms.ChoiceField(
        label=_("The agreement starts from the one for"),
        choices=Start.choices,
        initial=Start.CIRCLE,
        required=False,
        help_text=_("You read it together in the first session and make it your own."),
    )
    zone = roles_days = call_in_calendar = retention_days = None  # type: ignore[assignment]
    field_order = ["name", "people", "date", "time"]

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, now=now, **kwargs)
        self.fields["date"].label = _("First session on")

    def clean(self) -> dict[str, Any]:
        """The first date has to be one that a session can have, by the clock of the zone that was chosen."""
        data = super().clean()
        if {"date", "time", "time_zone"} <= data.keys() and "date" not in self.errors:
            self._check(datetime.combine(data["date"], data["time"]), data["time_zone"])
        return data

    def first_session(self, *, format: FormatVersion, minutes: int) -> SessionDetails:
        """The first date as a session. Its format and minutes are usual ones, which the page does not ask."""
        return SessionDetails(
            local_start=self.local_start(),
            zone=self.cleaned_data["time_zone"],
            format=format,
            minutes=minutes,
        )
