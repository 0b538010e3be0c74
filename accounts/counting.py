"""Counting rows as a column of what they belong to."""

from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Subquery
from django.db.models.functions import Coalesce


def counted(rows: QuerySet[Any], by: str) -> Coalesce:
    """How many of `rows` there are for each `by`, as a column of another query; 0 where there is none.

    `rows` are narrowed to one row of that query by whoever asks (`OuterRef`), and may be in any order.
    """
    numbers = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(numbers, output_field=IntegerField()), 0)
