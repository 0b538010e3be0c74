"""When somebody can meet and when they are away: kept, merged, taken back; and what is no time at all."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Absence, Availability, User
from accounts.services import absence_add, absences_prune, availability_add
from tests.factories import NOW, Cast, make_session, make_user, signed_in


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


def free(**changes: Any) -> dict[str, Any]:
    return {"weekdays": ["0", "2"], "start": "540", "end": "1020", "level": "good"} | changes


def spans(user: User, weekday: int = 0) -> list[tuple[str, str]]:
    return [(one.span, one.level) for one in Availability.objects.filter(user=user, weekday=weekday).order_by("start")]


def test_a_stretch_is_named_shown_and_taken_away(clock: Any, people: Cast) -> None:
    bob = signed_in(people.bob)
    path = reverse("pages:times")
    bob.post(path, free())
    assert spans(people.bob) == spans(people.bob, 2) == [("09:00–17:00", "good")]
    bob.post(path, free(weekdays=["0"], start="720", end="780", level="possible"))
    assert spans(people.bob) == [("09:00–12:00", "good"), ("12:00–13:00", "possible"), ("13:00–17:00", "good")]
    assert "12:00–13:00 possible" in bob.get(path).content.decode()
    one = Availability.objects.get(level="possible")
    signed_in(people.carol).post(reverse("pages:times_remove", args=[one.code]))
    assert Availability.objects.filter(pk=one.pk).exists(), "only one's own"
    bob.post(reverse("pages:times_remove", args=[one.code]))
    assert not Availability.objects.filter(pk=one.pk).exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weekdays": []}, "Choose at least one day."),
        ({"weekdays": ["7"]}, "Select a valid choice."),
        ({"start": "1020", "end": "540"}, "The end must come after the beginning."),
        ({"end": "555"}, "Select a valid choice."),
        ({"level": "no"}, "Select a valid choice."),
    ],
)
def test_what_is_no_stretch_is_said_beside_the_field(
    clock: Any, people: Cast, changes: dict[str, Any], said: str
) -> None:
    page = signed_in(people.bob).post(reverse("pages:times"), free(**changes))
    assert said in page.content.decode()
    assert not Availability.objects.exists()


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2027-02-10", "2027-02-09", "The last day must not come before the first."),
        ("2026-12-01", "2026-12-05", "These days are over."),
        ("2027-02-01", "2029-02-01", "At most a year at a time."),
        ("9999-12-31", "", "Choose a date within the next two years."),
        ("soon", "", "Enter a date such as 2027-01-31."),
        ("", "", "This field is required."),
    ],
)
def test_what_is_no_leave_is_said_beside_the_field(clock: Any, people: Cast, first: str, last: str, said: str) -> None:
    page = signed_in(people.bob).post(reverse("pages:times"), {"what": "away", "first_on": first, "last_on": last})
    assert said in page.content.decode()
    assert not Absence.objects.exists()


def test_leave_says_which_sessions_it_means_and_covers_everything_if_it_must(clock: Any, people: Cast) -> None:
    for days in (3, 10):
        make_session(people.circle, people.alice, in_=timedelta(days=days))
    bob, path = signed_in(people.bob), reverse("pages:times")
    said = [
        bob.post(path, {"what": "away", "first_on": first, "last_on": last}, follow=True).content.decode()
        for first, last in (("2027-03-01", ""), ("2027-01-14", ""), ("2027-01-01", "2027-12-31"))
    ]
    assert "No session that is planned falls into it." in said[0]
    assert "You are away from 1 session; no role is proposed to you there." in said[1]
    assert "You are away from every session that is planned" in said[2]
    assert Absence.objects.count() == 1, "days that overlap are one absence"
    page = signed_in(people.alice).get(reverse("pages:circle", args=[people.circle.code]))
    assert page.status_code == 200


def test_leave_that_is_long_over_goes(clock: Any, people: Cast) -> None:
    absence_add(user=people.bob, first_on=date(2027, 1, 1), last_on=date(2027, 1, 5))
    assert absences_prune(now=NOW + timedelta(days=20)) == 0
    assert absences_prune(now=NOW + timedelta(days=40)) == 1


STRETCH = st.tuples(st.integers(0, 47), st.integers(1, 48), st.sampled_from(["good", "possible"]))


@pytest.mark.django_db
@settings(max_examples=20)
@given(stretches=st.lists(STRETCH.filter(lambda one: one[0] < one[1]), max_size=6), data=st.data())
def test_the_last_word_about_each_half_hour_holds(stretches: list[tuple[int, int, str]], data: Any) -> None:
    user = User.objects.with_email("week@example.org") or make_user("Week", email="week@example.org")
    Availability.objects.filter(user=user).delete()
    said: dict[int, str] = {}
    for start, end, level in stretches:
        availability_add(user=user, weekdays=[3], start=start * 30, end=end * 30, level=level)
        said |= dict.fromkeys(range(start, end), level)
    rows = Availability.objects.filter(user=user)
    kept: dict[int, str] = {}
    for row in rows:
        halves = range(row.start // 30, row.end // 30)
        assert not kept.keys() & set(halves), "stretches do not overlap"
        kept |= dict.fromkeys(halves, row.level)
    assert kept == said
