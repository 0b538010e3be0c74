"""Signing in through the organisation in Chromium, under the strict policy, against a provider that really runs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.live_server import Sink, Site, words_of
from tests.browser.looking import check, enter, follow, password_of
from tests.provider import running_provider, tell

pytestmark = pytest.mark.browser
NAME = "Example Works"
LINK = f"Sign in through {NAME}"
CODE = re.compile(r"\b([A-Z0-9]{3,4}-[A-Z0-9]{3,4})\b")


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with running_provider() as address:
        yield address


@pytest.fixture(scope="module")
def works(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, with a provider as .env.example describes it."""
    sink = Sink()
    sink.start()
    site = Site(tmp_path_factory.mktemp("works"), sink)
    site.environment |= {
        "OIDC_SERVER_URL": provider, "OIDC_NAME": NAME, "OIDC_CLIENT_ID": "piece", "OIDC_CLIENT_SECRET": "a secret",
    }  # fmt: skip
    with site.demonstrated():
        yield site
    sink.stop()


class Way:
    """Somebody on the way from the sign-in page to the provider and back, with what was wrong on the pages."""

    def __init__(self, browser: Browser, site: Site, provider: str, shots: Path, size: str, theme: str) -> None:
        self.page: Page = enter(browser, site, "", size, theme)
        self.site, self.provider, self.shots, self.form = site, provider, shots, f"{size}-{theme}"
        self.wrong: list[str] = []
        self.page.on("console", self._said)

    def _said(self, said: object) -> None:
        text = getattr(said, "text", "")
        if "Content Security Policy" in text and self.page.url.startswith(self.site.address):
            self.wrong.append(text)

    def look(self, name: str, heading: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        self.wrong.extend(check(self.page, f"provider-{name}-{self.form}", self.shots))

    def begin(self) -> None:
        self.page.goto("/sign/login/")
        follow(self.page.get_by_role("link", name=LINK))
        self.at_the_provider()

    def at_the_provider(self) -> None:
        expect(self.page).to_have_url(re.compile(re.escape(self.provider)))

    def say(self, sub: str, **claims: object) -> None:
        tell(self.provider, sub, claims)
        self.page.locator("input[name=sub]").fill(sub)
        follow(self.page.get_by_role("button", name="Authorize"))

    def act(self, name: str) -> None:
        follow(self.page.get_by_role("button", name=name, exact=True))

    def leave(self) -> None:
        self.page.context.clear_cookies()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_way_through_the_organisation(
    browser: Browser, works: Site, provider: str, shots: Path, size: str, theme: str
) -> None:
    way = Way(browser, works, provider, shots, size, theme)
    page, own = way.page, f"{size}{theme}"
    page.goto("/sign/login/")
    way.look("sign-in", "Sign in")

    # Somebody new: asked for their name and place, then in.
    way.begin()
    way.say(own, email=f"{own}@works.example", email_verified=True, name="Ann Lee")
    expect(page.get_by_label("Your name, as the circle will see it")).to_have_value("Ann Lee")
    way.act("Save")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/account/")
    way.look("account", "Your account")
    follow(page.get_by_role("link", name=f"Signing in through {NAME}"))
    way.look("joined", f"Signing in through {NAME}")
    way.act(f"No longer through {NAME}")
    expect(page.get_by_text("You have no password here")).to_be_visible()
    way.look("only-way", f"Signing in through {NAME}")

    # Once more who they are, where they sign in.
    page.goto("/sign/again/?next=/account/delete/")
    way.look("again", "Confirm it’s you")
    follow(page.get_by_role("link", name=f"{LINK} once more"))
    way.at_the_provider()
    way.say(own, email=f"{own}@works.example", email_verified=True, name="Ann Lee")
    expect(page).to_have_url(re.compile("/account/delete/$"))
    way.leave()

    # Not proved: a code by mail.
    way.begin()
    way.say(f"{own}doubt", email=f"{own}doubt@works.example", email_verified=False, name="Dan")
    way.look("code", "Is this address yours?")
    mail = works.sink.wait_for(f"{own}doubt@works.example", "")
    code = CODE.search(words_of(mail))
    assert code
    page.get_by_label("Code").fill(code.group(1))
    way.act("Confirm")
    expect(page.get_by_label("Your name, as the circle will see it")).to_have_value("Dan")
    way.leave()

    # No address: one is asked for. Said no: nothing was changed. An answer that nobody asked for: calm.
    way.begin()
    way.say(f"{own}bare", name="Bea")
    way.look("no-address", "One more thing")
    way.begin()
    follow(page.get_by_role("button", name="Deny"))
    way.look("denied", re.compile("That did not work|You are not signed in"))
    page.goto("/sign/3rdparty/login/cancelled/")
    way.look("cancelled", "You are not signed in")

    # Somebody who has an account: once as before, and from then on through the organisation.
    who = {"phonelight": "ruth", "phonedark": "sam", "desklight": "ewan", "deskdark": "leila"}[own]
    way.begin()
    way.say(who, email=f"{who}@example.org", email_verified=True, name="Somebody")
    way.look("join", "You have an account here")
    follow(page.get_by_role("link", name="Sign in with your password"))
    page.get_by_label("Email").fill(f"{who}@example.org")
    page.get_by_label("Password").fill(password_of(works))
    way.act("Sign in")
    expect(page.get_by_text(f"From now on you can sign in through {NAME} as well.")).to_be_visible()
    way.leave()
    way.begin()
    way.say(who, email=f"{who}@example.org", email_verified=True)
    expect(page).to_have_url(f"{works.address}/")
    page.goto("/account/")
    expect(page.get_by_text(f"{who}@example.org")).to_be_visible()
    assert way.wrong == []


def test_joining_from_the_account_begins_on_our_own_page(
    browser: Browser, works: Site, provider: str, shots: Path
) -> None:
    """Chromium says where a link was pressed; another page's link joins nothing."""
    way = Way(browser, works, provider, shots, "desk", "light")
    page = way.page
    page.goto("/sign/login/")
    page.get_by_label("Email").fill("tomasz@example.org")
    page.get_by_label("Password").fill(password_of(works))
    way.act("Sign in")
    expect(page).not_to_have_url(re.compile("/sign/login/"))
    page.goto("/sign/oidc/oidc/login/?process=connect")  # as from the address bar or elsewhere
    way.look("to-join", f"Signing in through {NAME}")
    follow(page.get_by_role("link", name=f"{LINK} too"))
    way.at_the_provider()
    way.say("tomasz-at-work", email="t.w@works.example", email_verified=True)
    page.get_by_label("Password").fill(password_of(works))  # a fresh sign-in, if it was a while ago
    way.act("Confirm")
    expect(page.get_by_text(f"You can sign in here through {NAME}.")).to_be_visible()
    way.look("now-joined", f"Signing in through {NAME}")
    assert way.wrong == []
