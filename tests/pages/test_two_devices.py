"""One person's words on two devices: what one wrote on the phone is not lost to a page that stood open on the desk."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sessions.journeys.library import journey_version_of
from sessions.models import CircleSession, Issue, SheetAnswer
from sessions.planning.journey_services import journey_take
from tests.factories import NOW, Cast, make_session, signed_in
from tests.pages.test_other_tabs import asked_on

pytestmark = pytest.mark.django_db
BOTH = "You wrote in another window too: both are kept."
TOO_LONG = "both together are too long"


@pytest.fixture
def session(people: Cast, clock: Any) -> CircleSession:
    session = make_session(people.circle, people.alice)
    journey_take(circle=people.circle, version=journey_version_of("first_six"), by=people.alice, now=NOW)
    return session


def sheet() -> dict[int, str]:
    return {one.question: str(one.text) for one in SheetAnswer.objects.all()}


def test_a_sheet_that_stood_open_takes_nothing_away(people: Cast, session: CircleSession) -> None:
    bob, path = signed_in(people.bob), reverse("sessions:preparation", args=[session.code])
    desk, phone = asked_on(bob, path, path), asked_on(bob, path, path)
    bob.post(path, phone.fields | {"answer_0": "From the train", "answer_1": "A hope"})
    told = bob.post(path, desk.fields | {"answer_0": "From the desk"}, follow=True).content.decode()
    assert sheet() == {0: "From the train\nFrom the desk", 1: "A hope"}
    assert BOTH in told
    # What the page showed and somebody empties there is emptied; the other question is as it was.
    bob.post(path, asked_on(bob, path, path).fields | {"answer_1": ""})
    assert sheet() == {0: "From the train\nFrom the desk"}


def test_where_both_are_too_long_for_one_question_what_is_typed_comes_back(
    people: Cast, session: CircleSession
) -> None:
    bob, path = signed_in(people.bob), reverse("sessions:preparation", args=[session.code])
    desk, phone = asked_on(bob, path, path), asked_on(bob, path, path)
    bob.post(path, phone.fields | {"answer_0": "p" * 600})
    told = bob.post(path, desk.fields | {"answer_0": "d" * 600}).content.decode()
    assert (TOO_LONG in told, "d" * 600 in told, sheet()) == (True, True, {0: "p" * 600})


def brought(client: Client, path: str, to: str) -> dict[str, str]:
    """What the page sends that brings an issue, or changes it; its other button takes it back."""
    return {name: value for name, value in asked_on(client, path, to).fields.items() if name != "take_back"}


def test_an_issue_that_stood_open_takes_nothing_away(people: Cast, session: CircleSession) -> None:
    bob, path = signed_in(people.bob), reverse("sessions:session", args=[session.code])
    to = reverse("sessions:issue", args=[session.code])
    desk, phone = brought(bob, path, to), brought(bob, path, to)
    bob.post(to, phone | {"title": "On the phone", "text": "Long thoughts", "ask": "options"})
    told = bob.post(to, desk | {"title": "At the desk", "text": "Others"}, follow=True).content.decode()
    issue = Issue.objects.get()
    assert (issue.title, issue.text) == ("At the desk", "On the phone\nLong thoughts\nOthers")
    assert BOTH in told
    # Another choice alone, from a page that knows nothing of the new words, leaves them.
    desk = brought(bob, path, to)
    bob.post(to, brought(bob, path, to) | {"title": "Once more", "text": "Words"})
    bob.post(to, desk | {"ask": "listen"})
    issue.refresh_from_db()
    assert (issue.title, issue.text, issue.ask) == ("Once more", "Words", "listen")
    desk = brought(bob, path, to)
    bob.post(to, brought(bob, path, to) | {"text": "on the phone " * 120 + "end"})
    told = bob.post(to, desk | {"text": "at the desk " * 120}).content.decode()
    issue.refresh_from_db()
    assert (TOO_LONG in told, "at the desk " * 100 in told, issue.text[-3:]) == (True, True, "end")
