"""Forms of the journeys: for how many people and minutes one is shown, its file as a text."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sessions.formats.forms import FileForm
from sessions.rules.journey import LENGTHS_OFFERED, SIZES


class JourneyForForm(forms.Form):
    """For how many people, and how long their sessions are."""

    people = forms.TypedChoiceField(
        label=_("For a circle of"),
        choices=[(n, n) for n in SIZES],
        coerce=int,
        widget=forms.Select(attrs={"class": "input--s"}),
    )
    minutes = forms.TypedChoiceField(
        label=_("Minutes of a session"),
        choices=[(n, n) for n in LENGTHS_OFFERED],
        coerce=int,
        widget=forms.Select(attrs={"class": "input--s"}),
    )


class JourneyFileForm(FileForm):
    """A journey as a file, or pasted."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["file"].label = _("A journey file")


class JourneyTextForm(forms.Form):
    """A circle's own journey as the text of its file, and which version it was."""

    text = forms.CharField(
        label=_("The journey"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false"}),
        error_messages={"required": _("There is nothing here. Put the text back, or leave without saving.")},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=32_767)
