"""Forms for finding a time: which season is looked at, and which dates are asked about."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import Level
from accounts.rules.zones import exists, to_instant
from accounts.when import FURTHEST, ClockField, DateField
from sessions.models import PollOption, TimePoll
from sessions.rules.reading import LONGEST_SESSION

ASKED_AT_MOST = 8
SHOWN_AT_FIRST = 4
MOST_LOOKED_AT = 26


class FindForm(forms.Form):
    """Which dates count: from when on, how many, how far apart, for how long."""

    number = forms.IntegerField(label=_("Sessions"), min_value=1, max_value=MOST_LOOKED_AT)
    weeks = forms.IntegerField(label=_("Every so many weeks"), min_value=1, max_value=12)
    minutes = forms.IntegerField(label=_("For how many minutes"), min_value=15, max_value=LONGEST_SESSION)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields = {"from": DateField(label=_("From")), **self.fields}

    def clean(self) -> dict[str, Any]:
        """From yesterday on, since where the person is it may be today yet; two years ahead at most."""
        data = super().clean() or {}
        day = data.get("from")
        if day and not self.now.date() - timedelta(days=1) <= day <= self.now.date() + FURTHEST:
            self.add_error("from", _("Choose a date within the next two years."))
        return data


class PollForm(forms.Form):
    """Up to eight dates with their times, in the circle's zone; lines left empty do not count."""

    def __init__(self, *args: Any, now: datetime, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.zone = now, zone
        for at in range(ASKED_AT_MOST):
            self.fields[f"date{at}"] = DateField(label=_("Date %s") % (at + 1), required=False)
            self.fields[f"time{at}"] = ClockField(label=_("at"), required=False)

    def first_lines(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Day and hour of each line that is open from the first."""
        return self._lines(0, SHOWN_AT_FIRST)

    def more_lines(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Those behind a fold."""
        return self._lines(SHOWN_AT_FIRST, ASKED_AT_MOST)

    def more_named(self) -> bool:
        """Whether something stands behind the fold, or is wrong there."""
        return any(field.value() or field.errors for line in self.more_lines() for field in line)

    def _lines(self, first: int, end: int) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"date{at}"], self[f"time{at}"]) for at in range(first, end)]

    def clean(self) -> dict[str, Any]:
        """Two times at least, each with day and hour, none of them twice."""
        data = super().clean() or {}
        seen: set[datetime] = set()
        for at in range(ASKED_AT_MOST):
            day, hour = data.get(f"date{at}"), data.get(f"time{at}")
            if not {f"date{at}", f"time{at}"} & self.errors.keys():
                self._check(at, day, hour, seen)
        if len(seen) < 2 and not self.errors:
            self.add_error("date1", _("Ask about at least two times."))
        return data

    def _check(self, at: int, day: Any, hour: Any, seen: set[datetime]) -> None:
        if bool(day) != (hour is not None):
            missing = f"time{at}" if day else f"date{at}"
            self.add_error(missing, _("Give both the day and the time, or neither."))
            return
        if not day:
            return
        local = datetime.combine(day, hour)
        if day > self.now.date() + FURTHEST:
            self.add_error(f"date{at}", _("Choose a date within the next two years."))
        elif to_instant(local, self.zone) <= self.now:
            self.add_error(f"date{at}", _("Choose a time that is still to come."))
        elif not exists(local, self.zone):
            self.add_error(f"time{at}", _("The clocks change that day and there is no such time."))
        elif local in seen:
            self.add_error(f"date{at}", _("This time stands above already."))
        else:
            seen.add(local)

    def starts(self) -> list[datetime]:
        """Times of the wall clock, in the order of the lines; empty lines are left out."""
        data = self.cleaned_data
        return [
            datetime.combine(data[f"date{at}"], data[f"time{at}"])
            for at in range(ASKED_AT_MOST)
            if data.get(f"date{at}")
        ]


def levels_posted(posted: Mapping[str, Any], poll: TimePoll) -> dict[int, str]:
    """How each time suits the person (fields `level-<code>`), by the id of the option; what makes no sense is left."""
    return {
        option.pk: str(posted[f"level-{option.code}"])
        for option in PollOption.objects.filter(poll=poll)
        if posted.get(f"level-{option.code}") in Level.values
    }
