"""The forms with which people are brought as a file, and what is wrong with it in words."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField, offer
from programmes.enrolment_selectors import (
    ASKING,
    IN_LINE,
    IN_NONE,
    INSIDE,
    NO_HOURS,
    NOT_ANSWERED,
    UNANSWERED,
    PeopleFilter,
)
from programmes.rules.people_file import Mistake, People, Table, grouped, people_in, read_people

MOST_TICKED = 300
# Under which name a sign-in keeps whom somebody ticked to write to, and how an address says that it is those.
WRITTEN_TO, TICKED = "written_to", "ticked"
LETTER_WORDS: Mapping[str, Any] = {
    "cp1252": _("Windows, Western Europe"),
    "cp1250": _("Windows, Central Europe"),
    "mac_roman": _("Mac, as it was once"),
}
COLUMN_WORDS: Mapping[str, Any] = {
    "email": _("Email address"),
    "name": _("Name"),
    "first": _("First name"),
    "last": _("Last name"),
    "function": _("Function"),
    "location": _("Location"),
    "level": _("Level"),
    "manager": _("Manager"),
    "languages": _("Languages"),
}


class PeopleForm(forms.Form):
    """A file of people to invite."""

    file = forms.FileField(
        label=_("A file of people (CSV)"),
        help_text=_(
            "A first line with the names of the columns: email, and as you have them name, function, location, level, "
            "manager, languages."
        ),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )
    letters = forms.ChoiceField(
        label=_("How its letters are written"),
        choices=[("", _("Find out")), *LETTER_WORDS.items()],
        required=False,
        help_text=_("Choose one only where names come out wrong. UTF-8 and UTF-16 are always found out."),
    )

    def people(self) -> People:
        """Reads the file, with the letters that were chosen or those that fit best. Whatever is wrong has its lines."""
        return read_people(self.cleaned_data["file"].read(), letters=self.cleaned_data["letters"])


class PeopleFilterForm(forms.Form):
    """Whom one looks for among the people of a programme."""

    q = CleanField(required=False, max_length=80)
    state = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = (ASKING, INSIDE, UNANSWERED, IN_NONE, IN_LINE, NO_HOURS, NOT_ANSWERED)
        offer(self, "state", [("", ""), *((one, one) for one in states)])

    def asked(self) -> PeopleFilter:
        """What was asked for; nothing of it while something is wrong."""
        if not self.is_bound or not self.is_valid():
            return PeopleFilter()
        return PeopleFilter(self.cleaned_data["q"], self.cleaned_data["state"])


def ticked_in(data: QueryDict, name: str = "who") -> list[UUID]:
    """Who is ticked in a list, by code, each once; never more than a page can show. What is no code is nobody."""
    return list(dict.fromkeys(filter(None, map(_code, data.getlist(name)[:MOST_TICKED]))))


def _code(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


class ColumnsForm(forms.Form):
    """What stands in which column of a file, said by hand."""

    def __init__(self, *args: Any, table: Table, columns: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        held = {at: key for key, at in columns.items()}
        for at, title in enumerate(table.titles):
            if title or at in held:
                self.fields[f"column-{at}"] = forms.ChoiceField(
                    label=title or _("Column %s") % (at + 1),
                    choices=[("", _("Leave out")), *COLUMN_WORDS.items()],
                    required=False,
                    initial=held.get(at, ""),
                )

    def clean(self) -> dict[str, Any]:
        """A heading can mean one thing, and one thing has one heading."""
        data = super().clean() or {}
        chosen = [key for key in data.values() if key]
        for name, key in list(data.items()):
            if key and chosen.count(key) > 1:
                self.add_error(name, _("Two columns cannot both be this: %s.") % COLUMN_WORDS[key])
        return self.cleaned_data

    def people(self) -> People:
        """The people of the file that was shown before, read with the columns named now."""
        chosen = {key: int(name.removeprefix("column-")) for name, key in self.cleaned_data.items() if key}
        return people_in(self.table, chosen)


WORDS: Mapping[str, Any] = {
    "too_large": _("The file is too large. Divide it into several."),
    "no_text": _("This is no text file. Save it as CSV from your spreadsheet."),
    "empty": _("The file is empty."),
    "quotation_mark": _(
        "From here on, people disappear in one cell: a quotation mark has no other one. Take it out or add it."
    ),
    "letter": _(
        "A letter here was lost or cannot be read. Save the file as CSV UTF-8, or say how its letters are written."
    ),
    "many_columns": _("There are more than 120 columns. Take out those that are not needed."),
    "too_many": _("A file may name 2,000 people at most. Divide it into several."),
    "nobody": _("There is nobody under the first line."),
    "cell_too_long": _("A cell here is far too long."),
    "no_email_column": _("No column is called “email”. Say below which one holds the addresses."),
    "too_many_cells": _("There are more cells here than columns. Is a comma or a quotation mark too many?"),
    "second_head": _("The names of the columns stand here a second time. Take this line out."),
    "too_long": _("Too long, use at most 120 characters: %s."),
    "no_email": _("The email address is missing."),
    "no_address": _("This is no email address that mail can be sent to: %s."),
    "manager": _(
        "These are no addresses, nor the name of somebody else in this file: column “%s”. Correct them, or leave the "
        "column out below."
    ),
    "twice": _("This person stands in line %s already."),
}
LINES_SHOWN = 8


def mistakes_words(mistakes: Sequence[Mistake]) -> list[tuple[str, str]]:
    """What is wrong in a file, in words, each with the lines it stands in."""
    return [(_lines(lines), _words(mistake)) for lines, mistake in grouped(mistakes)]


def _words(mistake: Mistake) -> str:
    words = str(WORDS[mistake.kind])
    return words % mistake.what if "%s" in words else words


def _lines(lines: Sequence[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:LINES_SHOWN])
    if len(lines) > LINES_SHOWN:
        return str(_("%(lines)s and %(n)s more")) % {"lines": shown, "n": len(lines) - LINES_SHOWN}
    return shown
