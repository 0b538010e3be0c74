"""Pages of a list: as the paginator gives them, for fewer questions."""

import pytest
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.paging import in_pages
from tests.factories import make_user

pytestmark = pytest.mark.django_db
SIZE = 3


def rows(zone: str) -> QuerySet[User]:
    return User.objects.filter(time_zone=zone).order_by("pk")


in_threes = in_pages(SIZE)(rows)


@pytest.mark.parametrize("number", [0, 1, SIZE, SIZE + 1, 2 * SIZE + 1])
def test_a_page_is_the_one_that_the_paginator_gives(number: int) -> None:
    for at in range(number):
        make_user(f"Paged{at} X", zone="Asia/Tokyo")
    make_user("Other One")
    for asked in (None, "", "1", "2", "3", "99", "0", "-1", "x", "last"):
        plain = Paginator(rows("Asia/Tokyo"), SIZE).get_page(asked)
        page = in_threes(asked, "Asia/Tokyo")
        assert list(page) == list(plain), asked
        assert (page.number, page.paginator.count, page.paginator.num_pages, page.has_next()) == (
            plain.number, plain.paginator.count, plain.paginator.num_pages, plain.has_next(),
        )  # fmt: skip


def test_what_fits_one_page_is_asked_once() -> None:
    make_user("Paged One", zone="Asia/Tokyo")
    in_threes(None, "Asia/Tokyo")
    with CaptureQueriesContext(connection) as queries:
        assert len(list(in_threes(None, "Asia/Tokyo"))) == 1
    assert len(queries) == 1
