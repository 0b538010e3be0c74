"""The texts a new circle may start from, and a plain text and a paper of them."""

from typing import Any

import pytest
from django.urls import reverse

from agreements.enums import Start, Theme
from agreements.selectors import clauses_of, current_version
from agreements.starting import STARTS
from circles.models import Circle
from tests.factories import Cast, make_user, sign, signed_in


@pytest.mark.parametrize("start", Start.values)
def test_every_text_speaks_of_every_theme_and_of_the_limits_of_silence(start: str) -> None:
    clauses = STARTS[start]
    assert {theme for theme, _text in clauses} == set(Theme.values)
    themes = [theme for theme, _text in clauses]
    assert themes == sorted(themes, key=Theme.values.index), "in the order in which it is read"
    assert sum("The limit of silence" in text for _theme, text in clauses) == 1
    assert [theme for theme, text in clauses if text.startswith(("First:", "Next:", "Last:"))] == ["breach"] * 3
    assert all(len(text) <= 400 for _theme, text in clauses)


@pytest.mark.parametrize("start", Start.values)
def test_a_circle_starts_from_the_text_it_chose(db: None, clock: Any, start: str) -> None:
    alice = make_user()
    form = {
        "name": "New", "date": "2027-02-01", "time": "16:00", "time_zone": "Europe/London", "cadence": "weekly",
        "sessions": "6", "min_size": "2", "max_size": "8", "takes_part": "on", "start": start,
    }  # fmt: skip
    signed_in(alice).post(reverse("pages:circle_start"), form)
    version = current_version(Circle.objects.get())
    assert version
    assert [(one.theme, one.text) for one in clauses_of(version)] == list(STARTS[start])


def test_as_a_text_file_and_for_paper(people: Cast, clock: Any) -> None:
    sign(people.circle, people.bob)
    client = signed_in(people.bob)
    file = client.get(reverse("agreements:agreement_text", args=[people.circle.code]))
    text = file.content.decode()
    assert file["Content-Disposition"] == 'attachment; filename="agreement-1.txt"'
    assert file["Content-Type"].startswith("text/plain")
    assert "1.1  What is said in the circle stays in the circle." in text
    assert "after 7 days without an open concern" in text
    assert "Bob Baker: Monday 11 January" in text
    assert "Carol Cook: not yet" in text
    assert "<" not in text
    paper = client.get(reverse("agreements:agreement_print", args=[people.circle.code])).content.decode()
    assert "The working agreement of Alder circle" in paper


def test_the_page_for_hard_days_is_in_the_circles_own_words(people: Cast, clock: Any) -> None:
    page = signed_in(people.bob).get(reverse("agreements:agreement_hard", args=[people.circle.code])).content.decode()
    places = [page.index(word) for word in ("First: whoever", "Next: if that", "Last: if we")]
    assert places == sorted(places)
    assert "These are your circle’s own words." in page


def test_earlier_versions_stay_readable_and_others_are_no_address(people: Cast, clock: Any) -> None:
    client = signed_in(people.bob)
    assert client.get(reverse("agreements:agreement_version", args=[people.circle.code, 1])).status_code == 200
    for number in (0, 2, 999_999_999):
        answer = client.get(reverse("agreements:agreement_version", args=[people.circle.code, number]))
        assert answer.status_code == 404, number
    for number in ("9", "x", "9999", "²"):
        answer = client.get(reverse("agreements:agreement", args=[people.circle.code]) + f"?from={number}")
        assert answer.status_code in (200, 404), number
