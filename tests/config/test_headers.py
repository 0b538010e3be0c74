"""What every response carries."""

import re

import pytest
from django.test import Client

from accounts.models import User
from config.middleware import LONGEST_ADDRESS
from notifications.registry import kind_of, registered
from tests.factories import PASSWORD, Cast, signed_in

pytestmark = pytest.mark.django_db


# Browsers read each as the name of a host, even where it is this one's.
DOUBLED = (
    "//testserver/x",
    "//localhost/x",
    "/\\localhost/x",
    "\\\\localhost/x",
    "///localhost/x",
    "http://testserver//x",
)


@pytest.mark.parametrize("path", ["/", "/sign/login/", "/no/such/page/", "/commitments/"])
def test_the_strict_policy_is_on_every_page(people: Cast, path: str) -> None:
    headers = signed_in(people.alice).get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"] or "no-cache" in headers["Cache-Control"]


def test_a_redirect_stays_on_the_site(people: Cast) -> None:
    client = signed_in(people.alice)
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", *DOUBLED):
        answer = client.post("/appearance/", {"theme": "dark", "next": target})
        assert answer.url == "/", target
    assert client.cookies["theme"].value == "dark"


@pytest.mark.parametrize("target", DOUBLED)
def test_no_door_sends_anybody_to_another_host(people: Cast, target: str) -> None:
    """Signing in, out, and saying who one is once more; the admin site's own doors take no next page."""
    people.alice.is_staff = True
    people.alice.save()
    login = {"login": "alice@example.org", "password": PASSWORD, "next": target}
    answers = [Client().post("/sign/login/", login), Client().get("/admin/login/", {"next": target})]
    staff = signed_in(people.alice)
    answers += [
        staff.post("/sign/reauthenticate/", {"password": PASSWORD, "next": target}),
        staff.post("/account/profile/", {"name": "Alice", "time_zone": "Europe/London", "next": target}),
        staff.get("/admin/login/", {"next": target}),
        staff.post("/admin/login/", {"username": "alice@example.org", "password": PASSWORD, "next": target}),
        signed_in(people.alice).post("/admin/logout/", {"next": target}),
        signed_in(people.alice).post("/sign/logout/", {"next": target}),
    ]
    for answer in answers:
        assert answer.status_code == 302
        assert re.fullmatch(r"/([a-z].*)?", answer.url), answer.url
        assert "localhost" not in answer.url.split("?")[0]


def test_a_password_is_changed_in_one_place(people: Cast) -> None:
    """Django's page in the admin site asks for no fresh sign-in and tells nobody."""
    people.alice.is_staff = True
    people.alice.save()
    words = {"old_password": PASSWORD, "new_password1": "another three words", "new_password2": "another three words"}
    answer = signed_in(people.alice).post("/admin/password_change/", words)
    assert (answer.status_code, answer.url) == (302, "/sign/password/change/")
    people.alice.refresh_from_db()
    assert people.alice.check_password(PASSWORD)


def test_an_address_that_goes_on_for_pages_is_refused(people: Cast) -> None:
    """It would come back in the redirect to signing in; the longest that is taken fits a proxy's four kilobytes."""
    most = LONGEST_ADDRESS - len("/circles/?x=")
    assert Client().get("/circles/?x=" + "%2F" * (most // 3 + 1)).status_code == 414
    answer = Client().get("/circles/?x=" + "%2F" * (most // 3))
    assert answer.status_code == 302
    assert sum(len(name) + len(value) + 4 for name, value in answer.headers.items()) < 4096 - 500  # and a cookie


@pytest.mark.parametrize("path", ["/admin/circles/circle/?status__exact=%00", "/circles/?x=a%00b", "/a%00b/"])
def test_an_address_with_a_nul_is_refused(people: Cast, path: str) -> None:
    sue = User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True)
    answer = signed_in(sue).get(path)
    assert answer.status_code == 400
    assert b"This request could not be read" in answer.content


def test_health_for_machines(people: Cast) -> None:
    client = Client()
    assert client.get("/healthz").content == b"ok"
    late = client.get("/readyz")
    assert (late.status_code, late.json()) == (503, {"database": True, "migrated": True, "outbox": False})
    from django.utils import timezone

    from notifications.models import Heartbeat

    Heartbeat.beat("outbox", now=timezone.now())
    assert client.get("/readyz").status_code == 200


def test_every_kind_of_mail_has_its_three_templates() -> None:
    from django.template.loader import get_template

    kinds = [kind for kind in registered() if kind != "plain"]
    assert len(kinds) >= 9
    for kind in kinds:
        for part in ("subject.txt", "body.txt", "body.html"):
            assert get_template(f"{kind_of(kind).templates}_{part}")
