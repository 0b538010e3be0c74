"""How many presses the ways take that everybody goes, counted by the browser.

Typing is no press, nor is opening a link in a mail. Where a way has become shorter, its figure here becomes smaller.
"""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.live_server import Sink, Site, words_of
from tests.browser.looking import follow
from tests.browser.test_journey import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("site", ["embedded"], indirect=True)]

# Every press of a pointer, and every choice in a list, in this tab since it was opened: pages come and go, this stays.
COUNTING = """(() => {
  const one = (event) => event.isTrusted || event.target.matches("select")
    ? sessionStorage.setItem("presses", 1 + Number(sessionStorage.getItem("presses"))) : undefined;
  addEventListener("pointerdown", one, true);
  addEventListener("change", (event) => event.target.matches("select") && one(event), true);
})()"""


def presses(page: Page) -> int:
    """How many there were since this was asked last."""
    return int(
        page.evaluate(
            "(() => { const n = sessionStorage.getItem('presses'); sessionStorage.removeItem('presses'); return Number(n) })()"
        )
    )


def test_from_the_front_page_to_a_signed_agreement(site: Site, sink: Sink, visitor: Visitor) -> None:
    alice, bob = visitor(), visitor(width=390)
    for page in (alice, bob):
        page.add_init_script(COUNTING)

    alice.goto("/")
    follow(alice.get_by_role("link", name="Create an account and start a circle"))
    alice.get_by_label("Your name").fill("Alice Archer")
    alice.get_by_label("Email").first.fill("alice@example.org")
    alice.get_by_label("Password").first.fill(PASSWORD)
    follow(alice.get_by_role("button", name="Create my account"))
    code = re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", words_of(sink.wait_for("alice@example.org", "")))
    assert code
    alice.get_by_label("Code").fill(code[1])
    follow(alice.get_by_role("button", name="Confirm"))
    follow(alice.get_by_role("link", name="Start a circle").first)
    alice.get_by_label("Name of the circle").fill("Alder circle")
    alice.get_by_label("Who do you want to invite?").fill(
        "Bob Baker <bob@example.org>\ncarol@example.org\ndave@example.org\nerin@example.org"
    )
    alice.get_by_label("First session on").fill((datetime.now().astimezone() + timedelta(days=20)).date().isoformat())
    follow(alice.get_by_role("button", name="Start the circle"))
    expect(alice.get_by_text("4 invitations are on their way.")).to_be_visible()
    assert presses(alice) == 5

    # A series of six: its first date is set, and five more are what the form begins with.
    follow(alice.get_by_role("navigation", name="Alder circle").get_by_role("link", name="Sessions"))
    follow(alice.get_by_role("link", name="Schedule sessions"))
    follow(alice.get_by_role("button", name="Schedule", exact=True))
    expect(alice.get_by_text("5 sessions are planned.")).to_be_visible()
    assert presses(alice) == 3
    coming = alice.locator("section", has=alice.get_by_role("heading", name="Coming", exact=True))
    expect(coming.get_by_role("button", name="I come")).to_have_count(6)

    mail = sink.wait_for("bob@example.org", "invites you to Alder circle")
    link = re.search(r"https?://\S+/invitation/\S+", words_of(mail))
    assert link
    bob.goto(link[0])
    expect(bob.get_by_label("Your name")).to_have_value("Bob Baker")
    bob.get_by_label("Choose a password").fill(PASSWORD)
    follow(bob.get_by_role("button", name="Join the circle"))
    follow(bob.get_by_role("link", name=re.compile("Read and sign")).first)
    bob.get_by_label("I have read it and I will keep to it.").check()
    follow(bob.get_by_role("button", name="Sign as Bob Baker"))
    expect(bob.get_by_text("Signed. Thank you.")).to_be_visible()
    assert presses(bob) == 4

    follow(bob.get_by_role("navigation", name="Main").get_by_role("link", name="Today"))
    assert presses(bob) == 1
    answer = bob.get_by_role("button", name="I come").first
    follow(answer)
    expect(answer).to_have_attribute("aria-pressed", "true")
    assert presses(bob) == 1
