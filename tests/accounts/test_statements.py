"""A statement that was put together once answers as the queryset does, whatever it is asked with."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.statements import SHAPES_AT_MOST, FixedStatement
from circles.models import Circle, Membership
from tests.factories import NOW, Cast, make_circle

pytestmark = pytest.mark.django_db


def seats(user: User, *, since: datetime) -> QuerySet[Membership]:
    same = Membership.objects.filter(circle=OuterRef("circle"), facilitates=True)
    rows = Membership.objects.filter(user=user, joined_at__gte=since).annotate(led=Exists(same))
    return rows.select_related("circle__vault").order_by("circle__name")


def test_it_gives_the_rows_of_the_queryset_with_what_stands_beside_them(people: Cast) -> None:
    make_circle(people.bob, [people.alice], now=NOW - timedelta(days=9), name="A second one")
    asked = FixedStatement(seats)
    for user in (people.alice, people.bob, people.erin, people.alice):
        for since in (NOW - timedelta(days=30), NOW - timedelta(days=1), NOW + timedelta(days=1)):
            given, plain = asked(user, since=since), list(seats(user, since=since))
            assert given == plain
            assert [one.led for one in given] == [one.led for one in plain]
            with CaptureQueriesContext(connection) as more:
                assert [one.circle.vault for one in given] == [one.circle.vault for one in plain]
            assert len(more) == 0
    assert len(asked.known) == 1


def test_it_asks_once_and_with_the_same_words(people: Cast) -> None:
    asked = FixedStatement(seats)
    asked(people.alice, since=NOW)
    with CaptureQueriesContext(connection) as ours:
        asked(people.bob, since=NOW - timedelta(days=3))
    with CaptureQueriesContext(connection) as theirs:
        list(seats(people.bob, since=NOW - timedelta(days=3)))
    assert [one["sql"] for one in ours] == [one["sql"] for one in theirs]


def test_values_lists_codes_and_words_go_in(people: Cast) -> None:
    def named(codes: list[UUID], name: str) -> QuerySet[User, Any]:
        return User.objects.filter(code__in=codes).exclude(name=name).order_by("name").values_list("name", flat=True)

    asked = FixedStatement(named)
    codes = [people.alice.code, people.bob.code, people.carol.code]
    assert asked(codes, people.bob.name) == [people.alice.name, people.carol.name]
    assert asked(codes[:1], people.bob.name) == [people.alice.name]
    assert asked([], people.bob.name) == []
    assert asked(codes, "nobody's' name") == [people.alice.name, people.bob.name, people.carol.name]
    assert (
        User.objects.filter(pk=people.bob.pk).values("name").get()
        == FixedStatement(lambda pk: User.objects.filter(pk=pk).values("name"))(people.bob.pk)[0]
    )


def test_none_and_members_of_enums_are_part_of_the_question(people: Cast) -> None:
    asked = FixedStatement(lambda left: Membership.objects.filter(left_at=left).order_by("pk"))
    assert asked(None) == list(Membership.objects.filter(left_at=None).order_by("pk"))
    assert asked(NOW) == []
    assert asked(None) != []


def test_a_fixed_time_before_or_after_a_moment_moves_with_it(people: Cast) -> None:
    joined = Membership.objects.get(circle=people.circle, user=people.bob).joined_at
    asked = FixedStatement(
        lambda user, now, until: Membership.objects.filter(
            user=user, joined_at__gte=now - timedelta(days=1), joined_at__lt=until + timedelta(hours=2)
        )
    )
    for days, hours, found in ((0, 0, 1), (1, 0, 1), (1.01, 0, 0), (0, -1.9, 1), (0, -2, 0)):
        now, until = joined + timedelta(days=days), joined + timedelta(hours=hours)
        assert len(asked(people.bob, now, until)) == found, (days, hours)
    assert len(asked.known) == 1


def test_a_value_that_comes_out_changed_is_refused(people: Cast) -> None:
    """It would stay what it was the first time, and somebody would get an old answer."""
    for changed in (lambda now: now.replace(hour=0), lambda now: now.replace(second=0)):
        with pytest.raises(TypeError, match="was not handed"):
            FixedStatement(lambda now, of=changed: Membership.objects.filter(joined_at__gt=of(now)))(NOW)
    with pytest.raises(TypeError, match="was not handed"):
        FixedStatement(lambda name: User.objects.filter(name__icontains=name))("ali")
    with pytest.raises(User.DoesNotExist):
        FixedStatement(lambda user: User.objects.filter(email=user.email))(people.alice)


def test_of_too_many_lengths_of_lists_the_rest_is_asked_as_ever(people: Cast) -> None:
    asked = FixedStatement(lambda pks: Circle.objects.filter(pk__in=pks))
    for length in range(SHAPES_AT_MOST + 5):
        assert asked([people.circle.pk, *range(90_000, 90_000 + length)]) == [people.circle]
    assert len(asked.known) == SHAPES_AT_MOST
