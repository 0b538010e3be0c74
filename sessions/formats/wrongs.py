"""How a page says what is wrong with a text that was to become a format, a journey or something from a shelf."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.utils.translation import ngettext

from accounts.refusals import refusals_beside
from sessions.formats.files import FileError
from sessions.formats.words import wrong

LINES_SAID = 40


@contextmanager
def wrongs_beside(form: forms.BaseForm, field: str) -> Iterator[list[str]]:
    """As `refusals_beside`, around what reads a text too. The list is filled with what is wrong in it, a line each."""
    wrongs: list[str] = []
    try:
        with refusals_beside(form, field):
            yield wrongs
    except FileError as error:
        wrongs += [wrong(one) for one in error.wrongs[:LINES_SAID]]
        said = ngettext(
            "Nothing was taken over: there is %s problem.",
            "Nothing was taken over: there are %s problems.",
            len(error.wrongs),
        )
        form.add_error(field, said % len(error.wrongs))
