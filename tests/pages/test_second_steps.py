"""Second steps lie sealed: a stolen dump opens no account, and a missing key is said instead of a fault."""

import time
from collections.abc import Iterator
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings

from config.checks import content_keys_complete
from pages.second_steps import opened, sealed
from tests.factories import NEWER, NOW, PASSWORD, Cast, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """A code is good for half a minute, which must not end between making it and typing it."""
    with time_machine.travel(NOW, tick=False):
        yield


SECRET = generate_totp_secret()


@pytest.fixture
def codes(people: Cast) -> list[str]:
    """Alice has an authenticator app and recovery codes; the codes that are left."""
    TOTP.activate(people.alice, SECRET)
    return list(RecoveryCodes.activate(people.alice).get_unused_codes())


def rotate() -> str:
    said = StringIO()
    call_command("rotate_content_keys", stdout=said, stderr=said)
    return said.getvalue()


def at_the_second_step() -> Client:
    client = Client()
    client.post("/sign/login/", {"login": "alice@example.org", "password": PASSWORD})
    return client


def lets_in(code: str) -> bool:
    return bool(at_the_second_step().post("/sign/2fa/authenticate/", {"code": code}).status_code == 302)


def code_now() -> str:
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))


def kept() -> list[str]:
    """What lies in the column, as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator ORDER BY id")
        return [str(row[0]) for row in cursor]


def test_a_dump_holds_no_second_step(codes: list[str]) -> None:
    assert len(kept()) == 2
    assert not any(word in text for text in kept() for word in [SECRET, *codes])
    assert lets_in(code_now())
    assert lets_in(codes[0])
    assert not lets_in(codes[0])
    assert sealed(SECRET) != sealed(SECRET)


@pytest.mark.django_db(transaction=True)  # the mail goes out after the commit, while the request is still known
def test_a_second_step_is_changed_after_a_fresh_sign_in_and_its_owner_is_told(people: Cast) -> None:
    bob = signed_in(people.bob)
    for path in ("totp/activate/", "recovery-codes/generate/", "webauthn/add/"):
        assert bob.get(f"/sign/2fa/{path}").url.startswith("/sign/reauthenticate/"), path
        assert bob.post(f"/sign/2fa/{path}", {"code": "1"}).url.startswith("/sign/reauthenticate/"), path
    bob.post("/sign/reauthenticate/", {"password": PASSWORD})
    bob.get("/sign/2fa/totp/activate/")
    secret = bob.session["mfa.totp.secret"]
    mail.outbox.clear()
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    bob.post("/sign/2fa/totp/activate/", {"code": code})
    assert Authenticator.objects.filter(user=people.bob, type="totp").exists()
    assert {tuple(message.to) for message in mail.outbox} == {("bob@example.org",)}
    assert "If it was not, choose a new password at once" in str(mail.outbox[0].body)
    mail.outbox.clear()
    bob.post("/sign/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=people.bob, type="totp").exists()
    assert {tuple(message.to) for message in mail.outbox} == {("bob@example.org",)}


def test_their_owner_still_reads_the_codes(codes: list[str]) -> None:
    client = at_the_second_step()
    client.post("/sign/2fa/authenticate/", {"code": code_now()})
    first = client.get("/sign/2fa/recovery-codes/")
    client.post(first.headers["Location"], {"password": PASSWORD})
    page = client.get("/sign/2fa/recovery-codes/").content.decode()
    assert all(code in page for code in codes)


def test_keys_are_rotated_and_every_second_step_still_works(codes: list[str]) -> None:
    with override_settings(CONTENT_KEYS=[NEWER, *settings.CONTENT_KEYS]):
        assert "2 second steps sealed anew" in rotate()
        assert "0 second steps sealed anew" in rotate()
    with override_settings(CONTENT_KEYS=[NEWER]):
        assert all('"newer:' in text for text in kept())
        assert lets_in(code_now())
        assert lets_in(codes[1])


def test_one_from_before_works_and_is_sealed_with_the_next_rotation(people: Cast) -> None:
    Authenticator.objects.create(user=people.alice, type=Authenticator.Type.TOTP, data={"secret": SECRET})
    assert "1 second steps sealed anew" in rotate()
    assert SECRET not in kept()[0]
    assert lets_in(code_now())


def test_without_its_key_the_page_says_what_is_missing(people: Cast, codes: list[str]) -> None:
    before = kept()
    with override_settings(CONTENT_KEYS=[NEWER]):
        (warning,) = content_keys_complete(None, databases=["default"])
        assert "2 second steps under" in warning.msg
        with pytest.raises(CommandError, match="Not everything"):
            rotate()
        answer = at_the_second_step().post("/sign/2fa/authenticate/", {"code": code_now()})
        assert answer.status_code == 503
        assert "cannot be read at the moment" in answer.content.decode()
        assert signed_in(people.alice).get("/sign/2fa/").status_code == 503
    assert kept() == before
    assert lets_in(code_now())


@pytest.mark.parametrize("at", [0, 20, -1])
def test_a_changed_secret_opens_nothing(codes: list[str], at: int) -> None:
    row = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    key_id, _colon, text = row.data["secret"].partition(":")
    other = "A" if text[at] != "A" else "B"
    changed = text[:at] + other + text[at + 1 :] if at >= 0 else text[:-4]
    row.data = {"secret": f"{key_id}:{changed}"}
    row.save()
    assert at_the_second_step().post("/sign/2fa/authenticate/", {"code": code_now()}).status_code == 503
    assert opened(sealed(SECRET)) == SECRET
