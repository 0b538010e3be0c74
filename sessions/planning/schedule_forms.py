"""The forms that put sessions into the calendar: one or a series, changed, cancelled."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField, offer
from accounts.models import User
from accounts.refusals import Refused
from accounts.rules.clean import whole_number
from accounts.when import FURTHEST, DateField, WhenForm
from circles.enums import Cadence
from circles.models import Circle
from sessions.enums import Fit, Repeat
from sessions.formats import words
from sessions.formats.selectors import formats_for, version_chosen
from sessions.models import FormatVersion
from sessions.planning.series_services import SeriesDetails
from sessions.planning.services import SessionDetails
from sessions.rules.format import FormatRule, suits
from sessions.rules.reading import LONGEST_SESSION, MOST_PEOPLE
from sessions.rules.recurrence import MOST, Rhythm, is_last, slots
from sessions.rules.seating import History, Seating, longest, sit_down


class SessionWhenForm(WhenForm):
    """When a session starts."""

    gone = _("The session must be in the future.")


class ScheduleForm(SessionWhenForm):
    """A session: when, in which format, with how many, for how long, where.

    A format that is not made for so many people is refused with those that are. One that is longer than the room asks
    what gives: `offered` then holds the choices, and `fit` the answer.
    """

    format = forms.ChoiceField(label=_("Which format?"), widget=forms.RadioSelect)
    people = forms.IntegerField(
        label=_("How many will come?"),
        min_value=2,
        max_value=MOST_PEOPLE,
        required=False,
    )
    minutes = forms.IntegerField(
        label=_("Time booked (minutes)"),
        min_value=15,
        max_value=LONGEST_SESSION,
        error_messages={"required": _("Say how many minutes you have.")},
    )
    fit = forms.ChoiceField(choices=Fit.choices, required=False)
    place = CleanField(label=_("Place"), max_length=200, required=False)
    call_link = forms.URLField(
        label=_("Link to the video call"),
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": _("Enter the whole link, such as https://meet.example.org/rowan.")},
    )
    newest = forms.BooleanField(label=_("Take the format as it is now"), required=False)
    field_order = ["format", "newest", "date", "time", "zone", "people", "minutes", "fit", "place", "call_link"]

    def __init__(
        self,
        *args: Any,
        now: datetime,
        circle: Circle,
        ring: list[User],
        history: History,
        likely: int = 2,
        keep: FormatVersion | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, now=now, **kwargs)
        self.circle, self.ring, self.history, self.keep = circle, ring, history, keep
        self.likely, self.warned = likely, ""
        self.rules = dict(formats_for(circle))
        self.has_newer = keep is not None and self.rules.get(keep.format.ref, keep.rule) != keep.rule
        if keep is not None:
            self.rules[keep.format.ref] = keep.rule
        offer(self, "format", [(key, rule.text("name")) for key, rule in self.rules.items()])
        self.offered: list[tuple[str, str]] = []

    @property
    def opens_more(self) -> bool:
        """Whether what is seldom changed is wrong or is not as usual, so that it must not stay folded."""
        if {"zone", "people", "also"} & self.errors.keys() or self["zone"].value() != self.circle.time_zone:
            return True
        return "also" in self.fields and bool(self["also"].value())

    def clean_call_link(self) -> str:
        """Only http and https: the link is shown to everybody, and others run in the browser."""
        link = str(self.cleaned_data["call_link"])
        if link and not link.lower().startswith(("https://", "http://")):
            raise ValidationError(_("Enter a link that begins with https://."))
        return link

    def clean(self) -> dict[str, Any]:
        """Whether the format fits people and minutes, or what may give.

        Without a number of people it is those who are likely to come. A format that does not suit so many is advised
        against (`warned`), and planned for the nearest number that it suits.
        """
        data = super().clean()
        if "people" in data and data["people"] is None:
            data["people"] = self.likely
        if not {"format", "people", "minutes"} <= data.keys():
            return data
        rule = self.rules[data["format"]]
        if not suits(rule, data["people"]):
            # Who comes is not known yet, so that this is a word of advice and keeps nobody from setting a date.
            self.warned = self._unsuitable(rule, data["people"])
        self._make_fit(rule, min(max(data["people"], rule.least), rule.most), data)
        return data

    def _unsuitable(self, rule: FormatRule, people: int) -> str:
        fits = [other.text("name") for other in self.rules.values() if suits(other, people)]
        said = _("%(name)s is made for %(least)s to %(most)s people, and you expect %(people)s.") % {
            "name": rule.text("name"), "least": rule.least, "most": rule.most, "people": people,
        }  # fmt: skip
        return said + " " + _("These fit: %s.") % ", ".join(fits[:6]) if fits else said

    def _make_fit(self, rule: FormatRule, people: int, data: dict[str, Any]) -> None:
        """What gives where `people` of those expected do not fit into the minutes; it goes into `data`."""
        full = longest(rule, people)
        seating, names = self._seating(rule, people)
        offered = seating.choices(rule, room=data["minutes"] * 60)
        self.offered = [(choice.kind, words.choice(rule, choice, names)) for choice in offered]
        if not offered:
            data["fit"] = Fit.ASK
        elif data.get("fit") == Fit.LONGER:
            if full.minutes > LONGEST_SESSION:
                self.add_error("minutes", _("Choose at most %s minutes.") % LONGEST_SESSION)
            data["minutes"] = -(-full.minutes // 5) * 5
        elif data.get("fit") not in [kind for kind, _said in self.offered]:
            self.add_error(
                "minutes",
                _("%(name)s takes %(length)s minutes for %(people)s people. Say what gives.")
                % {"name": rule.text("name"), "length": full.minutes, "people": people},
            )

    def _seating(self, rule: FormatRule, people: int) -> tuple[Seating, dict[int, str]]:
        """Those who sit down if everybody of the circle comes; so many nameless people otherwise."""
        if people == len(self.ring):
            seats = {user.pk: at for at, user in enumerate(self.ring, start=1)}
            names = {at: user.first for at, user in enumerate(self.ring, start=1)}
            return sit_down(rule, seats, bringing=list(seats), history=self.history), names
        seats = {at: at for at in range(1, people + 1)}
        return sit_down(rule, seats, bringing=list(seats)), {}

    def details(self) -> SessionDetails:
        """What was typed, for the service.

        An edited session keeps its version of the format unless the newer one is ticked. Refused where the format was
        put away between two requests.
        """
        data = self.cleaned_data
        version = version_chosen(self.circle, data["format"])
        if self.keep is not None and data["format"] == self.keep.format.ref and not data["newest"]:
            version = self.keep
        if version is None:  # put away between two requests
            raise Refused(_("This format was archived. Choose another one."))
        return SessionDetails(
            local_start=self.local_start(),
            zone=data["zone"],
            format=version,
            minutes=data["minutes"],
            fit=data["fit"],
            place=data["place"],
            call_link=data["call_link"],
        )


REPEATS = [
    ("once", _("once, no repeat")),
    ("1", _("every week")),
    *((str(n), _("every %s weeks") % n) for n in (2, 3, 4, 6, 8)),
    (Repeat.MONTH.value, _("every month, on the same weekday (such as the second Thursday)")),
    (Repeat.MONTH_LAST.value, _("every month, on the last such weekday")),
]
REPEAT_OF = {
    Cadence.WEEKLY.value: "1", Cadence.TWO_WEEKS.value: "2", Cadence.THREE_WEEKS.value: "3",
    Cadence.MONTHLY.value: Repeat.MONTH.value,
}  # fmt: skip
TURNS_AT_MOST = 3


class SeriesForm(ScheduleForm):
    """One session, or a series of them: how it repeats and when it ends. A day given as the end decides."""

    repeat = forms.ChoiceField(label=_("Repeat"), choices=REPEATS, required=False)
    count = forms.IntegerField(
        label=_("How many sessions"),
        min_value=1,
        max_value=MOST,
        required=False,
    )
    until = DateField(label=_("or until"), required=False)
    also = CleanField(
        label=_("Other times, in turn"),
        max_length=20,
        required=False,
        help_text=_("One or two, such as 08:00, 20:00. The sessions then take turns, so that nobody always pays."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        posted = self.data.getlist("skip") if isinstance(self.data, QueryDict) else []
        # Days to leave out are ticked, not typed: what is no day is not there.
        self.skip = frozenset(filter(None, map(_as_day, posted[:MOST])))
        self.rhythm: Rhythm | None = None

    def clean_also(self) -> tuple[time, ...]:
        """Other times of the day that the series takes in turn, to the minute; two at most."""
        parts = str(self.cleaned_data["also"]).replace(",", " ").split()
        try:
            times = tuple(time.fromisoformat(part) for part in parts)
        except ValueError as error:
            raise ValidationError(_("Enter times such as 08:00, 20:00.")) from error
        if len(times) >= TURNS_AT_MOST:
            raise ValidationError(_("At most two other times."))
        if any(at.second or at.microsecond or at.tzinfo for at in times):
            raise ValidationError(_("Enter times such as 08:00, 20:00."))
        return times

    def clean(self) -> dict[str, Any]:
        """A series needs an end, by number or by day; a single date needs neither."""
        data = super().clean()
        if data.get("repeat") in (None, "", "once") or not {"date", "time", "zone"} <= data.keys():
            return data
        if not data.get("count") and not data.get("until") and not {"count", "until"} & self.errors.keys():
            self.add_error("count", _("Say how many sessions, or until when."))
        elif not {"date", "count", "until", "also"} & self.errors.keys():
            self.rhythm = self._rhythm(data)
        return data

    def _rhythm(self, data: dict[str, Any]) -> Rhythm | None:
        day, until, repeat = data["date"], data.get("until"), data["repeat"]
        if until and until < day:
            self.add_error("until", _("The end must not come before the first session."))
            return None
        if until and until > self.now.date() + FURTHEST:
            self.add_error("until", _("Choose a date within the next two years."))
            return None
        if repeat == Repeat.MONTH_LAST and not is_last(day):
            self.add_error("date", _("This is not the last such weekday of its month. Choose that one."))
            return None
        weeks = whole_number(repeat, most=99)
        rhythm = Rhythm(
            first=day,
            times=tuple(dict.fromkeys((data["time"], *data.get("also", ())))),
            repeat=Repeat.WEEKS.value if weeks else repeat,
            weeks=weeks or 1,
            count=None if until else data["count"],
            until=until,
        )
        last = slots(rhythm, self.skip)[-1:]
        if last and last[0].on > self.now.date() + FURTHEST:
            self.add_error("count", _("That goes on for more than two years. Choose fewer, or an end."))
            return None
        return rhythm

    def series_details(self) -> SeriesDetails | None:
        """None for a single session."""
        return SeriesDetails(self.details(), self.rhythm, self.skip) if self.rhythm else None


def _as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class ChangeForm(ScheduleForm):
    """A planned session changed: this one, or with all that follow in its series.

    `seen` and `seen_series` are what the person had before them, so that two people do not undo each other.
    """

    THIS, FOLLOWING = "this", "following"

    scope = forms.ChoiceField(
        label=_("Which sessions?"),
        choices=[(THIS, _("only this one")), (FOLLOWING, _("this and all that follow"))],
        widget=forms.RadioSelect,
        initial=THIS,
        required=False,
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=10**9)
    seen_series = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=10**9)

    def __init__(self, *args: Any, in_series: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not in_series:
            del self.fields["scope"], self.fields["seen_series"]

    @property
    def follows(self) -> bool:
        """Whether the change is for this and all that follow, not for this one alone."""
        return self.cleaned_data.get("scope") == self.FOLLOWING


class CancelForm(forms.Form):
    """Why a session is cancelled, if somebody wants to say so; and whether the others of its series are too."""

    THIS, SKIP, FOLLOWING = "this", "skip", "following"

    reason = CleanField(
        label=_("A reason, if you like"),
        max_length=200,
        required=False,
        help_text=_("This goes out by mail: nothing confidential, such as “too few can come”."),
    )
    scope = forms.ChoiceField(
        label=_("Which sessions?"),
        choices=[
            (THIS, _("only this one")),
            (SKIP, _("leave this date out, and meet once more at the end")),
            (FOLLOWING, _("this and all that follow")),
        ],
        widget=forms.RadioSelect,
        initial=THIS,
        required=False,
    )

    # How many dates the page listed: more or fewer by now are not cancelled unseen.
    listed = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=1000)

    def __init__(self, *args: Any, in_series: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not in_series:
            del self.fields["scope"], self.fields["listed"]
