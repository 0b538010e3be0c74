"""A site in production whose Redis is not there: signing in, out and up, reading and writing go on."""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.browser.live_server import Sink, Site, free_port, production_site, words_of
from tests.provider import running_provider, tell

pytestmark = pytest.mark.services
PASSWORD = "three plain words"
MAKE = """
from tests.factories import make_user
make_user("Alice", email="alice@example.org")
"""


@pytest.fixture
def provider() -> Iterator[str]:
    with running_provider() as address:
        yield address


@pytest.fixture
def site(tmp_path: Path, provider: str) -> Iterator[Site]:
    """Only what serves pages runs: the workers have nothing to listen to."""
    sink = Sink()
    sink.start()
    with production_site(tmp_path, sink, f"redis://127.0.0.1:{free_port()}/0", migrated=True) as made:
        made.environment |= {
            "REGISTRATION": "open", "OIDC_SERVER_URL": provider, "OIDC_CLIENT_ID": "piece", "OIDC_CLIENT_SECRET": "a secret",
        }  # fmt: skip
        made.manage("collectstatic", "--no-input", wait=True)
        made.manage("shell", "-c", MAKE, wait=True)
        made.manage("serve")
        made.wait_until_up()
        yield made
    sink.stop()


class Browser:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, where it ended, and body."""
        if form is not None:
            page = self.ask(path)[2]
            form |= dict(re.findall(r'name="(csrfmiddlewaretoken|form_key)" value="([^"]+)"', page))
        request = urllib.request.Request(
            self.site.address + path,
            urlencode(form).encode() if form is not None else None,
            {"Referer": self.site.address},
        )
        try:
            with self.opener.open(request, timeout=20) as answer:
                self.at = str(answer.url)
                return answer.status, answer.url.removeprefix(self.site.address), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, path, error.read().decode()


def test_people_sign_in_and_write_without_it(site: Site) -> None:
    alice = Browser(site)
    assert alice.ask("/sign/login/", {"login": "alice@example.org", "password": "wrong"})[0] == 200
    status, place, _body = alice.ask("/sign/login/", {"login": "alice@example.org", "password": PASSWORD})
    assert (status, place) == (200, "/")
    details = {
        "name": "Alder circle",
        "people": "bob@example.org",
        "size": "5",
        "minutes": "90",
        "rhythm": "2",
        "time_zone": "UTC",
    }
    assert alice.ask("/circles/start/", details)[0] == 200
    assert alice.ask("/sign/reauthenticate/?next=/account/delete/", {"password": PASSWORD})[:2] == (
        200,
        "/account/delete/",
    )

    new = Browser(site)
    form = {"email": "new@example.org", "password1": PASSWORD, "name": "New", "time_zone": "UTC"}
    status, place, _body = new.ask("/sign/signup/", form)
    assert (status, place) == (200, "/sign/confirm-email/")
    mail = site.sink.wait_for("new@example.org", "")
    code = re.search(r"\b([A-Z0-9]{3,4}-[A-Z0-9]{3,4})\b", words_of(mail))
    assert code
    assert new.ask(place, {"code": code.group(1)})[:2] == (200, "/")
    assert Browser(site).ask("/sign/login/code/", {"email": "alice@example.org"})[:2] == (
        200,
        "/sign/login/code/confirm/",
    )
    tell(
        site.environment["OIDC_SERVER_URL"], "ann", {"email": "ann@example.org", "email_verified": True, "name": "Ann"}
    )
    ann = Browser(site)
    status, _place, page = ann.ask("/sign/oidc/oidc/login/")
    assert (status, "Authorize" in page) == (200, True)
    with ann.opener.open(ann.at, urlencode({"sub": "ann"}).encode(), timeout=20) as answer:
        assert answer.url.startswith(f"{site.address}/account/profile/")
    assert "Internal" not in site.logs()
