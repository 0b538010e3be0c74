"""Forms on the page of a session before it: an issue, roles, agreed minutes, guests, a note to a reminder."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.fields import AddressField, CleanField, offer
from accounts.models import User
from accounts.rules.clean import whole_number
from sessions.enums import Ask, Role
from sessions.kinds import DAY_BEFORE, HOUR_BEFORE, WEEK_BEFORE
from sessions.planning.preparation_selectors import SheetLine
from sessions.rules.texts import LONGEST_ANSWER, LONGEST_PAGE, LONGEST_TEXT, LONGEST_TITLE, issue_mark, mark_of

LONGEST_TURN = 180


class ReminderNoteForm(forms.Form):
    """What goes out with one coming reminder."""

    kind = forms.ChoiceField(
        label=_("With which reminder?"),
        choices=[
            (DAY_BEFORE, _("the day before")),
            (HOUR_BEFORE, _("the hour before")),
            (WEEK_BEFORE, _("the week before")),
        ],
    )
    text = CleanField(
        label=_("What to add"),
        max_length=500,
        required=False,
        lines=True,
        help_text=_("This goes out by mail: where to find the room, what to bring. Nothing confidential."),
    )


class PersonForm(forms.Form):
    """One of some people."""

    person = forms.ChoiceField(error_messages={"required": _("Choose a person.")})

    def __init__(self, *args: Any, people: Sequence[User], label: Any, nobody: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.code): person for person in people}
        field = self.fields["person"]
        field.label, field.required = label, not nobody
        first = [("", nobody)] if nobody else []
        offer(self, "person", [*first, *((code, str(person)) for code, person in self.people.items())])

    def chosen(self) -> User | None:
        """None where the form was left at nobody."""
        return self.people.get(self.cleaned_data["person"])


def turn_minutes(posted: QueryDict, people: dict[str, int]) -> tuple[dict[int, int | None], str]:
    """The minutes agreed for people's turns (fields `minutes-<code>`; empty is an equal share), and what is wrong."""
    agreed: dict[int, int | None] = {}
    for code, pk in people.items():
        typed = posted.get(f"minutes-{code}")
        if typed is None:
            continue
        minutes = whole_number(typed, most=LONGEST_TURN)
        if not typed.strip():
            agreed[pk] = None
        elif minutes:
            agreed[pk] = minutes
        else:
            return {}, _(
                "Write the minutes of a turn as a whole number from 1 to %s, or leave them empty."
            ) % LONGEST_TURN
    return agreed, ""


class IssueForm(forms.Form):
    """What someone brings: a title, a few lines, and what they ask of the others."""

    title = CleanField(
        label=_("Your issue, in one sentence"),
        max_length=LONGEST_TITLE,
        error_messages={"required": _("Say in one sentence what it is about.")},
    )
    text = CleanField(label=_("A few lines, if they help"), max_length=LONGEST_TEXT, required=False, lines=True)
    ask = forms.ChoiceField(
        label=_("What do you want from the others?"),
        choices=Ask.choices,
        widget=forms.RadioSelect,
        initial=Ask.QUESTIONS,
    )

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def __init__(self, *args: Any, before: str = "issue", **kwargs: Any) -> None:
        """`before` is what the format asks for: a written page gets the room of a page."""
        super().__init__(*args, **kwargs)
        shown = self.initial
        self.most = LONGEST_PAGE if before == "page" else LONGEST_TEXT
        self.initial = {**shown, "seen": issue_mark(str(shown.get("title", "")), str(shown.get("text", "")))}
        if before == "page":
            self.fields["text"] = CleanField(
                label=_("Your page"),
                max_length=self.most,
                required=False,
                lines=True,
                widget=forms.Textarea(attrs={"rows": 16}),
            )


class PreparationForm(forms.Form):
    """The questions of a sheet, each with what its reader has written; none of them has to be answered."""

    # Of which session of the journey they are: its date can have another by now, with other questions.
    leg = forms.CharField(widget=forms.HiddenInput, required=False, max_length=36)

    def __init__(self, *args: Any, asked: list[SheetLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        for one in asked:
            # Which text this page was shown: another device may have written since.
            self.fields[f"seen_{one.number}"] = forms.CharField(
                widget=forms.HiddenInput, required=False, max_length=16, initial=mark_of(one.text)
            )
            self.fields[f"answer_{one.number}"] = CleanField(
                label=one.question,
                max_length=LONGEST_ANSWER,
                required=False,
                lines=True,
                initial=one.text,
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    @property
    def first(self) -> str:
        """The name of the field beside which a refusal of the whole is said."""
        return f"answer_{self.asked[0].number}"

    def words_keep(self) -> None:
        """Show what was typed below questions that are not here any more with the last one, to be copied."""
        data = {name: self.data[name] for name in self.data}
        last = f"answer_{self.asked[-1].number}"
        more = [data[name] for name in sorted(data) if name.startswith("answer_") and name not in self.fields]
        data[last] = "\n\n".join(text for text in (data.get(last, ""), *more) if text)
        self.data = data

    def answers(self) -> dict[int, str]:
        """What was written, by the number of the question."""
        return {one.number: self.cleaned_data[f"answer_{one.number}"] for one in self.asked}

    def seen(self) -> dict[int, str]:
        """The marks of the answers that the page was shown, by the number of the question."""
        return {one.number: self.cleaned_data[f"seen_{one.number}"] for one in self.asked}


class RolesForm(forms.Form):
    """Who holds which role of the format."""

    def __init__(self, *args: Any, people: list[User], needed: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.code): person for person in people}
        for role in needed:
            self.fields[role.value] = forms.ChoiceField(
                label=role.label.capitalize(), choices=[(code, str(p)) for code, p in self.people.items()]
            )

    def holders(self) -> dict[str, User]:
        """Who holds which role, by the role's key."""
        return {role: self.people[code] for role, code in self.cleaned_data.items()}


class GuestForm(forms.Form):
    """Who is to be a guest of one session."""

    name = CleanField(
        label=_("Name of the guest"),
        max_length=80,
        help_text=_("As the circle will read it, for example with the department."),
        error_messages={"required": _("Enter the name of the guest.")},
    )
    email = AddressField()
