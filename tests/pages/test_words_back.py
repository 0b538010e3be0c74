"""What was written is given back where it cannot be kept: a sign-in that ran out, a form that grew old."""

import html
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from circles.models import Goal
from sessions.planning.services import session_cancel
from tests.factories import NEWER, NOW, Cast, make_session, signed_in

pytestmark = pytest.mark.django_db
LINE = "To say no without three paragraphs & a <b>reason</b>"


def given_back(answer: Any) -> list[str]:
    boxes = answer.content.decode().split("<textarea")[1:]
    return [html.unescape(box.split(">", 1)[1].split("</textarea>")[0]) for box in boxes]


def test_whoever_is_signed_out_meanwhile_gets_back_what_they_wrote(people: Cast, clock: Any) -> None:
    page = reverse("circles:goals", args=[people.circle.code])
    answer = Client().post(page, {"text": LINE, "next": "/circles/", "code": "3f2504e0"})
    assert answer.status_code == 403
    assert given_back(answer) == [LINE]
    assert "<b>reason</b>" not in answer.content.decode()
    assert answer.headers["Cache-Control"].count("no-store") == 1
    assert not Goal.objects.exists()


def test_it_is_the_same_whether_or_not_there_is_such_a_thing(people: Cast, clock: Any) -> None:
    there = Client().post(reverse("circles:goals", args=[people.circle.code]), {"text": LINE})
    nowhere = Client().post(reverse("circles:goals", args=[people.bob.code]), {"text": LINE})
    assert given_back(there) == given_back(nowhere) == [LINE]
    assert there.status_code == nowhere.status_code == 403


def test_without_words_they_are_sent_to_sign_in_at_once(people: Cast, clock: Any) -> None:
    answer = Client().post(reverse("circles:goals", args=[people.circle.code]), {"text": "no"})
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign/login/")


def test_a_form_that_grew_old_gives_it_back_too_and_no_password(people: Cast, clock: Any) -> None:
    old = Client(enforce_csrf_checks=True)
    old.force_login(people.bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = reverse("circles:goals", args=[people.circle.code])
    answer = old.post(page, {"text": LINE, "password": "three secret words", "new_password1": "three other words"})
    assert answer.status_code == 403
    assert given_back(answer) == [LINE]
    assert signed_in(User.objects.get(pk=people.bob.pk)).post(page, {"text": LINE}).status_code == 302
    assert Goal.objects.get().user == people.bob


@pytest.mark.parametrize("words", ["もう三回断れませんでした。", "Ünwohl", "one\ntwo", LINE])
def test_whatever_has_letters_of_a_language_or_a_space_is_words(people: Cast, clock: Any, words: str) -> None:
    form = {"text": words, "day": "2027-01-13 12:00"}
    answer = Client().post(reverse("circles:goals", args=[people.circle.code]), form)
    assert given_back(answer) == [words]


def test_who_was_taken_out_while_writing_gets_it_back(people: Cast, clock: Any) -> None:
    """And the page is the one that a stranger gets: it says nothing of what there is."""
    page = reverse("circles:goals", args=[people.circle.code])
    answer = signed_in(people.erin).post(page, {"text": LINE})
    assert (answer.status_code, given_back(answer)) == (404, [LINE])
    nowhere = signed_in(people.erin).post(reverse("circles:goals", args=[people.bob.code]), {"text": LINE})
    assert (nowhere.status_code, given_back(nowhere)) == (404, [LINE])
    assert given_back(signed_in(people.erin).get(page)) == []


def test_what_is_refused_under_somebodys_hands_is_given_back(people: Cast, clock: Any) -> None:
    """It was called off in another window while they wrote."""
    session = make_session(people.circle, people.alice)
    session_cancel(session=session, now=NOW)
    path = reverse("sessions:issue", args=[session.code])
    form = {"title": "Mine", "text": LINE, "ask": "listen"}
    bob = signed_in(people.bob)
    answer = bob.post(path, form)
    assert (answer.status_code, given_back(answer)) == (409, [LINE])
    page = answer.content.decode()
    assert "The session is over." in page
    assert f'href="{reverse("sessions:session", args=[session.code])}#bring"' in page
    assert bob.post(path, form | {"text": "no"}).status_code == 302, "nothing was written"


def test_a_check_out_that_is_too_late_is_said_and_given_back(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    session_cancel(session=session, now=NOW)
    answer = signed_in(people.bob).post(reverse("sessions:check_out", args=[session.code]), {"insight": LINE})
    assert (answer.status_code, given_back(answer)) == (409, [LINE])
    assert "You cannot check out of this session now." in answer.content.decode()


@pytest.mark.parametrize(("fault", "status"), [(OperationalError("away"), 503), (ValueError("ours"), 500)])
def test_a_database_that_is_away_and_a_fault_of_ours_give_it_back(
    people: Cast, clock: Any, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int
) -> None:
    def fails(**_details: object) -> None:
        raise fault

    monkeypatch.setattr("circles.views.services.goal_write", fails)
    bob = signed_in(people.bob)
    bob.raise_request_exception = False
    answer = bob.post(reverse("circles:goals", args=[people.circle.code]), {"text": LINE})
    assert (answer.status_code, given_back(answer)) == (status, [LINE])


def test_a_missing_key_gives_it_back(people: Cast, clock: Any, settings: Any) -> None:
    settings.CONTENT_KEYS = [NEWER]
    answer = signed_in(people.bob).post(reverse("circles:goals", args=[people.circle.code]), {"text": LINE})
    assert (answer.status_code, given_back(answer)) == (503, [LINE])
