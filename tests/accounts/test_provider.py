"""Signing in through the organisation, against a provider of OpenID Connect that really runs, without a browser.

tests/browser/test_provider.py walks the same way in Chromium.
"""

import copy
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone

from accounts import claims
from accounts.doors_services import user_create_unproved
from accounts.models import User
from circles.invitation_services import members_invite
from tests.factories import PASSWORD, Cast, make_user, signed_in
from tests.provider import running_provider, tell
from tests.together import overlapping

pytestmark = pytest.mark.django_db
BEGIN = "/sign/oidc/oidc/login/"
ANN = {"email": "ann@example.org", "email_verified": True, "name": "Ann Lee"}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with running_provider() as address:
        yield address


@pytest.fixture(autouse=True)
def organisation(provider: str) -> Iterator[None]:
    with configured(provider):
        yield


def configured(address: str) -> Any:
    """The settings as OIDC_SERVER_URL, OIDC_NAME and the client's two would make them."""
    providers = copy.deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    app = {"provider_id": "oidc", "name": "Example Works", "client_id": "piece", "secret": "s"}
    providers["openid_connect"]["APPS"] = [app | {"settings": {"server_url": address, "oauth_pkce_enabled": True}}]
    return override_settings(SOCIALACCOUNT_PROVIDERS=providers, OIDC_SERVER_URL=address, OIDC_NAME="Example Works")


def through(client: Client, said: dict[str, Any], *, sub: str = "ann", begin: str = BEGIN, **headers: str) -> Any:
    """From the link, over the provider's own page, back to ours."""
    return client.get(on_the_way(client, said, sub=sub, begin=begin, **headers))


def on_the_way(client: Client, said: dict[str, Any], *, sub: str = "ann", begin: str = BEGIN, **headers: str) -> str:
    """Where the provider sends somebody back to."""
    gone = client.get(begin, headers=headers)
    assert gone.status_code == 302, gone.content.decode()
    there = urlsplit(gone.url)
    tell(f"{there.scheme}://{there.netloc}", sub, said)
    form = {"action": "deny"} if said.get("denies") else {"sub": sub}
    back = urlsplit(requests.post(gone.url, form, allow_redirects=False, timeout=5).headers["Location"])
    assert back.netloc == "testserver"
    state = "" if "state=" in back.query else f"&state={parse_qs(there.query)['state'][0]}"  # left out when it refuses
    return f"{back.path}?{back.query}{state}"


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_it_begins_with_a_link(people: Cast) -> None:
    """`form-action 'self'` stops the way from a form to another host, in Chromium."""
    page = Client().get("/sign/login/").content.decode()
    link = re.search(r'<a\s+class="btn w-full"\s+href="/sign/oidc/oidc/login/[^"]*"\s*>(.*?)</a>', page, re.DOTALL)
    assert link
    assert "Sign in through Example Works" in link[1]
    assert "form-action 'self'" in Client().get("/sign/login/").headers["Content-Security-Policy"]


def test_a_new_person() -> None:
    client = Client()
    answer = through(client, ANN)
    assert (answer.status_code, is_in(client)) == (302, True)
    ann = User.objects.get(email="ann@example.org")
    assert (ann.name, ann.has_usable_password(), ann.zone_confirmed) == ("Ann Lee", False, False)
    assert EmailAddress.objects.get(user=ann).verified
    assert mail.outbox == []
    assert 'value="Ann Lee"' in client.get("/", follow=True).content.decode()  # asked once, with what is known
    again = Client()
    through(again, ANN)
    assert (is_in(again), User.objects.count()) == (True, 1)
    kept = SocialAccount.objects.get().extra_data
    assert set(kept["userinfo"]) == {"sub", "name", "email", "email_verified"}


@pytest.mark.django_db(transaction=True)
def test_two_windows_in_which_somebody_comes_first_make_one_person() -> None:
    """Whoever is second goes round once more, and is known then; no error of ours."""
    windows = [Client(), Client()]
    backs = [on_the_way(window, ANN) for window in windows]
    answers: dict[int, Any] = {}

    def come(at: int) -> None:
        answers[at] = windows[at].get(backs[at])

    overlapping(lambda: come(0), lambda: come(1))
    assert (User.objects.count(), SocialAccount.objects.count(), EmailAddress.objects.count()) == (1, 1, 1)
    assert is_in(windows[0])
    assert answers[1].status_code == 302
    if not is_in(windows[1]):
        assert answers[1].url == BEGIN
        through(windows[1], ANN)
    assert windows[1].session["_auth_user_id"] == windows[0].session["_auth_user_id"]


def test_an_address_that_is_not_proved_takes_a_code() -> None:
    client = Client()
    answer = through(client, ANN | {"email_verified": False})
    assert (answer.url, is_in(client)) == ("/sign/confirm-email/", False)
    code = re.search(r"\b([A-Z0-9]{3,4}-[A-Z0-9]{3,4})\b", str(mail.outbox[0].body))
    assert code
    client.post(answer.url, {"code": code.group(1)})
    assert is_in(client)


@pytest.mark.parametrize("verified", [False, "false", "no", None, 0, 1, [], {"a": True}])
def test_an_address_that_is_not_proved_opens_nobodys_account(people: Cast, verified: Any) -> None:
    client = Client()
    answer = through(
        client, {"email": "alice@example.org", "email_verified": verified, "name": "Mallory"}, sub="mallory"
    )
    assert answer.url == "/sign/confirm-email/"
    client.get(answer.url)
    client.post("/sign/login/", {"login": "bob@example.org", "password": PASSWORD})
    assert not SocialAccount.objects.exists()
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]
    assert mail.outbox[0].subject == "You have an account here"
    people.alice.refresh_from_db()
    assert people.alice.name == "Alice Archer"


def test_who_has_an_account_signs_in_once_as_before(people: Cast) -> None:
    client = Client()
    answer = through(client, {"email": "Alice@example.org", "email_verified": True, "name": "A"}, sub="a")
    assert (answer.url, is_in(client)) == ("/sign/join/", False)
    page = client.get("/sign/join/").content.decode()
    assert "Example Works says that alice@example.org is yours" in page
    client.post("/sign/login/", {"login": "alice@example.org", "password": PASSWORD})
    assert SocialAccount.objects.get().user == people.alice
    assert "From now on you can sign in through Example Works" in client.get("/circles/").content.decode()
    assert [message.subject for message in mail.outbox] == ["You can sign in through Example Works now"]
    assert "third-party" not in str(mail.outbox[0].message()).lower()
    later = Client()
    through(later, {"email": "alice@example.org", "email_verified": True}, sub="a")
    assert later.session["_auth_user_id"] == str(people.alice.pk)


def test_an_account_that_somebody_else_set_up_is_taken_over(people: Cast) -> None:
    """Made under an address whose mailbox its maker never had: what they set up ends, and its owner comes in."""
    made = user_create_unproved(
        email="ann@example.org", name="Mallory", time_zone="UTC", password=PASSWORD, now=timezone.now()
    )
    theirs = signed_in(made)
    client = Client()
    through(client, ANN)
    assert client.session["_auth_user_id"] == str(made.pk)
    assert theirs.get("/circles/").status_code == 302
    made.refresh_from_db()
    assert (made.name, made.has_usable_password(), made.unproved_since) == ("Ann Lee", False, None)


def test_nobody_elses_sign_in_joins_them(people: Cast) -> None:
    client = Client()
    through(client, {"email": "alice@example.org", "email_verified": True}, sub="a")
    client.post("/sign/login/", {"login": "bob@example.org", "password": PASSWORD})
    assert not SocialAccount.objects.exists()
    assert "Nothing was joined" in client.get("/circles/").content.decode()
    assert client.get("/sign/join/").url == "/"


def test_the_second_step_is_asked_before_they_are_joined_and_after(people: Cast) -> None:
    TOTP.activate(people.alice, generate_totp_secret())
    client = Client()
    said = {"email": "alice@example.org", "email_verified": True}
    through(client, said, sub="a")
    answer = client.post("/sign/login/", {"login": "alice@example.org", "password": PASSWORD})
    assert answer.url.startswith("/sign/2fa/authenticate/")
    assert not SocialAccount.objects.exists()
    SocialAccount.objects.create(user=people.alice, provider="oidc", uid="a")
    other = Client()
    assert through(other, said, sub="a").url.startswith("/sign/2fa/authenticate/")
    assert not is_in(other)


@override_settings(REGISTRATION="invite")
def test_invite_only(people: Cast) -> None:
    """As by password: an invitation, to the address that the organisation vouches for, lets in."""
    client = Client()
    answer = through(client, ANN)
    assert "Circles here are by invitation" in answer.content.decode()
    assert (is_in(client), User.objects.filter(email="ann@example.org").exists()) == (False, False)
    members_invite(circle=people.circle, emails=["ann@example.org"], by=people.alice, now=timezone.now())
    doubted = Client()
    assert "by invitation" in through(doubted, ANN | {"email_verified": False}).content.decode()
    invited = Client()
    through(invited, ANN)
    assert is_in(invited)


def test_refused_at_the_provider() -> None:
    client = Client()
    answer = through(client, {"denies": True})
    assert answer.url == "/sign/3rdparty/login/cancelled/"
    page = client.get(answer.url).content.decode()
    assert "You, or Example Works, said no" in page
    for path in (
        f"{BEGIN}callback/?error=server_error&state=x",
        f"{BEGIN}callback/",
        f"{BEGIN}callback/?code=x&state=x",
    ):
        answer = client.get(path)
        assert answer.status_code == 401
        assert "Example Works did not say who you are" in answer.content.decode()


ODD: list[dict[str, Any]] = [
    {"email_verified": "true"},
    {"email_verified": "TRUE "},
    {"name": None},
    {"name": ["Ann"]},
    {"name": "x" * 5000},
    {"name": "‮Ann\u0000 \u200b"},
    {"name": "", "given_name": "Ann", "family_name": 7},
    {"picture": "x" * 3000, "address": {"country": "X"}, "groups": ["a"] * 500},
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_claims(odd: dict[str, Any]) -> None:
    client = Client()
    through(client, ANN | odd)
    assert is_in(client)
    ann = User.objects.get(email="ann@example.org")
    assert len(ann.name) <= 80
    assert not set(ann.name) & {"\u0000", "\u202e", "\n"}
    assert client.get("/", follow=True).status_code == 200


@pytest.mark.parametrize(
    "email", [None, "", "no address", ["ann@example.org"], 7, "a@" + "b" * 300 + ".org", "x\r\nBcc: y@z.org"]
)
def test_without_an_address_one_is_asked_for(email: Any) -> None:
    client = Client()
    answer = through(client, {"email": email, "email_verified": True, "name": "Ann Lee"})
    assert answer.url == "/sign/3rdparty/signup/"
    page = client.get(answer.url).content.decode()
    assert "Example Works knows you, but told us no address" in page
    assert "third-party" not in page.lower()
    assert 'value="Ann Lee"' in page
    form = {"email": "ann@example.org", "name": "Ann Lee", "time_zone": "Europe/London"}
    assert client.post(answer.url, {}).status_code == 200
    assert client.post(answer.url, form).url == "/sign/confirm-email/"
    assert not is_in(client)  # nobody has vouched for what they typed
    assert User.objects.get().zone_confirmed


def test_an_address_that_is_typed_meets_an_account_in_silence(people: Cast) -> None:
    client = Client()
    answer = through(client, {"name": "Mallory"}, sub="mallory")
    form = {"email": "alice@example.org", "name": "Mallory", "time_zone": "Europe/London"}
    assert client.post(answer.url, form).url == "/sign/confirm-email/"
    assert not SocialAccount.objects.exists()
    assert [message.subject for message in mail.outbox] == ["You have an account here"]


@pytest.mark.parametrize(
    ("told", "signed"),
    [({}, {}), ({"sub": ""}, None), ({"sub": "a"}, {"sub": "b"}), ({"sub": None}, None), ({"sub": True}, None), ([], "x"),
     ({"sub": "a" * 192}, None), ({"sub": "a\nb"}, None), ({"email": "a@b.org"}, {"sub": "a"})],
)  # fmt: skip
def test_claims_that_name_nobody(told: Any, signed: Any) -> None:
    with pytest.raises(claims.Unusable):
        claims.read(told, signed)


def test_a_provider_that_is_away(people: Cast) -> None:
    with configured("http://localhost:9"):
        answer = Client().get(BEGIN)
    assert answer.status_code == 503
    assert "Example Works did not say who you are" in answer.content.decode()


def test_whoever_has_left_does_not_come_back_this_way(people: Cast) -> None:
    SocialAccount.objects.create(user=people.bob, provider="oidc", uid="b")
    User.objects.filter(pk=people.bob.pk).update(is_active=False)
    client = Client()
    answer = through(client, {"email": "bob@example.org", "email_verified": True}, sub="b")
    assert (answer.url, is_in(client)) == ("/sign/inactive/", False)
    other = through(Client(), {"email": "bob@example.org", "email_verified": True}, sub="new")
    assert other.url == "/sign/join/"


def test_joining_from_the_account(people: Cast) -> None:
    """Under another address too; begun on our own page only, and after a fresh sign-in."""
    client = Client()
    client.post("/sign/login/", {"login": "alice@example.org", "password": PASSWORD})
    connect = f"{BEGIN}?process=connect"
    for headers in (
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none"},
        {"referer": "http://evil.example/"},
    ):
        assert client.get(connect, headers=headers).url == "/sign/3rdparty/"
    page = client.get("/sign/3rdparty/").content.decode()
    assert "process=connect" in page
    here = {"sec-fetch-site": "same-origin"}
    said = {"email": "a.archer@work.example", "email_verified": True}
    assert through(client, said, sub="a", begin=connect, **here).url.startswith("/sign/reauthenticate/")
    client.post("/sign/reauthenticate/", {"password": PASSWORD})
    assert SocialAccount.objects.get().user == people.alice
    page = client.get("/sign/3rdparty/").content.decode()
    assert "You can sign in here through Example Works." in page
    client.post("/sign/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()
    assert [message.subject for message in mail.outbox][-1] == "You no longer sign in through Example Works"


def test_the_only_way_in_is_kept() -> None:
    client = Client()
    through(client, ANN)
    page = client.post("/sign/3rdparty/", {"account": SocialAccount.objects.get().pk}).content.decode()
    assert "You have no password here" in page
    assert SocialAccount.objects.exists()


FRESH = ["/account/delete/", "/sign/password/set/", "/sign/2fa/totp/activate/", "/sign/email/"]


@pytest.mark.parametrize("path", FRESH)
def test_is_it_you_without_a_password(path: str) -> None:
    """Whoever finds the device open does not get at the account: who they are is said where they sign in."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = Client()
        through(client, ANN)
        client.post("/account/profile/", {"name": "Ann", "time_zone": "UTC"})
        if path != "/sign/email/":
            assert client.get(path).status_code == 200  # they have just come from there
        clock.shift(600)
        form = {"email": "other@example.org", "action_add": ""}
        answer = client.post(path, form) if path == "/sign/email/" else client.get(path)
        assert answer.url.startswith("/sign/again/"), path
        page = client.get(answer.url).content.decode()
        assert "You have no password here: you sign in through Example Works." in page
        begin = re.search(r'href="(/sign/oidc/oidc/login/[^"]+)"', page)
        assert begin
        link = begin.group(1).replace("&amp;", "&")
        assert "prompt=login" in client.get(link).url
        wrong = through(client, {"email": "eve@example.org", "email_verified": True}, sub="eve", begin=link)
        assert wrong.url == "/sign/again/"
        assert User.objects.count() == 1
        back = through(client, ANN, begin=link)
        assert (back.status_code, back.url.startswith("/sign/again/")) == (302, False)
        if path != "/sign/email/":
            assert client.get(path).status_code == 200


def test_is_it_you_is_for_them_alone(people: Cast) -> None:
    client = Client()
    client.force_login(people.alice, backend=settings.AUTHENTICATION_BACKENDS[0])
    assert client.get("/sign/again/").url.startswith("/sign/reauthenticate/")
    nobody = make_user("No Way", email="noway@example.org")
    nobody.set_unusable_password()
    nobody.save()
    client.force_login(nobody, backend=settings.AUTHENTICATION_BACKENDS[0])
    assert client.get("/sign/again/").url.startswith("/sign/password/set/")
