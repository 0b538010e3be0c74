"""Guessing: passwords, codes and second steps are stopped by the tenth try, whatever a client says of itself.

And asking: every door answers the same, with the same work done, for an address with an account and one without.
"""

import logging
import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import hashers
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client, RequestFactory, override_settings

from accounts import known
from accounts.models import CacheRow, User
from tests.factories import NOW, PASSWORD, Cast, change_password, signed_in
from tests.thorough import THOROUGH, seldom

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
CODE = re.compile(r"\b([A-Z0-9]{3,4}-[A-Z0-9]{3,4})\b")
LOGIN = {"login": "alice@example.org", "password": PASSWORD}


# The tenth is the last that counts.
MANY = 50 if THOROUGH else 15


def spoof(number: int) -> dict[str, Any]:
    """What somebody may claim about where they are."""
    lie = f"203.0.113.{number}"
    names = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_CLIENT_IP", "HTTP_CF_CONNECTING_IP", "HTTP_TRUE_CLIENT_IP")
    return dict.fromkeys(names, lie) | {"HTTP_FORWARDED": f"for={lie}"}


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("door", ["/sign/login/", "/admin/login/?next=/admin/"])
def test_fifty_wrong_passwords_from_everywhere(people: Cast, door: str) -> None:
    User.objects.filter(pk=people.alice.pk).update(is_staff=True)
    for number in range(MANY):
        answer = Client().post(
            door, LOGIN | {"username": LOGIN["login"], "password": f"wrong {number}"}, **spoof(number)
        )
        if door == "/sign/login/" and number >= 10:
            assert "That was tried too often" in answer.content.decode(), number
    for number in range(3):  # not even with the right one, for as long as the limit stands
        client = Client()
        client.post("/sign/login/", LOGIN, **spoof(100 + number))
        client.post(door, LOGIN | {"username": LOGIN["login"]}, **spoof(100 + number))
        assert is_in(client) is (door != "/sign/login/"), number  # the admin site's door takes no password at all


@pytest.mark.long
def test_many_addresses_from_one_place_are_stopped_too(people: Cast) -> None:
    """A hundred wrong ones in ten minutes, which is more than a full room mistypes."""
    for number in range(100):
        Client().post("/sign/login/", {"login": f"p{number}@example.org", "password": "wrong"}, **spoof(number))
    client = Client()
    client.post("/sign/login/", LOGIN, **spoof(99))
    assert not is_in(client)


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_behind_a_proxy_only_what_the_proxy_says_counts(people: Cast) -> None:
    """The last address is the proxy's own word; what a client wrote before it is not read."""
    for number in range(100):
        headers = {"HTTP_X_FORWARDED_FOR": f"203.0.113.{number}, 198.51.100.7"}
        Client().post("/sign/login/", {"login": f"p{number}@example.org", "password": "wrong"}, **headers)
    stopped, other = Client(), Client()
    stopped.post("/sign/login/", LOGIN, HTTP_X_FORWARDED_FOR="203.0.113.99, 198.51.100.7")
    other.post("/sign/login/", LOGIN, HTTP_X_FORWARDED_FOR="198.51.100.7, 198.51.100.8")
    assert (is_in(stopped), is_in(other)) == (False, True)


def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that the site really held against somebody's."""
    seen: list[str] = []
    real = User.check_password

    def counting(this: User, raw: str) -> bool:
        seen.append(raw)
        return bool(real(this, raw))

    monkeypatch.setattr(User, "check_password", counting)
    return seen


@pytest.mark.long
@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_nobody_can_push_a_limit_out(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guesses from forty places, with a flood at other doors in between; `bench/guessing.py` is the long form."""
    seen = looked_at(monkeypatch)
    for number in range(200):
        there = {"HTTP_X_FORWARDED_FOR": f"198.51.100.{number % 40}"}
        if number % 10:
            Client().post("/sign/password/reset/", {"email": f"p{number}@example.org"}, **there)
        else:
            Client().post("/sign/login/", LOGIN | {"password": f"wrong {number}"}, **there)
    assert len(seen) == 10
    assert CacheRow.objects.count() > 300  # as many as Django's table would have thrown away


def test_nobody_is_aimed_at_under_two_names(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's address and the person's can be written in many ways; the guesses are counted together."""
    seen = looked_at(monkeypatch)
    logins = ["alice@example.org", "Alice@Example.org", " ALICE@EXAMPLE.ORG", "al\u0131ce@example.org"]
    for number in range(40):
        wrong = {"login": logins[number % 4], "password": f"wrong {number}"}
        Client().post("/sign/login/", wrong, HTTP_HOST=f"testserver:{8000 + number}")
    assert 7 <= len(seen) <= 10  # allauth holds `ı` against nobody's password; it counts all the same


def test_its_owner_gets_in_while_strangers_guess(people: Cast) -> None:
    """In a browser of theirs with the password; anywhere with a link from the mailbox, and then with the password."""
    own, new = Client(), Client()
    own.post("/sign/login/", LOGIN)
    own.post("/sign/logout/")
    for number in range(MANY):
        Client().post("/sign/login/", LOGIN | {"password": f"wrong {number}"})
    new.post("/sign/login/", LOGIN)
    own.post("/sign/login/", LOGIN)
    assert (is_in(new), is_in(own)) == (False, True)
    new.post("/sign/password/reset/", {"email": "alice@example.org"})
    link = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert link
    form = new.get(link.group(1), follow=True)
    words = dict.fromkeys(("password1", "password2"), "another three words")
    new.post(form.redirect_chain[-1][0], words)
    for number in range(MANY):
        Client().post("/sign/login/", LOGIN | {"password": f"wrong {number}"})
    new.post("/sign/login/", LOGIN | {"password": "another three words"})
    assert is_in(new)


def test_a_known_browser_guesses_no_more_than_another(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was known ends with the password, and opens ten tries of its own, in however many browsers."""
    browsers = [Client() for _number in range(3)]
    for browser in browsers:
        browser.post("/sign/login/", LOGIN)
        browser.post("/sign/logout/")
    seen = looked_at(monkeypatch)
    for number in range(MANY):
        browsers[number % 3].post("/sign/login/", LOGIN | {"password": f"wrong {number}"})
        assert (
            browsers[number % 3].post("/sign/login/", {"login": "bob@example.org", "password": "wrong"}).context
            is not None
        )
    assert sum(guess.startswith("wrong ") for guess in seen) == 10
    people.alice.set_password("another three words")
    people.alice.save()
    cookie = browsers[0].cookies[settings.KNOWN_COOKIE_NAME].value
    request = RequestFactory().get("/")
    request.COOKIES[settings.KNOWN_COOKIE_NAME] = cookie
    assert not known.is_known(request, people.alice)
    assert str(people.alice.pk) not in cookie.split(".")


def test_a_full_room_behind_one_address_gets_in(db: None) -> None:
    """Forty people (twelve in `make test`) make their accounts and sign in within one minute, each with a slip of the fingers."""
    for number in range(40 if THOROUGH else 12):
        phone, email = Client(), f"p{number}@example.org"
        phone.post("/sign/signup/", SIGN_UP | {"email": email})
        code = CODE.search(str(mail.outbox[-1].body))
        assert code
        phone.post("/sign/confirm-email/", {"code": "AAA-AAA"})
        phone.post("/sign/confirm-email/", {"code": code.group(1)})
        assert is_in(phone), number
        laptop = Client()
        laptop.post("/sign/login/", {"login": email, "password": "mistyped"})
        laptop.post("/sign/login/", {"login": email, "password": PASSWORD})
        assert is_in(laptop), number


def test_fifty_guessed_codes(people: Cast, clock: Any) -> None:
    """A code stands three tries, and an account ten an hour, over however many codes and browsers."""
    held: list[bool] = []
    for number in range(20 if MANY < 50 else MANY):
        client = Client()
        client.post("/sign/login/code/", {"email": "alice@example.org"}, **spoof(number))
        for guess in ("AAA-AAAA", "AAA-AAAB"):
            answer = client.post("/sign/login/code/confirm/", {"code": guess}, **spoof(number), follow=True)
            held.append("Incorrect code" in answer.content.decode())
        clock.shift(50)
    assert sum(held) == 10
    codes = [found.group(1) for message in mail.outbox if (found := CODE.search(str(message.body)))]
    assert len(codes) == 10  # an hour
    for code in codes:  # none of them is worth anything elsewhere
        client.post("/sign/login/code/confirm/", {"code": code})
        assert not is_in(client)


@pytest.mark.parametrize("path", seldom(["/setup/", "/invitation/"], of=2))
def test_guessed_secrets(people: Cast, path: str) -> None:
    """Those that end alike ten times an hour, those from one place a hundred times in ten minutes."""
    said = [Client().get(f"{path}{number:040}abcdefgh/").status_code for number in range(12)]
    assert said == [302] * 10 + [429] * 2
    said = [Client().get(f"{path}{number:040}/").status_code for number in range(100)]
    assert said[-10:] == [429] * 10


def test_guessed_slips(people: Cast) -> None:
    said = [Client().post("/join/", {"code": f"AAAA-A{number:03}-BCDE"}).status_code for number in range(222, 234)]
    assert 429 not in said[:10]
    assert said[10:] == [429, 429]


def test_guessed_links_to_a_new_password(people: Cast) -> None:
    """The link from the mail works on, however many were guessed for the same person."""
    client = Client()
    client.post("/sign/password/reset/", {"email": "alice@example.org"})
    link = re.search(r"http://testserver(/\S+-)(\w{8,})/", str(mail.outbox[0].body))
    assert link
    begins, right = link.groups()
    seen = [Client().get(f"{begins}{number:032x}/", follow=True).context["token_fail"] for number in range(20)]
    assert seen == [True] * 20
    assert not client.get(f"{begins}{right}/", follow=True).context.get("token_fail")
    for number in range(10):  # only whoever knows how it ends can make it rest for an hour
        Client().get(f"{begins}{number:024x}{right[-8:]}/")
    assert Client().get(f"{begins}{right}/", follow=True).context["token_fail"]


def test_fifty_second_steps(people: Cast) -> None:
    secret = generate_totp_secret()
    TOTP.activate(people.alice, secret)
    assert Authenticator.objects.filter(user=people.alice).exists()
    client = Client()
    assert client.post("/sign/login/", LOGIN).url.startswith("/sign/2fa/authenticate/")
    assert not is_in(client), "a password alone lets nobody in"
    said = [client.post("/sign/2fa/authenticate/", {"code": f"{number:06}"}, **spoof(number)) for number in range(MANY)]
    assert all("That was tried too often" in answer.content.decode() for answer in said[10:])
    assert not is_in(client)


def test_the_limits_are_counted_in_one_place_for_all_processes() -> None:
    """In one process's memory each worker would give ten tries of its own; another server may be away or forget."""
    from config import settings as ours

    assert ours.CACHES == {"default": {"BACKEND": "accounts.cache_services.Rows"}}
    assert settings.CACHES == ours.CACHES


class Counted:
    """How often a password is hashed, whoever asks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        hasher = type(hashers.get_hasher())
        real = hasher.encode

        def counting(this: Any, *args: Any, **options: Any) -> str:
            self.times += 1
            return real(this, *args, **options)

        monkeypatch.setattr(hasher, "encode", counting)


SIGN_UP = {"password1": PASSWORD, "name": "Somebody", "time_zone": "UTC"}
DOORS = {
    "/sign/login/": ("login", {"password": "wrong"}),
    "/sign/login/code/": ("email", {}),
    "/sign/password/reset/": ("email", {}),
    "/sign/signup/": ("email", SIGN_UP),
}


@pytest.mark.parametrize("door", DOORS)
def test_known_and_unknown_addresses_meet_the_same(people: Cast, door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Status, place, body, mails and the one thing that takes long; bench/doors.py measures the time itself."""
    field, rest = DOORS[door]
    counted, seen = Counted(monkeypatch), []
    for email in ("alice@example.org", "alicf@example.org"):
        counted.times, before = 0, len(mail.outbox)
        client = Client()
        answer = client.post(door, rest | {field: email})
        after = client.get(answer.url).content if answer.status_code == 302 else answer.content
        body = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", after).replace(email.encode(), b"")
        seen.append((answer.status_code, getattr(answer, "url", ""), body, len(mail.outbox) - before, counted.times))
    assert seen[0] == seen[1]
    assert seen[0][3:] == {"/sign/login/": (0, 1), "/sign/signup/": (1, 1)}.get(door, (1, 0))


def test_a_new_password_ends_every_other_session(people: Cast) -> None:
    """With their rows in the database gone, streams that are open there end within seconds."""
    there = Client()
    there.post("/sign/login/", LOGIN)
    elsewhere = there.session.session_key
    here = change_password(people.alice)
    assert here.get("/circles/").status_code == 200
    assert there.get("/circles/").status_code == 302
    assert not Session.objects.filter(session_key=elsewhere).exists()
    assert UserSession.objects.get(user=people.alice).session_key == here.cookies[settings.SESSION_COOKIE_NAME].value
    assert [message.subject for message in mail.outbox] == ["Your password was changed"]
    assert "If it was not, choose a new password at once" in str(mail.outbox[0].body)
    assert "another three words" not in str(mail.outbox[0].message())


def test_a_reset_password_ends_every_session(people: Cast) -> None:
    there = signed_in(people.alice)
    client = Client()
    client.post("/sign/password/reset/", {"email": "alice@example.org"})
    link = re.search(r"http://testserver(/\S+)", str(mail.outbox[0].body))
    assert link
    form = client.get(link.group(1), follow=True)
    path = form.redirect_chain[-1][0]
    client.post(path, {"password1": "another three words", "password2": "another three words"})
    assert there.get("/circles/").status_code == 302
    assert client.get(link.group(1), follow=True).context["token_fail"]


def test_a_sign_in_gives_a_session_a_new_name(people: Cast) -> None:
    """Whoever planted a session in somebody's browser does not share what they sign in to."""
    client = Client()
    client.get("/sign/login/")
    client.get("/invitation/nothing/")
    before = client.session.session_key
    client.post("/sign/login/", LOGIN)
    assert is_in(client)
    assert client.session.session_key != before
    assert time.time() == NOW.timestamp()


@pytest.mark.parametrize("door", ["/sign/login/code/", "/sign/password/reset/", "/sign/signup/"])
def test_links_in_mails_never_come_from_the_request(people: Cast, door: str) -> None:
    """Somebody asks in another's name, and says that the site has another address."""
    field, rest = DOORS[door]
    for email in ("alice@example.org", "nobody@example.org"):
        for host in ("localhost", "127.0.0.1:8000", "evil.example"):
            cache.clear()
            headers = {"HTTP_HOST": host, "HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_X_FORWARDED_PROTO": "https"}
            Client().post(door, rest | {field: email}, **headers)
    links = [link for message in mail.outbox for link in re.findall(r"https?://[^\s\"<>]+", str(message.message()))]
    assert len(mail.outbox) >= 4
    assert [link for link in links if not link.startswith((settings.SITE_URL, "http://www.w3.org/"))] == []


def test_the_log_says_who_came_and_went_and_no_secret(people: Cast) -> None:
    said: list[str] = []

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    handler = Heard()
    log = logging.getLogger("talking_piece.sign_in")
    log.addHandler(handler)
    try:
        Client().post("/sign/login/", LOGIN | {"password": "wrong"})
        change_password(people.alice).post("/sign/logout/")
    finally:
        log.removeHandler(handler)
    me = f"person {people.alice.pk}"
    assert said == ["somebody was refused", f"{me} signed in", f"{me} changed their password", f"{me} signed out"]
