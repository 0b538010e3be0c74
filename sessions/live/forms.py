"""Forms of the live room."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField
from accounts.models import User
from agreements.forms import CommitmentForm


class SeenForm(forms.Form):
    """The sequence number that the pressed page showed."""

    expected_seq = forms.IntegerField(min_value=0, max_value=1_000_000)
    seconds = forms.IntegerField(min_value=1, max_value=600, required=False)
    who = forms.IntegerField(min_value=1, max_value=50, required=False)


class NoteForm(forms.Form):
    text = CleanField(label=_("Your notes"), max_length=5000, required=False, lines=True)


class ScribeForm(NoteForm):
    """What the scribe writes for one presenter, by their code."""

    reader = forms.UUIDField()


class CheckOutForm(CommitmentForm):
    """An insight and a commitment; both may be left out."""

    insight = CleanField(
        label=_("One insight, if you like"),
        max_length=1000,
        required=False,
        lines=True,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ["insight", "text", "due_on", "partner"]

    def __init__(
        self, *args: Any, today: date, people: list[User], due_on: date, partner: User | None, **kwargs: Any
    ) -> None:
        initial = {"due_on": due_on, "partner": partner.code if partner else None}
        super().__init__(*args, today=today, people=people, initial=initial, **kwargs)
        self.fields["text"].required = False
        self.fields["text"].label = _("One commitment: what will you do?")
        self.fields["text"].widget.attrs["rows"] = 2
        self.fields["due_on"].required = False
        self.due_default = due_on

    def clean_due_on(self) -> date:
        return super().clean_due_on() if self.cleaned_data["due_on"] else self.due_default
