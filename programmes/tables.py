"""A table of a programme as a file for a spreadsheet: thirty an hour for one person, since each reads all of it."""

from collections.abc import Callable, Iterable, Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify

from accounts import limits
from accounts.requests import person_of
from programmes.models import Programme
from programmes.rules.exports import csv_text


def table_answer(
    request: HttpRequest, programme: Programme, what: str, rows: Callable[[], Iterable[Sequence[object]]]
) -> HttpResponse:
    """The file, named after the programme and `what` it holds; its rows are read only where the limit lets it."""
    if limits.guess(request, "programme_table", str(person_of(request).pk)) is None:
        return limits.refused(request)
    name = slugify(programme.name) or "programme"
    return HttpResponse(
        csv_text(rows()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{what}.csv"'},
    )
