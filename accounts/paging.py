"""Lists by pages that are seldom longer than one."""

from collections.abc import Callable
from typing import Any, Generic, ParamSpec

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from accounts.statements import FixedStatement

Asked = ParamSpec("Asked")


class FixedPages(Generic[Asked]):
    """A function that gives a queryset in order, as one that gives a page of it, by number.

    Only where there are more than one page of rows are they counted: else they are asked once.
    """

    def __init__(self, make: Callable[Asked, QuerySet[Any]], size: int) -> None:
        self.make, self.size = make, size
        self.first = FixedStatement(self._first)

    def __call__(self, number: str | None, /, *args: Asked.args, **named: Asked.kwargs) -> Page[Any]:
        first = self.first(*args, **named)
        rows = self.make(*args, **named) if len(first) > self.size else first
        return Paginator(rows, self.size).get_page(number)

    def _first(self, *args: Asked.args, **named: Asked.kwargs) -> QuerySet[Any]:
        return self.make(*args, **named)[: self.size + 1]


def in_pages(size: int) -> Callable[[Callable[Asked, QuerySet[Any]]], FixedPages[Asked]]:
    """Mark a function that gives a queryset: it is asked for pages of so many rows."""
    return lambda make: FixedPages(make, size)
