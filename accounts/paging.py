"""Lists by pages that are seldom longer than one."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


def page_of(rows: QuerySet[Any], size: int, number: str | None) -> Page[Any]:
    """One page of rows. Only where there are more than one page of them are they counted: else they are asked once."""
    first = list(rows[: size + 1])
    return Paginator(rows if len(first) > size else first, size).get_page(number)
