"""The form that takes the secret address of somebody's calendar."""

from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from sessions.rules.outside import LONGEST, NotOutside, read_outside


class BusyForm(forms.Form):
    """One address; whether something lies there is seen when it is read."""

    address = forms.CharField(
        label=_("Secret address of your calendar"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Paste the address of your calendar.")},
    )

    def clean_address(self) -> str:
        """As it is asked for: https, also where it was written webcal."""
        try:
            at = read_outside(self.cleaned_data["address"])
        except NotOutside as error:
            raise forms.ValidationError(
                _("Paste an address on the internet that begins with https:// or webcal://.")
            ) from error
        if at.host == urlsplit(settings.SITE_URL).hostname:
            raise forms.ValidationError(_("This is an address of this site. Paste the one of your own calendar."))
        return at.url
