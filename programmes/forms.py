"""Forms of programmes: setting one up, asking for a place, a file of people, the board."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import AddressField, CleanField, TimeZoneField, offer
from accounts.models import User
from accounts.services import Hours
from accounts.when import FURTHEST, ClockField, DateField
from agreements.enums import Start
from circles.enums import Cadence
from circles.forms import AddressesField
from programmes.enrolment_services import EnrolmentDetails
from programmes.enums import ATTRIBUTES, Asked
from programmes.models import Programme
from programmes.participation_selectors import Filter
from programmes.people_forms import COLUMN_WORDS, LETTER_WORDS
from programmes.rules.people_file import LETTERS, NAMES
from programmes.services import ProgrammeDetails
from sessions.formats.cards import cards
from sessions.formats.library import rules
from sessions.formats.words import language
from sessions.journeys.library import shipped_journeys
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
    agreement = forms.ChoiceField(label=_("Start from the agreement for"), choices=Start.choices)
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
        details = ProgrammeDetails("", time_zone, today, today + timedelta(days=182), cards=list(cards()))
        asked = [Asked.FUNCTION.value, Asked.LOCATION.value, Asked.MANAGER.value]
        return {name: getattr(details, name) for name in ProgrammeForm.base_fields if name != "name"} | {"asks": asked}

    @staticmethod
    def of(programme: Programme) -> dict[str, Any]:
        """What the form shows of a programme that exists."""
        return {name: getattr(programme, name) for name in ProgrammeForm.base_fields}

    def details(self) -> ProgrammeDetails:
        """What was typed, for the service, whose fields are this form's."""
        return ProgrammeDetails(**self.cleaned_data)


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
            "of it and may put you together: before you say yes you read who is in by then, and you may decline, or "
            "leave later, without a reason."
        ),
    )
    may_facilitate = forms.BooleanField(label=_("I could look after a circle"), required=False)

    def __init__(self, *args: Any, programme: Programme, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for one in Asked.values:
            if one not in programme.asks:
                del self.fields[one]

    def words(self) -> list[forms.BoundField]:
        """What is said in sentences."""
        return [self["motive"], self["offers"]]

    def facts(self) -> list[forms.BoundField]:
        """What the programme asks to know of somebody."""
        return [self[one] for one in self.fields if one in {fact.value for fact in ATTRIBUTES}]

    def wishes(self) -> list[forms.BoundField]:
        """With whom, and with whom not."""
        return [self[one] for one in ("together", "apart") if one in self.fields]

    def wishes_said(self) -> bool:
        """Whether something stands among the wishes, or is wrong there."""
        return any(field.value() or field.errors for field in self.wishes())

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

    def yes(self, hours: Hours | None = None) -> EnrolmentDetails:
        """What goes with the yes, and hours named beside it.

        Facts that were left empty are left out, so that nothing is known of them.
        """
        data = self.cleaned_data
        return EnrolmentDetails(
            motive=data["motive"],
            offers=data["offers"],
            facts={one.value: data[one.value] for one in ATTRIBUTES if data.get(one.value)},
            together=self._wished("together"),
            apart=self._wished("apart"),
            may_facilitate=data["may_facilitate"],
            hours=hours,
        )


assert (set(LETTER_WORDS), set(COLUMN_WORDS)) == (set(LETTERS), set(NAMES))


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


class ProgrammeJourneyForm(forms.Form):
    """Which journey the circles of a programme are to be on."""

    journey = forms.ChoiceField(
        label=_("Journey"),
        error_messages={"required": _("Choose a journey."), "invalid_choice": _("Choose a journey.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "journey", [(key, rule.text("name", language())) for key, rule in shipped_journeys().items()])
