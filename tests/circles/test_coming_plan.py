"""A plan for coming: one line for oneself, after a yes to a circle."""

from typing import Any

from django.urls import reverse

from circles.models import ComingPlan
from circles.selectors import coming_plan_of
from circles.services import coming_plan_write
from pages.own_words import words_of
from tests.factories import NOW, Cast, make_session, signed_in

LINE = "a canary is ill, I will join from my phone"


def test_only_its_writer_reads_it(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    coming_plan_write(circle=people.circle, user=people.bob, text=LINE, now=NOW)
    bob = signed_in(people.bob)
    bob.post(reverse("sessions:rsvp", args=[session.code]), {"answer": "yes"})
    pages = [
        reverse("circles:coming_plan", args=[people.circle.code]),
        reverse("sessions:session", args=[session.code]),
        reverse("pages:joined", args=[people.circle.code]),
    ]
    for page in pages:
        assert LINE in bob.get(page).content.decode(), page
    for other in (people.alice, people.carol):
        client = signed_in(other)
        client.post(reverse("sessions:rsvp", args=[session.code]), {"answer": "yes"})
        for page in [*pages, reverse("circles:people", args=[people.circle.code])]:
            answer = client.get(page)
            assert answer.status_code == 200
            assert "canary" not in answer.content.decode(), page
    assert [one.texts for one in words_of(people.bob)] == [(LINE,)]


def test_it_is_asked_on_the_page_of_a_session_after_a_yes(people: Cast, clock: Any) -> None:
    page = reverse("sessions:session", args=[make_session(people.circle, people.alice).code])
    bob = signed_in(people.bob)
    assert "I will …" not in bob.get(page).content.decode()
    bob.post(page + "rsvp/", {"answer": "yes"})
    assert "If … comes up on that day, I will …" in bob.get(page).content.decode()


def test_it_is_written_anew_and_taken_back_where_it_was_pressed(people: Cast, clock: Any) -> None:
    bob, path = signed_in(people.bob), reverse("circles:coming_plan", args=[people.circle.code])
    there = reverse("sessions:session", args=[make_session(people.circle, people.alice).code]) + "#my-plan"
    assert bob.post(path, {"text": "first", "next": there}).url == there
    bob.post(path, {"text": "second"})
    assert coming_plan_of(people.circle, people.bob) == "second"
    assert ComingPlan.objects.count() == 1
    bob.post(path, {"text": "  "})
    assert not ComingPlan.objects.exists()


def test_a_line_that_is_too_long_stays_typed(people: Cast, clock: Any) -> None:
    path = reverse("circles:coming_plan", args=[people.circle.code])
    page = signed_in(people.bob).post(path, {"text": "x" * 5000}).content.decode()
    assert "Use at most 200 characters; this has 5000." in page
    assert "x" * 5000 in page
    assert not ComingPlan.objects.exists()


def test_nobody_outside_finds_it(people: Cast, clock: Any) -> None:
    path = reverse("circles:coming_plan", args=[people.circle.code])
    client = signed_in(people.erin)
    assert client.get(path).status_code == 404
    assert client.post(path, {"text": "x"}).status_code == 404
