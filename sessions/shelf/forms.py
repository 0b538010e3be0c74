"""Forms of the shelf: what is lent and when it helped, what a member says to it, a copy, a file, a sentence."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField, offer
from agreements.enums import Stance
from agreements.proposal_forms import ResponseForm
from sessions.enums import ShelfKind
from sessions.formats.forms import FileForm, OneCircleForm
from sessions.models import SENTENCE_AT_MOST
from sessions.shelf.lendable import LONGEST_HELPED
from sessions.shelf.selectors import ToLend

GROUPS = (
    (ShelfKind.FORMAT, _("Formats")),
    (ShelfKind.JOURNEY, _("Journeys")),
    (ShelfKind.CLAUSE, _("Clauses of our agreement")),
)
CLAUSE_SHOWN = 90


class LendForm(forms.Form):
    """What the circle is asked to lend, and when it helped."""

    what = forms.ChoiceField(
        label=_("What shall we lend?"), error_messages={"required": _("Choose something of yours.")}
    )
    helped = CleanField(
        label=_("When did it help?"),
        max_length=LONGEST_HELPED,
        lines=True,
        help_text=_("A line for those who have never met you. Name nobody and no case: it leaves the circle with it."),
        error_messages={"required": _("Say in a line when it helped you.")},
    )

    def __init__(self, *args: Any, choices: Sequence[ToLend], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.things = {one.key: one for one in choices}
        offered: list[Any] = []
        for kind, label in GROUPS:
            named = [(one.key, _shortened(one.name)) for one in choices if one.thing.kind == kind]
            if named:
                offered.append((label, named))
        offer(self, "what", offered)

    def thing(self) -> ToLend:
        """What was chosen; only after the form was found valid."""
        return self.things[self.cleaned_data["what"]]


def _shortened(name: str) -> str:
    return name if len(name) <= CLAUSE_SHOWN else f"{name[: CLAUSE_SHOWN - 1].rstrip()}…"


class LendAnswerForm(ResponseForm):
    """What one member says to lending something."""

    stance = forms.ChoiceField(
        label=_("What do you say?"),
        choices=[
            (Stance.YES, _("Yes, let us lend it")),
            (Stance.CONCERN, _("I have a concern: let us talk")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].label = _("In a few words")


class ClauseTakeForm(OneCircleForm):
    """A clause of the shelf, proposed to one of somebody's circles."""

    circle = forms.ChoiceField(label=_("To which circle?"))
    why = CleanField(
        label=_("Why?"),
        max_length=1000,
        lines=True,
        help_text=_("What you hope for. Your circle reads it, and decides as about every clause."),
        error_messages={"required": _("Say in a sentence why you propose it.")},
    )


class ShelfFileForm(FileForm):
    """Something from the shelf of another site, as a file or pasted."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["file"].label = _("A file from a shelf")


class SentenceForm(forms.Form):
    """One sentence of what somebody learned."""

    text = CleanField(
        label=_("One sentence: what did you learn?"),
        max_length=SENTENCE_AT_MOST,
        help_text=_("So that nobody could be known by it: no names, no place, no case."),
        error_messages={"required": _("Write your sentence.")},
    )
