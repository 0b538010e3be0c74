"""What every response carries."""

import pytest
from django.test import Client

from accounts.models import User
from config.middleware import LONGEST_ADDRESS
from notifications.registry import kind_of, registered
from tests.factories import Cast, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/sign/login/", "/no/such/page/", "/commitments/"])
def test_the_strict_policy_is_on_every_page(people: Cast, path: str) -> None:
    headers = signed_in(people.alice).get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; ")
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
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"):
        answer = client.post("/appearance/", {"theme": "dark", "next": target})
        assert answer.url == "/", target
    assert client.cookies["theme"].value == "dark"


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
