"""Asking for a day, and for a day with a time in a zone."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import TimeZoneField
from accounts.rules.zones import exists, next_valid, to_instant

FURTHEST = timedelta(days=731)


class DateField(forms.DateField):
    """A day, with the browser's own picker."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        options.setdefault("error_messages", {"invalid": _("Enter a date such as 2027-01-31.")})
        super().__init__(**options)


class ClockField(forms.TimeField):
    """A wall time, with the browser's own picker."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
        options.setdefault("error_messages", {"invalid": _("Enter a time such as 16:00.")})
        super().__init__(**options)


class WhenForm(forms.Form):
    """A date, a wall time and the zone they are meant in. `gone` says what must not be in the past."""

    gone = _("Choose a time that is still to come.")

    date = DateField(label=_("Date"))
    time = ClockField(label=_("Starts at"))
    zone = TimeZoneField(label=_("Time zone"))

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
            self.add_error("date", self.gone)
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
