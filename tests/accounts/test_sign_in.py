"""Sign-in: password or code by mail, limits, no telling who has an account."""

import re

import pytest
from django.core import mail
from django.test import Client

from tests.factories import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def test_password_and_then_today(people: Cast) -> None:
    client = Client()
    answer = client.post("/sign/login/", {"login": "ALICE@example.org", "password": PASSWORD})
    assert answer.url == "/"
    assert b", Alice" in client.get("/").content


def test_a_code_by_mail(people: Cast) -> None:
    client = Client()
    client.post("/sign/login/code/", {"email": "bob@example.org"})
    code = re.search(r"\b([A-Z0-9]{3,4}-[A-Z0-9]{3,4})\b", str(mail.outbox[0].body))
    assert code, mail.outbox[0].body
    client.post("/sign/login/code/confirm/", {"code": code.group(1)})
    assert b", Bob" in client.get("/").content


def test_wrong_passwords_are_stopped_by_the_tenth(people: Cast) -> None:
    client = Client()
    said = b""
    for _try in range(11):
        said = client.post("/sign/login/", {"login": "alice@example.org", "password": "wrong"}).content
    assert b"That was tried too often" in said
    assert (
        b"That was tried too often"
        in client.post("/sign/login/", {"login": "alice@example.org", "password": PASSWORD}).content
    )


@pytest.mark.parametrize("path", ["/sign/password/reset/", "/sign/login/code/"])
def test_known_and_unknown_addresses_look_the_same(people: Cast, path: str) -> None:
    answers = [Client().post(path, {"email": email}) for email in ("alice@example.org", "nobody@example.org")]
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0].url == answers[1].url


def test_a_person_without_name_or_zone_is_asked_first(people: Cast) -> None:
    from accounts.models import User
    from tests.factories import signed_in

    nameless = User.objects.create_user("new@example.org")
    client = signed_in(nameless)
    assert client.get("/").url == "/account/profile/?next=/"
    answer = client.post(
        "/account/profile/", {"name": "Nina", "time_zone": "Asia/Tokyo", "next": "https://evil.example/"}
    )
    assert answer.url == "/"
    nameless.refresh_from_db()
    assert (nameless.name, nameless.time_zone) == ("Nina", "Asia/Tokyo")
