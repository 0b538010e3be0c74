"""Starting a circle on one page: a name, people, a first date; everything else has a good default."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField, offer
from agreements.enums import Start
from circles.enums import Cadence
from circles.forms import AddressesField, CircleForm
from circles.services import CircleDetails
from pages.services import Together
from sessions.formats.library import rules, version_of
from sessions.formats.words import language
from sessions.journeys.library import journey_version_of, shipped_journeys
from sessions.models import FormatVersion
from sessions.planning.schedule_forms import SessionWhenForm
from sessions.planning.services import SessionDetails
from sessions.rules.journey import LENGTHS_OFFERED, SIZES, held


class StartTogetherForm(SessionWhenForm):
    """A circle without anybody to lead it: its name, a journey, the first date, how many you are."""

    name = CleanField(
        label=_("What will you call yourselves?"),
        max_length=80,
        error_messages={"required": _("Give the circle a name.")},
    )
    journey = forms.ChoiceField(label=_("Your journey"))
    others = forms.TypedChoiceField(
        label=_("How many others?"), choices=[(n, n) for n in range(2, SIZES[-1])], coerce=int, initial=2
    )
    minutes = forms.TypedChoiceField(
        label=_("Minutes of a session"), choices=[(n, n) for n in LENGTHS_OFFERED], coerce=int, initial=90
    )
    cadence = forms.ChoiceField(label=_("How often?"), choices=Cadence.choices, initial=Cadence.TWO_WEEKS)
    field_order = ["name", "journey", "date", "time", "zone", "others", "minutes", "cadence"]

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, now=now, **kwargs)
        self.fields["date"].label = _("First session on")
        offer(self, "journey", [(key, rule.text("name", language())) for key, rule in shipped_journeys().items()])

    def together(self) -> Together:
        """All of it, as the service takes it."""
        data = self.cleaned_data
        journey = journey_version_of(data["journey"])
        first = journey.rule.steps[0]
        found = held(first, rules(), data["others"] + 1, data["minutes"])
        circle = CircleDetails(
            name=data["name"],
            time_zone=data["zone"],
            cadence=data["cadence"],
            sessions=len(journey.rule.steps),
            min_size=SIZES[0],
            max_size=SIZES[-1],
        )
        session = SessionDetails(
            local_start=self.local_start(),
            zone=data["zone"],
            format=version_of(found.format if found else first.formats[0]),
            minutes=data["minutes"],
        )
        return Together(circle, journey, session, data["others"])


class StartCircleForm(CircleForm, SessionWhenForm):
    """The circle's own fields and its first session. The circle's zone is the session's."""

    people = AddressesField(
        label=_("Who do you want to invite?"),
        required=False,
        help_text=_("Email addresses: with commas, on lines, or as Name <address>. You can add people later."),
    )
    start = forms.ChoiceField(
        label=_("Start from the agreement for"),
        choices=Start.choices,
        initial=Start.CIRCLE,
        required=False,
        help_text=_("You read it together in the first session and make it your own."),
    )
    # Django takes a field away where its name is None. What can be chosen later is not asked of somebody who begins.
    zone = roles_days = call_in_calendar = name_in_calendar = retention_days = None  # type: ignore[assignment]
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
