"""Forms of programmes: setting one up, asking for a place, a file of people, the board."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.fields import AddressField, CleanField, TimeZoneField, offer
from accounts.models import User
from accounts.when import FURTHEST, ClockField, DateField
from agreements.enums import Start
from circles.enums import Cadence
from circles.forms import AddressesField
from programmes.enrolment_services import Yes
from programmes.enums import ATTRIBUTES, Asked
from programmes.models import DraftCircle, Programme
from programmes.participation_selectors import Filter
from programmes.rules.people_file import LETTERS, NAMES, Mistake, People, Table, grouped, people_of, read_people
from programmes.services import ProgrammeWish
from sessions.formats.cards import cards
from sessions.formats.library import rules
from sessions.rules.reading import LONGEST_SESSION

LONGEST = timedelta(days=3 * 366)


class ProgrammeForm(forms.Form):
    """What a programme says of itself; everything but the name and the dates has a good default."""

    name = CleanField(label=_("Name of the programme"), max_length=80)
    purpose = CleanField(
        label=_("What is it for?"),
        max_length=600,
        required=False,
        lines=True,
        help_text=_("People read this before they ask for a place."),
    )
    welcome = CleanField(
        label=_("Welcome"),
        max_length=2000,
        required=False,
        lines=True,
        help_text=_("For those who have a place: how it goes on, whom to ask."),
    )
    is_pilot = forms.BooleanField(
        label=_("This is a pilot"), required=False, help_text=_("Said on the page, so that people know what to expect.")
    )
    time_zone = TimeZoneField(label=_("Time zone of the programme"))
    starts_on = DateField(label=_("From"))
    ends_on = DateField(label=_("until"))
    sessions = forms.IntegerField(
        label=_("How many sessions does a circle promise?"),
        min_value=1,
        max_value=24,
        help_text=_("Six is what most circles promise each other before they judge whether it works."),
    )
    cadence = forms.ChoiceField(label=_("How often does a circle meet?"), choices=Cadence.choices)
    min_size = forms.IntegerField(label=_("Smallest circle"), min_value=2, max_value=12)
    max_size = forms.IntegerField(label=_("Largest circle"), min_value=2, max_value=12)
    minutes = forms.IntegerField(label=_("Minutes a session"), min_value=15, max_value=LONGEST_SESSION)
    format_key = forms.ChoiceField(label=_("Format its circles begin with"))
    agreement = forms.ChoiceField(label=_("Their agreement starts from the one for"), choices=Start.choices)
    practice = forms.BooleanField(
        label=_("Begin with session 0, to practise"),
        required=False,
        help_text=_(
            "A week before the first session, not one of those promised: a triad where they are three, else a kick-off."
        ),
    )
    cards = forms.MultipleChoiceField(
        label=_("Cards to read before the first session"), required=False, widget=forms.CheckboxSelectMultiple
    )
    is_open = forms.BooleanField(
        label=_("Anybody who has the address of its page may ask for a place"),
        required=False,
        help_text=_("Otherwise people need an invitation."),
    )
    enrol_until = DateField(label=_("Last day to ask for a place"), required=False)
    places = forms.IntegerField(
        label=_("How many places are there?"),
        min_value=2,
        max_value=5000,
        required=False,
        help_text=_("Whoever comes later waits in line. Empty is as many as come."),
    )
    asks = forms.MultipleChoiceField(
        label=_("What else do you ask of people?"),
        choices=Asked.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what you need to make circles. Every question may be left empty."),
    )
    kickoff_date = DateField(label=_("Kick-off of everybody, if there is one"), required=False)
    kickoff_time = ClockField(label=_("at"), required=False)
    kickoff_place = CleanField(label=_("Where, or by which link"), max_length=200, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        offer(self, "format_key", [(key, rule.text("name", "en")) for key, rule in rules().items()])
        offer(self, "cards", [(key, card.name) for key, card in cards().items()])

    def clean(self) -> dict[str, Any]:
        """Three years at most, beginning within two; sizes in their order; a kick-off has a day and a time."""
        data = super().clean() or {}
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day must not come before the first."))
        elif first and last and last - first > LONGEST:
            self.add_error("ends_on", _("A programme lasts three years at most. Begin another one after it."))
        if first and not self.today - LONGEST <= first <= self.today + FURTHEST:
            self.add_error("starts_on", _("Choose a date within the next two years."))
        low, high = data.get("min_size"), data.get("max_size")
        if low and high and low > high:
            self.add_error("max_size", _("The largest size must be at least the smallest, %(n)s.") % {"n": low})
        if bool(data.get("kickoff_date")) != bool(data.get("kickoff_time")):
            missing = "kickoff_time" if data.get("kickoff_date") else "kickoff_date"
            if missing not in self.errors:
                self.add_error(missing, _("Give both the day and the time, or neither."))
        return data

    @staticmethod
    def starting(time_zone: str, today: date) -> dict[str, Any]:
        """The defaults a new programme starts from: a pilot of half a year."""
        wish = ProgrammeWish("", time_zone, today, today + timedelta(days=182), cards=list(cards()))
        asked = [Asked.FUNCTION.value, Asked.LOCATION.value, Asked.MANAGER.value]
        return {name: getattr(wish, name) for name in ProgrammeForm.base_fields if name != "name"} | {"asks": asked}

    @staticmethod
    def of(programme: Programme) -> dict[str, Any]:
        """What the form shows of a programme that exists."""
        return {name: getattr(programme, name) for name in ProgrammeForm.base_fields}

    def wish(self) -> ProgrammeWish:
        """What was typed, for the service, whose fields are this form's."""
        return ProgrammeWish(**self.cleaned_data)


class AdminForm(forms.Form):
    """Whom to ask whether they would administer the programme too."""

    email = AddressField(label=_("Their email address"))


class EnrolForm(forms.Form):
    """A person's own yes, and what they say with it. Only what the programme asks is there."""

    motive = CleanField(label=_("Why would you like to take part?"), max_length=600, required=False, lines=True)
    offers = CleanField(
        label=_("What can you offer the others?"),
        max_length=600,
        required=False,
        lines=True,
        help_text=_("Something you know, have been through, or are good at."),
    )
    function = CleanField(label=_("Your function or department"), max_length=120, required=False)
    location = CleanField(label=_("Where you work"), max_length=120, required=False)
    level = CleanField(label=_("Your level"), max_length=120, required=False)
    manager = AddressField(
        label=_("Email address of your line manager"),
        required=False,
        help_text=_(
            "So that you are not in one circle with them; where all have said, their circle reads that nobody manages "
            "anybody. They are not written to."
        ),
    )
    languages = CleanField(
        label=_("Languages you would speak in a circle"), max_length=120, required=False, help_text=_("With commas.")
    )
    together = AddressesField(
        label=_("With whom would you like to be?"), required=False, help_text=_("Email addresses, five at most.")
    )
    apart = AddressesField(
        label=_("With whom rather not?"),
        required=False,
        help_text=_(
            "In confidence: no page shows this to anybody but you, and nothing that others see follows from it. It "
            "only keeps this site from proposing a circle with you both. Whoever makes circles by hand does not know "
            "of it and may put you together: you read who is in before you say yes, and decline without a reason."
        ),
    )
    may_facilitate = forms.BooleanField(label=_("I could look after a circle"), required=False)

    def __init__(self, *args: Any, programme: Programme, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for one in Asked.values:
            if one not in programme.asks:
                del self.fields[one]

    def _wished(self, name: str) -> Sequence[str]:
        found = self.cleaned_data.get(name)
        return found.good if found else ()

    def clean(self) -> dict[str, Any]:
        """Five people at most in either wish, none of them oneself or in both, nor oneself as one's manager."""
        data = super().clean() or {}
        for name in ("together", "apart"):
            found = data.get(name)
            if not found:
                continue
            if found.bad:
                self.add_error(name, _("Not an address: %s") % ", ".join(found.bad[:3]))
            elif len(found.good) > 5:
                self.add_error(name, _("Name five people at most."))
            elif self.user.email.lower() in found.good:
                self.add_error(name, _("That is your own address."))
        if "manager" in data and data["manager"].lower() == self.user.email.lower():
            self.add_error("manager", _("That is your own address."))
        both = set(self._wished("together")) & set(self._wished("apart"))
        if both and not {"together", "apart"} & self.errors.keys():
            self.add_error("apart", _("You name the same person in both."))
        return data

    def yes(self) -> Yes:
        """What goes with the yes. Facts that were left empty are left out, so that nothing is known of them."""
        data = self.cleaned_data
        return Yes(
            motive=data["motive"],
            offers=data["offers"],
            facts={one.value: data[one.value] for one in ATTRIBUTES if data.get(one.value)},
            together=self._wished("together"),
            apart=self._wished("apart"),
            may_facilitate=data["may_facilitate"],
        )


LETTER_WORDS: Mapping[str, Any] = {
    "cp1252": _("Windows, Western Europe"),
    "cp1250": _("Windows, Central Europe"),
    "mac_roman": _("Mac, as it was once"),
}
COLUMN_WORDS: Mapping[str, Any] = {
    "email": _("Email address"),
    "name": _("Name"),
    "first": _("First name"),
    "last": _("Last name"),
    "function": _("Function"),
    "location": _("Location"),
    "level": _("Level"),
    "manager": _("Manager"),
    "languages": _("Languages"),
}
assert (set(LETTER_WORDS), set(COLUMN_WORDS)) == (set(LETTERS), set(NAMES))


class PeopleForm(forms.Form):
    """A file of people to invite."""

    file = forms.FileField(
        label=_("A file of people (CSV)"),
        help_text=_(
            "A first line with the names of the columns: email, and as you have them name, function, location, level, "
            "manager, languages."
        ),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )
    letters = forms.ChoiceField(
        label=_("How its letters are written"),
        choices=[("", _("Find out")), *LETTER_WORDS.items()],
        required=False,
        help_text=_("Choose one only where names come out wrong. UTF-8 and UTF-16 are always found out."),
    )

    def people(self) -> People:
        """Reads the file, with the letters that were chosen or those that fit best. Whatever is wrong has its lines."""
        return read_people(self.cleaned_data["file"].read(), letters=self.cleaned_data["letters"])


class ColumnsForm(forms.Form):
    """What stands in which column of a file, said by hand."""

    def __init__(self, *args: Any, table: Table, columns: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        held = {at: key for key, at in columns.items()}
        for at, title in enumerate(table.titles):
            if title or at in held:
                self.fields[f"column-{at}"] = forms.ChoiceField(
                    label=title or _("Column %s") % (at + 1),
                    choices=[("", _("Leave out")), *COLUMN_WORDS.items()],
                    required=False,
                    initial=held.get(at, ""),
                )

    def clean(self) -> dict[str, Any]:
        """A heading can mean one thing, and one thing has one heading."""
        data = super().clean() or {}
        chosen = [key for key in data.values() if key]
        for name, key in list(data.items()):
            if key and chosen.count(key) > 1:
                self.add_error(name, _("Two columns cannot both be this: %s.") % COLUMN_WORDS[key])
        return self.cleaned_data

    def people(self) -> People:
        """The people of the file that was shown before, read with the columns named now."""
        chosen = {key: int(name.removeprefix("column-")) for name, key in self.cleaned_data.items() if key}
        return people_of(self.table, chosen)


WORDS: Mapping[str, Any] = {
    "too_large": _("The file is too large. Divide it into several."),
    "no_text": _("This is no text file. Save it as CSV from your spreadsheet."),
    "empty": _("The file is empty."),
    "quotation_mark": _(
        "From here on, people disappear in one cell: a quotation mark has no other one. Take it out or add it."
    ),
    "letter": _(
        "A letter here was lost or cannot be read. Save the file as CSV UTF-8, or say how its letters are written."
    ),
    "many_columns": _("There are more than 120 columns. Take out those that are not needed."),
    "too_many": _("A file may name 2,000 people at most. Divide it into several."),
    "nobody": _("There is nobody under the first line."),
    "cell_too_long": _("A cell here is far too long."),
    "no_email_column": _("No column is called “email”. Say below which one holds the addresses."),
    "too_many_cells": _("There are more cells here than columns. Is a comma or a quotation mark too many?"),
    "second_head": _("The names of the columns stand here a second time. Take this line out."),
    "too_long": _("Too long, use at most 120 characters: %s."),
    "no_email": _("The email address is missing."),
    "no_address": _("This is no email address that mail can be sent to: %s."),
    "manager": _(
        "These are no addresses, nor the name of somebody else in this file: column “%s”. Correct them, or leave the "
        "column out below."
    ),
    "twice": _("This person stands in line %s already."),
}


LINES_SHOWN = 8


def mistakes_words(mistakes: Sequence[Mistake]) -> list[tuple[str, str]]:
    """What is wrong in a file, in words, each with the lines it stands in."""
    return [(_lines(lines), _words(mistake)) for lines, mistake in grouped(mistakes)]


def _words(mistake: Mistake) -> str:
    words = str(WORDS[mistake.kind])
    return words % mistake.what if "%s" in words else words


def _lines(lines: Sequence[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:LINES_SHOWN])
    if len(lines) > LINES_SHOWN:
        return str(_("%(lines)s and %(n)s more")) % {"lines": shown, "n": len(lines) - LINES_SHOWN}
    return shown


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


class FilterForm(forms.Form):
    """Which part of participation is shown: a period, one facilitator's circles, or one circle."""

    first = DateField(label=_("From"), required=False)
    last = DateField(label=_("until"), required=False)
    facilitator = CleanField(
        label=_("Looked after by"), max_length=80, required=False, help_text=_("A part of the name.")
    )
    circle = CleanField(label=_("Circle"), max_length=80, required=False, help_text=_("A part of its name."))

    def clean(self) -> dict[str, Any]:
        """Either end of the time may be left open."""
        data = super().clean() or {}
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _("The last day must not come before the first."))
        return data

    def asked(self) -> Filter:
        """What was asked for; nothing of it while something is wrong."""
        if not self.is_bound or not self.is_valid():
            return Filter()
        data = self.cleaned_data
        return Filter(data["first"], data["last"], data["facilitator"], data["circle"])
