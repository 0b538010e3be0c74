"""Forms before a session: its date, who comes, the issue someone brings, roles."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField, offer
from accounts.models import User
from accounts.services import Refused
from accounts.when import WhenForm
from circles.models import Circle
from sessions.enums import Ask, Fit, Role
from sessions.formats import words
from sessions.formats.selectors import formats_for, version_chosen
from sessions.models import FormatVersion
from sessions.planning.services import SessionWish
from sessions.planning.sitting import History, Sitting, longest, sit_down
from sessions.rules.format import Format, suits
from sessions.rules.reading import LONGEST_SESSION, MOST_PEOPLE

LONGEST_TURN = 180
PAGE_LENGTH = 6000


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
        label=_("Room for, in minutes"),
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
        help_text=_("Members find it on the session's page and in the live room."),
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
        keep: FormatVersion | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, now=now, **kwargs)
        self.circle, self.ring, self.history, self.keep = circle, ring, history, keep
        self.rules = dict(formats_for(circle))
        self.has_newer = keep is not None and self.rules.get(keep.format.ref, keep.rule) != keep.rule
        if keep is not None:
            self.rules[keep.format.ref] = keep.rule
        offer(self, "format", [(key, rule.text("name")) for key, rule in self.rules.items()])
        self.offered: list[tuple[str, str]] = []

    def clean_call_link(self) -> str:
        link = str(self.cleaned_data["call_link"])
        if link and not link.lower().startswith(("https://", "http://")):
            raise ValidationError(_("Enter a link that begins with https://."))
        return link

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "people" in data and data["people"] is None:
            data["people"] = max(2, len(self.ring))
        if not {"format", "people", "minutes"} <= data.keys():
            return data
        rule = self.rules[data["format"]]
        if not suits(rule, data["people"]):
            self.add_error("format", self._unsuitable(rule, data["people"]))
            return data
        self._make_fit(rule, data)
        return data

    def _unsuitable(self, rule: Format, people: int) -> str:
        fits = [other.text("name") for other in self.rules.values() if suits(other, people)]
        said = _("%(name)s is made for %(least)s to %(most)s people, and you expect %(people)s.") % {
            "name": rule.text("name"), "least": rule.least, "most": rule.most, "people": people,
        }  # fmt: skip
        return said + " " + _("These fit: %s.") % ", ".join(fits[:6]) if fits else said

    def _make_fit(self, rule: Format, data: dict[str, Any]) -> None:
        full = longest(rule, data["people"])
        sitting, names = self._sitting(rule, data["people"])
        offered = sitting.choices(rule, room=data["minutes"] * 60)
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
                % {"name": rule.text("name"), "length": full.minutes, "people": data["people"]},
            )

    def _sitting(self, rule: Format, people: int) -> tuple[Sitting, dict[int, str]]:
        """Those who sit down if everybody of the circle comes; so many nameless people otherwise."""
        if people == len(self.ring):
            seats = {user.pk: at for at, user in enumerate(self.ring, start=1)}
            names = {at: user.first for at, user in enumerate(self.ring, start=1)}
            return sit_down(rule, seats, bringing=list(seats), history=self.history), names
        seats = {at: at for at in range(1, people + 1)}
        return sit_down(rule, seats, bringing=list(seats)), {}

    def wish(self) -> SessionWish:
        data = self.cleaned_data
        version = version_chosen(self.circle, data["format"])
        if self.keep is not None and data["format"] == self.keep.format.ref and not data["newest"]:
            version = self.keep
        if version is None:  # put away between two requests
            raise Refused(_("This format was put away. Choose another one."))
        return SessionWish(
            local_start=self.local_start(),
            zone=data["zone"],
            format=version,
            minutes=data["minutes"],
            fit=data["fit"],
            place=data["place"],
            call_link=data["call_link"],
        )


def turn_minutes(posted: QueryDict, people: dict[str, int]) -> tuple[dict[int, int | None], str]:
    """The minutes agreed for people's turns (fields `minutes-<code>`; empty is an equal share), and what is wrong."""
    agreed: dict[int, int | None] = {}
    for code, pk in people.items():
        typed = posted.get(f"minutes-{code}")
        if typed is None:
            continue
        text = typed.strip()
        if not text:
            agreed[pk] = None
        elif text.isascii() and text.isdigit() and len(text) <= 3 and 0 < int(text) <= LONGEST_TURN:
            agreed[pk] = int(text)
        else:
            return {}, _(
                "Write the minutes of a turn as a whole number from 1 to %s, or leave them empty."
            ) % LONGEST_TURN
    return agreed, ""


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

    def __init__(self, *args: Any, before: str = "issue", **kwargs: Any) -> None:
        """`before` is what the format asks for: a written page gets the room of a page."""
        super().__init__(*args, **kwargs)
        if before == "page":
            self.fields["text"] = CleanField(
                label=_("Your page"),
                max_length=PAGE_LENGTH,
                required=False,
                lines=True,
                widget=forms.Textarea(attrs={"rows": 16}),
            )


class RolesForm(forms.Form):
    """Who holds which role of the format."""

    def __init__(self, *args: Any, people: list[User], needed: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.code): person for person in people}
        for role in needed:
            self.fields[role.value] = forms.ChoiceField(
                label=role.label.capitalize(), choices=[(code, str(p)) for code, p in self.people.items()]
            )

    def holders(self) -> dict[str, User]:
        return {role: self.people[code] for role, code in self.cleaned_data.items()}
