"""How dates come into somebody's calendar is theirs to choose, and what came of answers is counted for administrators."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse

from accounts.models import User
from accounts.services import feed_renew, user_set_calendar
from tests.factories import NOW, Cast, make_session, signed_in
from tests.mailboxes import Box, mailbox_used
from tests.sessions.test_answers import reply

pytestmark = pytest.mark.django_db
PATH = reverse("pages:calendar")


@pytest.fixture(autouse=True)
def invited() -> Iterator[None]:
    with override_settings(ANSWER_ADDRESS="calendar@circles.example"):
        yield


def test_the_choice_is_kept_and_shown(people: Cast) -> None:
    client = signed_in(people.bob)
    assert chosen(client.get(PATH)) == "invitations"
    assert client.post(PATH, {"by": "files"}).url == PATH  # type: ignore[attr-defined]
    people.bob.refresh_from_db()
    assert people.bob.calendar_by == "files"
    assert chosen(client.get(PATH)) == "files"
    assert client.post(PATH, {"by": "pigeon"}).status_code == 404


def chosen(page: Any) -> str:
    """Which way the page says that dates come by now."""
    return str(re.findall(r'<option value="(\w+)" selected', page.content.decode())[0])


def test_whoever_has_a_feed_is_told_that_files_come(people: Cast) -> None:
    feed_renew(user=people.bob, now=NOW)
    assert chosen(signed_in(people.bob).get(PATH)) == "files"


def test_nothing_is_asked_where_nobody_is_invited_by_calendar(people: Cast) -> None:
    with override_settings(ANSWER_ADDRESS=""):
        assert b"How dates come" not in signed_in(people.bob).get(PATH).content


def test_administrators_of_the_site_see_counts_of_answers_and_no_word(people: Cast, clock: Any) -> None:
    from sessions.tasks import read_answers

    session, box = make_session(people.circle, people.alice), Box()
    box.put(reply(session, people.bob, "ACCEPTED", at=NOW))
    box.put(b"To: x\r\nSubject: a canary of mine\r\n\r\na canary of mine")
    sue = User.objects.create_superuser("sue@example.org", "x", name="Sue")
    page = signed_in(sue).get(reverse("pages:outbox")).content
    assert b"The mailbox has not been read yet." in page
    with mailbox_used(box):
        read_answers()
    page = " ".join(signed_in(sue).get(reverse("pages:outbox")).content.decode().split())
    assert "The mailbox was last read on Monday 11 January" in page
    assert "<dt>Answers taken over</dt> <dd>1</dd>" in page
    assert "<dt>Put aside: no_calendar</dt> <dd>1</dd>" in page
    assert "canary" not in page
    with override_settings(ANSWER_ADDRESS=""):
        assert b"Answers of calendars" not in signed_in(sue).get(reverse("pages:outbox")).content


def test_erasing_forgets_the_choice(people: Cast) -> None:
    from pages.erasing_services import person_erase

    user_set_calendar(user=people.bob, by="nothing")
    person_erase(user=people.bob, now=NOW)
    people.bob.refresh_from_db()
    assert people.bob.calendar_by == ""
