"""When the disk is full or the database takes no writes: a calm page, nothing half done, and on it goes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from agreements.models import Commitment
from sessions.live.log_selectors import log_of
from sessions.live.starting_services import session_start
from tests.factories import NOW, PASSWORD, Cast, make_cast, make_session, signed_in
from tests.pages.test_reading_changes_nothing import rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


READ_ONLY = {
    "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    "postgresql": ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
}


@contextmanager
def full_disk() -> Iterator[None]:
    """No page more than there is: SQLite then says what it says on a full disk."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        try:
            yield
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")


@contextmanager
def read_only() -> Iterator[None]:
    with connection.cursor() as cursor:
        off, on = READ_ONLY[connection.vendor]
        cursor.execute(off)
        try:
            yield
        finally:
            cursor.execute(on)


def browser(user: User | None = None) -> Client:
    """One that is shown the page for a fault, as people are."""
    client = signed_in(user) if user else Client()
    client.raise_request_exception = False
    return client


# How PostgreSQL meets a full disk is its own affair.
TROUBLES = [read_only, full_disk] if connection.vendor == "sqlite" else [read_only]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_form_is_refused_calmly_and_works_again(trouble: Callable[[], Any]) -> None:
    people = make_cast()
    bob = browser(people.bob)
    add = reverse("agreements:commitment_add", args=[people.circle.code])
    form = {"text": "words " * 80, "due_on": "2027-01-20", "partner": "", "audience": "circle"}
    before = rows()
    with trouble():
        for _again in range(200):  # pages that are half empty fill up first
            answer = bob.post(add, form)
            if answer.status_code != 302:
                break
        written = Commitment.objects.count()
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert b"Nothing is lost and nothing was half done" in answer.content
        assert bob.get(reverse("pages:circle", args=[people.circle.code])).status_code == 200
        if trouble is read_only:
            assert rows() == before
    assert bob.post(add, form).status_code == 302
    assert Commitment.objects.count() == written + 1


def test_a_press_is_whole_or_not_at_all() -> None:
    people: Cast = make_cast()
    session = make_session(people.circle, people.alice)
    ids = [user.pk for user in (people.alice, people.bob, people.carol)]
    session_start(session=session, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=NOW)
    alice, press = browser(people.alice), reverse("sessions:command", args=[session.code, "next"])
    before = rows()
    with read_only():
        assert alice.post(press, {"expected_seq": "1"}).status_code == 503
        assert rows() == before
    assert alice.post(press, {"expected_seq": "1"}).status_code in (204, 302)
    session.refresh_from_db()
    assert len(log_of(session)) == 2


def test_signing_in_is_refused_calmly() -> None:
    """What is written after the page is made, such as the session itself, meets the same answer."""
    make_cast()
    client = browser()
    with read_only():
        answer = client.post("/sign/login/", {"login": "bob@example.org", "password": PASSWORD})
        opened = client.get("/invitation/nothing/")
    assert answer.status_code == 503
    assert opened.status_code == 503
    assert client.post("/sign/login/", {"login": "bob@example.org", "password": PASSWORD}).status_code == 302
