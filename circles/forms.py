"""Forms of circles: starting one, inviting, answering an invitation."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.fields import AddressField, CleanField, TimeZoneField, offer
from accounts.models import User
from circles.enums import Cadence, Retention
from circles.models import COMING_PLAN_AT_MOST, Circle, Membership
from circles.rules.addresses import Addresses, read_addresses
from circles.services import CircleDetails

MOST_AT_ONCE = 30
# A name, an address and what divides them; many are shorter.
ROOM_FOR_ONE = 170


class AddressesField(CleanField):
    """Addresses pasted in any usual form; the value is an `Addresses`, mistakes and all."""

    def __init__(self, *, most: int = MOST_AT_ONCE, **options: Any) -> None:
        options.setdefault("label", _("Email addresses"))
        super().__init__(max_length=most * ROOM_FOR_ONE, lines=True, **options)
        self.most = most

    def clean(self, value: Any) -> Addresses:
        """Reads a pasted list in any usual form. What is no address is for the form to tell, not an error here."""
        found = read_addresses(str(super().clean(value)))
        if len(found.good) > self.most:
            told = {"n": self.most, "all": len(found.good)}
            raise ValidationError(_("These are %(all)s addresses. Enter at most %(n)s at once.") % told)
        return found


class WordForm(forms.Form):
    """With whom somebody would like a word."""

    OUTSIDE = "outside"

    person = forms.ChoiceField(
        label=_("With whom?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a person."), "invalid_choice": _("Choose a person.")},
    )

    def __init__(self, *args: Any, members: Sequence[Membership], circle: Circle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people: dict[str, User | str] = {str(member.user.code): member.user for member in members}
        self.outside = circle.contact_name or circle.contact_email
        choices = [
            (str(member.user.code), f"{member.user} ({_('facilitator')})" if member.facilitates else str(member.user))
            for member in members
        ]
        if circle.contact_email:
            self.people[self.OUTSIDE] = circle.contact_email
            choices.append((self.OUTSIDE, _("%(name)s (outside the circle)") % {"name": self.outside}))
        offer(self, "person", choices)

    def chosen(self) -> User | str:
        """A member, or the address of the contact outside."""
        return self.people[self.cleaned_data["person"]]

    def named(self) -> str:
        """Whom the message goes to, as the page says it afterwards."""
        chosen = self.chosen()
        return str(chosen) if isinstance(chosen, User) else self.outside


class GoalForm(forms.Form):
    """What I want from these sessions, in one line."""

    text = CleanField(label=_("What I want from these sessions"), max_length=160, required=False)


class ComingPlanForm(forms.Form):
    """What I do if something comes up on the day, in one line for myself."""

    text = CleanField(label=_("If … comes up on that day, I will …"), max_length=COMING_PLAN_AT_MOST, required=False)


class FarewellForm(forms.Form):
    """Thanks, and what somebody takes with them."""

    thanks = CleanField(label=_("What I thank you for"), max_length=600, required=False, lines=True)
    takes = CleanField(label=_("What I take with me"), max_length=600, required=False, lines=True)


class CarryOnForm(forms.Form):
    """How many sessions are promised next."""

    sessions = forms.IntegerField(
        label=_("How many sessions do you promise each other next?"), min_value=1, max_value=24
    )


class CircleForm(forms.Form):
    """What a circle says about itself; everything but the name has a good default."""

    GROUPS = (
        (_("Name and purpose"), ("name", "purpose")),
        (_("When you meet, and how many you are"), ("time_zone", "cadence", "min_size", "max_size", "language")),
        (
            _("What all of you rely on"),
            ("sessions", "managers_here", "contact_name", "contact_email", "retention_days"),
        ),
        (_("Before a session"), ("takes_part", "roles_days", "call_in_calendar", "name_in_calendar")),
    )

    name = CleanField(
        label=_("Name of the circle"),
        max_length=80,
        error_messages={"required": _("Give the circle a name.")},
    )
    purpose = CleanField(
        label=_("What is it for?"),
        max_length=300,
        required=False,
        lines=True,
        help_text=_("One or two sentences. Invited people read this before they say yes or no."),
    )
    time_zone = TimeZoneField(label=_("Time zone of the circle"))
    cadence = forms.ChoiceField(label=_("How often do you want to meet?"), choices=Cadence.choices)
    sessions = forms.IntegerField(
        label=_("How many sessions do you promise each other?"),
        min_value=1,
        max_value=24,
        help_text=_("Six is what most circles promise each other before they judge whether it works."),
    )
    min_size = forms.IntegerField(label=_("Smallest size"), min_value=2, max_value=12)
    max_size = forms.IntegerField(label=_("Largest size"), min_value=2, max_value=12)
    takes_part = forms.BooleanField(
        label=_("I take part as a member too, with a seat and turns"),
        required=False,
        help_text=_("Leave this empty if you look after the circle from outside."),
    )
    managers_here = CleanField(
        label=_("Does anyone in this circle manage another member?"),
        max_length=300,
        required=False,
        help_text=_(
            "Invited people read the answer. Write “nobody” where that is so, which is best; left empty, they read "
            "that it was not said."
        ),
    )

    contact_name = CleanField(
        label=_("A contact outside, whom you all may turn to"),
        max_length=80,
        required=False,
        help_text=_("A trusted person who is not in the circle. The agreement names them, if you name one."),
    )
    contact_email = AddressField(label=_("Their email address"), required=False)

    roles_days = forms.IntegerField(
        label=_("How many days before a session are its roles announced?"), min_value=1, max_value=14
    )
    call_in_calendar = forms.BooleanField(
        label=_("Calendar entries carry the link of the call"),
        required=False,
        help_text=_("So that a sign-in that ran out never costs anybody the call."),
    )

    name_in_calendar = forms.BooleanField(
        label=_("Calendar entries carry the name of the circle"),
        required=False,
        help_text=_("Others may see into your calendars. Without it entries say “Peer coaching”."),
    )

    retention_days = forms.TypedChoiceField(
        label=_("Issues that were brought are deleted"),
        choices=Retention.choices,
        coerce=int,
        help_text=_("Insights, commitments and the agreement stay until 90 days after the circle has closed."),
    )

    language = forms.ChoiceField(
        label=_("Language of the circle"),
        choices=lambda: settings.LANGUAGES,
        help_text=_("Its agreement starts in it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(settings.LANGUAGES) < 2:  # a choice of one is no choice
            del self.fields["language"]

    def clean(self) -> dict[str, Any]:
        """Sizes in their order; a contact outside has a name and an address, or there is none."""
        data = super().clean() or {}
        low, high = data.get("min_size"), data.get("max_size")
        if low and high and low > high:
            self.add_error("max_size", _("The largest size must be at least the smallest, %(n)s.") % {"n": low})
        if bool(data.get("contact_name")) != bool(data.get("contact_email")) and "contact_email" not in self.errors:
            missing = "contact_email" if data.get("contact_name") else "contact_name"
            self.add_error(missing, _("Give both the name and the address, or neither."))
        return data

    def groups(self) -> list[tuple[str, list[forms.BoundField], bool]]:
        """The fields by what they are about, and whether they stand open: the first, and those with something wrong."""
        found: list[tuple[str, list[forms.BoundField], bool]] = []
        for title, names in self.GROUPS:
            fields = [self[name] for name in names if name in self.fields]
            found.append((str(title), fields, not found or any(field.errors for field in fields)))
        return found

    @staticmethod
    def starting(time_zone: str) -> dict[str, Any]:
        """The defaults a new circle starts from."""
        details = CircleDetails(name="", time_zone=time_zone)
        names = ("time_zone", "cadence", "sessions", "min_size", "max_size", "takes_part", "language")
        return {name: getattr(details, name) for name in names}

    def details(self) -> CircleDetails:
        """What was typed, for the service. Fields that this page does not show keep what the service takes as usual."""
        names = CircleDetails.__dataclass_fields__
        return CircleDetails(**{name: self.cleaned_data[name] for name in names if name in self.cleaned_data})


class InviteForm(forms.Form):
    """Several people at once."""

    def __init__(self, *args: Any, most: int = MOST_AT_ONCE, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"] = AddressesField(
            most=most,
            help_text=_("One or many, %(n)s at most: with commas, on lines, or as Name <address>.") % {"n": most},
            error_messages={"required": _("Enter at least one address.")},
        )


class SlipsForm(forms.Form):
    """How many printed slips to make."""

    number = forms.IntegerField(label=_("How many slips?"), min_value=1, max_value=12, initial=1)


class DeclineForm(forms.Form):
    """No, with or without a word."""

    word = CleanField(label=_("A word to the facilitator, if you like"), max_length=300, required=False, lines=True)


class SlipCodeForm(forms.Form):
    """The code from a printed slip."""

    code = CleanField(label=_("Code on your slip"), max_length=80)
