"""Forms of the live room."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField
from accounts.models import User
from agreements.enums import Theme
from agreements.forms import CommitmentForm
from agreements.review_services import ReviewDetails


class SeenForm(forms.Form):
    """The sequence number that the pressed page showed."""

    expected_seq = forms.IntegerField(min_value=0, max_value=1_000_000)
    seconds = forms.IntegerField(min_value=1, max_value=600, required=False)
    who = forms.IntegerField(min_value=1, max_value=50, required=False)


class NoteForm(forms.Form):
    """A note, and which text the page had shown. Its names in a page are its own: an issue's form may stand beside."""

    text = CleanField(label=_("Your notes"), max_length=5000, required=False, lines=True)
    seen = forms.CharField(max_length=16, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "note_%s")
        super().__init__(*args, **kwargs)

    def facts(self) -> dict[str, Any]:
        """The text, and the mark of the one shown where the page sent one."""
        return {"text": self.cleaned_data["text"], "seen": self.cleaned_data["seen"] if "seen" in self.data else None}


class ScribeForm(NoteForm):
    """What the scribe writes for one presenter, by their code."""

    reader = forms.UUIDField()


YES, NOT_QUITE = "yes", "not_quite"


class CheckOutForm(CommitmentForm):
    """A look at the agreement, an insight and a commitment; all of it may be left out.

    With fewer than five people there (`counts` is false) no answers are gathered, only a sentence that all agree on.
    """

    kept = forms.ChoiceField(
        label=_("Did we keep to our agreement?"),
        choices=[(YES, _("We kept to it")), (NOT_QUITE, _("Not quite"))],
        widget=forms.RadioSelect,
        required=False,
    )
    slips = forms.MultipleChoiceField(
        label=_("We slipped on"),
        choices=Theme.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    got = forms.ChoiceField(
        label=_("Did you get what you came for?"),
        choices=[(YES, _("I got what I came for")), (NOT_QUITE, _("Not quite"))],
        widget=forms.RadioSelect,
        required=False,
    )
    sentence = CleanField(
        label=_("One sentence you all agree on, if you found one"),
        max_length=300,
        required=False,
        help_text=_("How did we keep our agreement today? One of you writes it down for all."),
    )

    insight = CleanField(
        label=_("One insight, if you like"),
        max_length=1000,
        required=False,
        lines=True,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ["kept", "slips", "got", "sentence", "insight", "text", *CommitmentForm.PLANNED, "due_on", "partner"]

    def __init__(
        self,
        *args: Any,
        today: date,
        people: list[User],
        due_on: date,
        partner: User | None,
        counts: bool,
        sentence: str,
        **kwargs: Any,
    ) -> None:
        initial = self.starting(due_on, partner) | {"sentence": sentence}
        super().__init__(*args, today=today, people=people, initial=initial, **kwargs)
        for name in ("sentence",) if counts else ("kept", "slips", "got"):
            del self.fields[name]
        self.fields["text"].required = False
        self.fields["text"].label = _("One commitment: what will you do?")
        self.fields["text"].widget.attrs["rows"] = 2
        self.fields["partner"].help_text = ""
        self.fields["due_on"].required = False
        self.due_default = due_on

    def looked(self) -> ReviewDetails:
        """The answers about the agreement; a sentence counts only when it was changed."""
        data = self.cleaned_data
        told = {name: data[name] == YES for name in ("kept", "got") if data.get(name)}
        sentence = data.get("sentence", "") if "sentence" in self.changed_data else ""
        return ReviewDetails(**told, slips=data.get("slips", ()), sentence=sentence)

    def clean_due_on(self) -> date:
        """Left empty it is the usual day: a commitment needs only its words."""
        return super().clean_due_on() if self.cleaned_data["due_on"] else self.due_default
