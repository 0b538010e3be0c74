"""What was written is given back where it cannot be kept: a sign-in that ran out, a form that grew old."""

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from circles.models import Goal
from tests.factories import Cast, signed_in

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
