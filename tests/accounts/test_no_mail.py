"""Doors that send a mail, where there is no mail server and where it is away."""

import smtplib
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client, override_settings

from tests.factories import PASSWORD, Cast, change_password

pytestmark = pytest.mark.django_db
DOORS = {
    "/sign/login/code/": {"email": "alice@example.org"},
    "/sign/password/reset/": {"email": "alice@example.org"},
    "/sign/signup/": {"email": "new@example.org", "password1": PASSWORD, "name": "New", "time_zone": "UTC"},
}


class Away(BaseEmailBackend):
    """A mail server that cannot be reached."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError


class Refusing(BaseEmailBackend):
    """A relay that does not know our password."""

    def send_messages(self, email_messages: Any) -> int:
        raise smtplib.SMTPAuthenticationError(535, b"5.7.8 Bad credentials")


@pytest.mark.parametrize("backend", [Away, Refusing])
@pytest.mark.parametrize("door", DOORS)
def test_a_mail_server_that_is_away(people: Cast, door: str, backend: type[BaseEmailBackend]) -> None:
    with override_settings(EMAIL_BACKEND=f"{__name__}.{backend.__name__}"):
        answer = Client().post(door, DOORS[door])
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert b"The mail did not go out" in answer.content


def test_it_is_away_for_addresses_without_an_account_too(people: Cast) -> None:
    with override_settings(EMAIL_BACKEND=f"{__name__}.Away"):
        for door in ("/sign/login/code/", "/sign/password/reset/"):
            seen = [Client().post(door, {"email": f"{who}@example.org"}) for who in ("alice", "nobody")]
            assert [answer.status_code for answer in seen] == [503, 503]


def test_a_password_is_changed_although_the_mail_cannot_go(people: Cast) -> None:
    with override_settings(EMAIL_BACKEND=f"{__name__}.Away"):
        client = change_password(people.alice)
    assert client.get("/circles/").status_code == 200
    people.alice.refresh_from_db()
    assert people.alice.check_password("another three words")


@pytest.mark.parametrize("door", DOORS)
def test_without_a_mail_server_the_pages_say_where_it_lies(people: Cast, door: str) -> None:
    with override_settings(EMAIL_HOST="", EMAIL_FILE_PATH="/somewhere/mail"):
        answer = Client().post(door, DOORS[door], follow=True)
        assert "the mail lies as a file in /somewhere/mail" in answer.content.decode()
        with override_settings(EMBEDDED=False):
            page = Client().get(answer.request["PATH_INFO"]).content.decode()
    assert "/somewhere/mail" not in page
