"""Form fields that clean what is typed, and one for time zones."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.rules.clean import clean_text
from accounts.rules.mailbox import LONGEST, as_address
from accounts.rules.zones import city, earlier_names, is_zone, present_name, zone_names


def validate_address(value: str) -> None:
    """Refuse what no mail server would deliver."""
    if as_address(value) is None:
        raise ValidationError(_("This is no email address that mail can be sent to."), code="invalid")


class CleanField(forms.CharField):
    """A text field whose value is what `clean_text` leaves of it; the maximum counts what is stored."""

    def __init__(self, *, max_length: int, lines: bool = False, **options: Any) -> None:
        self.lines = lines
        options.setdefault("widget", forms.Textarea(attrs={"rows": 3}) if lines else forms.TextInput())
        super().__init__(max_length=max_length, strip=False, **options)
        self.error_messages["max_length"] = _("Use at most %(limit_value)d characters; this has %(show_value)d.")
        # The null check would refuse what clean_text simply removes.
        self.validators = [v for v in self.validators if type(v).__name__ != "ProhibitNullCharactersValidator"]

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "", lines=self.lines)


class KnownAddressField(forms.EmailField):
    """An address that may stand here already, from before the rule was what it is: written in the one way if it can."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Email address"))
        super().__init__(**{"max_length": LONGEST} | options)

    def to_python(self, value: Any) -> str:
        typed = str(super().to_python(value) or "")
        return as_address(typed) or clean_text(typed).lower()


class AddressField(KnownAddressField):
    """A new address: one that can be delivered, by the same rule as in a pasted list and in a file."""

    default_validators = [validate_address]


class CitySelect(forms.Select):
    """A list of some 420 cities, drawn without a template for each: that took most of the time of its pages."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        about = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return format_html(
            "<select{}>{}</select>",
            about,
            format_html_join("\n", '<option value="{}"{}{}>{}</option>', self._options(present_name(value or ""))),
        )

    def _options(self, chosen: str) -> Iterator[tuple[Any, str, str, Any]]:
        """Each with its earlier names, by which some browsers still call it: the guess is made with them."""
        earlier: dict[str, list[str]] = {}
        for name, now in earlier_names().items():
            earlier.setdefault(now, []).append(name)
        for key, label in self.choices:
            also = flatatt({"data-also": " ".join(earlier[key])}) if key in earlier else ""
            yield key, " selected" if key == chosen else "", also, label


class TimeZoneField(forms.CharField):
    """A zone by its name, offered as a list of cities; the browser's guess is filled in by script."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Your time zone"))
        options.setdefault("error_messages", {"required": _("Choose a city.")})
        super().__init__(max_length=64, **options)
        self.widget = CitySelect(
            choices=[("", _("Choose a city"))] + [(name, f"{city(name)} ({name})") for name in zone_names()],
            attrs={"data-guess-zone": "1"},
        )
        self.widget.is_required = self.required

    def to_python(self, value: Any) -> str:
        return present_name(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not is_zone(value):
            raise ValidationError(_("Choose a city from the list."))


def offer(form: forms.Form, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
    """Set what a choice field offers, where that is known only when the form is made."""
    cast(forms.ChoiceField, form.fields[name]).choices = choices
