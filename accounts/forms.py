"""Forms about a person: name, time zone, sign-up, the first administrator."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.fields import AddressField, CleanField, TimeZoneField
from accounts.models import User
from accounts.rules.holidays import NO_COUNTRY, countries


def name_field() -> CleanField:
    """The name by which circles call somebody, the same in every form that asks for it."""
    return CleanField(
        label=_("Your name, as the circle will see it"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )


PASSWORD_HINT = _("At least 10 characters. Three or four plain words do well.")


class PasswordField(forms.CharField):
    """A new password, checked by Django's validators."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Choose a password"))
        options.setdefault("help_text", PASSWORD_HINT)
        options.setdefault("error_messages", {"required": _("Choose a password.")})
        super().__init__(
            max_length=128,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            **options,
        )

    def clean(self, value: Any) -> str:
        """Holds the password to Django's validators here, where there is no person yet to compare it with."""
        password = str(super().clean(value))
        validate_password(password)
        return password


class ProfileForm(forms.Form):
    """What the circle sees of a person, and whose public holidays are theirs."""

    name = name_field()
    time_zone = TimeZoneField()
    country = forms.ChoiceField(
        label=_("Your public holidays"),
        choices=lambda: [
            ("", _("those of the country of your time zone")),
            (NO_COUNTRY, _("none")),
            *countries(),
        ],
        required=False,
        help_text=_(
            "Whoever looks for a date sees that you have a day off, and not why. Holidays of a whole country are "
            "known, not those of a part of it."
        ),
    )


class SignupExtra(forms.Form):
    """What sign-up asks beyond allauth's address and password."""

    name = name_field()
    time_zone = TimeZoneField()
    field_order = ["name", "email", "password1", "time_zone"]

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth with the new row, before anything is sent. Who chose a zone here is not asked again."""
        user.name = self.cleaned_data["name"]
        user.time_zone, user.zone_confirmed = self.cleaned_data["time_zone"], True
        user.save(update_fields=["name", "time_zone", "zone_confirmed"])


class NewPersonForm(forms.Form):
    """Name, zone and password of someone whose address is known already."""

    name = name_field()
    time_zone = TimeZoneField()
    password = PasswordField()


class JoiningForm(NewPersonForm):
    """Somebody whose address is not known from elsewhere: they type one of their own."""

    email = AddressField(
        label=_("Your email address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Enter an address of your own.")},
    )
    field_order = ["name", "email", "password", "time_zone"]


class FirstAdministratorForm(JoiningForm):
    """The first administrator gives an address too."""

    def clean_email(self) -> str:
        """Says that an address is taken, which other forms never tell: whoever has this link runs the server."""
        email = str(self.cleaned_data["email"])
        if User.objects.with_email(email):
            raise ValidationError(_("There is already an account with this address."))
        return email
