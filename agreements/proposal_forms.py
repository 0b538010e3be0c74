"""Forms of proposals: one a kind of change, and the answer to one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField
from agreements.enums import ClauseChange, Stance, Theme
from agreements.proposal_services import ProposalDetails

LONGEST_CLAUSE = 1000


class ProposalForm(forms.Form):
    """Why; every proposal says so. What else it asks depends on the change."""

    theme = forms.ChoiceField(label=_("Under which theme?"), choices=Theme.choices)
    text = CleanField(
        label=_("The clause, in your words"),
        max_length=LONGEST_CLAUSE,
        lines=True,
        help_text=_("One sentence or two that each of you could keep to."),
        error_messages={"required": _("Write the clause.")},
    )
    days = forms.IntegerField(
        label=_("Days without an open concern after which a change counts"), min_value=3, max_value=60
    )
    why = CleanField(
        label=_("Why?"),
        max_length=1000,
        lines=True,
        help_text=_("What happened, or what you hope for. Your circle reads it."),
        error_messages={"required": _("Say in a sentence why you propose it.")},
    )

    ASKED = {
        ClauseChange.ADD: ("theme", "text", "why"),
        ClauseChange.REWORD: ("text", "why"),
        ClauseChange.DROP: ("why",),
        ClauseChange.RULE: ("days", "why"),
    }

    def __init__(self, *args: Any, change: ClauseChange, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.change = change
        for name in set(self.fields) - set(self.ASKED[change]):
            del self.fields[name]

    def details(self, **about: Any) -> ProposalDetails:
        """What was typed, for the service; `about` says which clause it is about, which the page's address names."""
        return ProposalDetails(change=self.change, **self.cleaned_data, **about)


class ResponseForm(forms.Form):
    """What I say to a proposal."""

    stance = forms.ChoiceField(
        label=_("What do you say?"),
        choices=[
            (Stance.YES, _("Yes, I can keep to this")),
            (Stance.CONCERN, _("I have a concern: let us talk")),
            (Stance.NONE, _("Only a comment")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    comment = CleanField(
        label=_("A comment, or other words you suggest"),
        max_length=1000,
        lines=True,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        """A concern needs its words, since the circle is to talk about it; a comment needs no answer beside it."""
        data = super().clean() or {}
        if data.get("stance") == Stance.CONCERN and not data.get("comment") and "comment" not in self.errors:
            self.add_error("comment", _("Say in a few words what concerns you, so that the circle can talk about it."))
        if not data.get("stance") and not data.get("comment") and not self.errors:
            self.add_error("stance", _("Choose an answer, or write a comment."))
        return data
