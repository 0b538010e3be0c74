"""The second line of a commitment, for its owner alone: when they do it, and what if something is in the way."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField
from accounts.models import User
from accounts.rules.zones import to_local
from accounts.when import ClockField, DateField
from agreements.rules.plans import PLAN_AT_MOST, Cue, PlanLine

TIME, PLACE, AFTER = "time", "place", "after"
CUES = [(TIME, _("at a time")), (PLACE, _("in a place")), (AFTER, _("after something"))]
OTHER_DAY = "other"
DAYS_NAMED = 7
PLANNED_AT_MOST = timedelta(days=366)
# Whoever names a day and no hour is reminded when other reminders come.
USUAL_HOUR = time(9)


@dataclass(frozen=True)
class Planning:
    """Where a form offers the line: the moment it is shown, and the zone its hours are meant in."""

    now: datetime
    zone: str

    @classmethod
    def of(cls, user: User, now: datetime, *, offered: bool) -> "Planning | None":
        """For one person, where they are now; None where their circle is not offered the line."""
        return cls(now, user.time_zone) if offered else None

    @property
    def today(self) -> date:
        """The day there."""
        return to_local(self.now, self.zone).date()

    def days(self) -> list[tuple[str, str]]:
        """The next seven days by their names, and any other."""
        days = [self.today + timedelta(days=number) for number in range(DAYS_NAMED)]
        named = [(day.isoformat(), date_format(day, "l j F")) for day in days]
        named[0] = (named[0][0], _now("today"))
        return [("", "–"), *named, (OTHER_DAY, _now("another day"))]


class PlanFields(forms.Form):
    """Fields of a plan, for a form that has `due_on`; without `planning` there are none. None has to be filled in.

    The chips say which kind of cue it is, so that an example fits; only a time is kept, since it can remind.
    """

    plan = CleanField(
        label=_("“When …, I will …”, if you like"),
        max_length=PLAN_AT_MOST,
        required=False,
        help_text=_("Naming the moment helps many people to keep it. Only you see this line."),
    )
    cue = forms.ChoiceField(label=_("It begins"), choices=CUES, widget=forms.RadioSelect, required=False)
    cue_day = forms.CharField(label=_("Which day?"), widget=forms.Select, required=False, max_length=10)
    cue_on = DateField(label=_("Another day"), required=False)
    cue_at = ClockField(label=_("At what time?"), required=False)
    hurdle = CleanField(
        label=_("If this gets in the way …, then I will …"),
        max_length=PLAN_AT_MOST,
        required=False,
        help_text=_("For yourself too."),
    )

    PLANNED = ("plan", "cue", "cue_day", "cue_on", "cue_at", "hurdle")

    def __init__(self, *args: Any, planning: Planning | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.planning = planning
        if planning is None:
            for name in self.PLANNED:
                del self.fields[name]
            return
        self.fields["cue_day"].widget.choices = planning.days()

    def clean(self) -> dict[str, Any]:
        """The cue, whole or not at all, still to come and not after the date."""
        data = super().clean() or {}
        if self.planning is None:
            return data
        if data.get("cue") not in (PLACE, AFTER):
            data["cue_time"] = self._cue(data, self.planning)
        if (data.get("plan") or data.get("hurdle")) and not data.get("text") and "text" not in self.errors:
            self.add_error("text", _("Write what you will do as well; the plan goes with it."))
        return data

    def _cue(self, data: dict[str, Any], planning: Planning) -> Cue | None:
        day, at = self._day(data), data.get("cue_at")
        if day is None:
            if at and not self.errors.keys() & {"cue_day", "cue_on"}:
                self.add_error("cue_day", _("Choose the day as well."))
            return None
        cue = Cue(day, at or USUAL_HOUR, planning.zone)
        # First whether it is a day to reckon with: the last of the calendar has no instant in some zones.
        if day > data.get("due_on", planning.today + PLANNED_AT_MOST):
            self.add_error(self._day_field(data), _("That is after the day it is for. Choose an earlier one."))
        elif day < planning.today or cue.instant <= planning.now:
            field = "cue_at" if day == planning.today else self._day_field(data)
            self.add_error(field, _("That time is over. Choose one that is still to come."))
        return cue

    @staticmethod
    def _day_field(data: dict[str, Any]) -> str:
        return "cue_on" if data.get("cue_day") in ("", OTHER_DAY) else "cue_day"

    def plan_open(self) -> bool:
        """Whether the plan is shown at once: something of it is wrong, or was just typed. Else it is folded."""
        asked = [name for name in self.PLANNED if name in self.fields]
        typed = self.is_bound and any(self[name].value() for name in asked if name in ("plan", "hurdle"))
        return typed or any(self[name].errors for name in asked)

    def _day(self, data: dict[str, Any]) -> date | None:
        chosen = data.get("cue_day", "")
        if chosen == OTHER_DAY and not data.get("cue_on") and "cue_on" not in self.errors:
            self.add_error("cue_on", _("Choose the day."))
        if chosen in ("", OTHER_DAY):
            return data.get("cue_on")
        try:
            return date.fromisoformat(chosen)
        except ValueError:
            self.add_error("cue_day", _("Choose a day from the list."))
            return None

    def plan_line(self) -> PlanLine | None:
        """What was typed, for the service; None where the form did not ask."""
        data = self.cleaned_data
        if self.planning is None:
            return None
        return PlanLine(data.get("plan", ""), data.get("hurdle", ""), data.get("cue_time"))

    @staticmethod
    def plan_starting(plan: PlanLine, planning: Planning | None) -> dict[str, Any]:
        """What the fields start from where a plan stands already."""
        cue = plan.cue
        if planning is None:
            return {}
        started: dict[str, Any] = {"plan": plan.line, "hurdle": plan.hurdle}
        # A time that is over is not offered again: it would be refused.
        if cue is None or cue.instant <= planning.now:
            return started
        named = cue.on < planning.today + timedelta(days=DAYS_NAMED)
        day = {"cue_day": cue.on.isoformat()} if named else {"cue_day": OTHER_DAY, "cue_on": cue.on}
        return started | day | {"cue": TIME, "cue_at": cue.at}
