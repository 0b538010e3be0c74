"""Four people, each in a browser of their own, from "I want to start a circle" to "I was reminded"; in both modes."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.live_server import Sink, Site, words_of
from tests.browser.looking import follow

pytestmark = pytest.mark.browser

PASSWORD = "three plain words"


def sign_up(page: Page, sink: Sink, name: str, email: str) -> None:
    """Sign up with a verification code from the mail."""
    page.goto("/")
    follow(page.get_by_role("link", name="Create an account and start a circle"))
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Email").first.fill(email)
    page.get_by_label("Password").first.fill(PASSWORD)
    # The browser's own zone is filled in already; the person confirms it by sending the form.
    assert page.get_by_label("Your time zone").input_value() == "Europe/London"
    follow(page.get_by_role("button", name="Create my account"))
    mail = sink.wait_for(email, "")
    code = re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", words_of(mail))
    assert code, words_of(mail)
    page.get_by_label("Code").fill(code.group(1))
    follow(page.get_by_role("button", name="Confirm"))
    expect(page.get_by_role("heading", name=re.compile(f", {name.split()[0]}$"))).to_be_visible()


def start_circle(page: Page) -> None:
    """A name, people and a first date: in little over an hour, so that its last reminder falls due within the test."""
    follow(page.get_by_role("link", name="Start a circle").first)
    soon = datetime.now().astimezone() + timedelta(minutes=62)
    local = page.evaluate(
        "(ms) => { const d = new Date(ms); const p = (n) => String(n).padStart(2, '0');"
        "return [`${d.getFullYear()}-${p(d.getMonth() + 1)}-${p(d.getDate())}`, `${p(d.getHours())}:${p(d.getMinutes())}`] }",
        soon.timestamp() * 1000,
    )
    page.get_by_label("Name of the circle").fill("Alder circle")
    page.get_by_label("Who do you want to invite?").fill(
        "Bob Baker <bob@example.org>, carol@example.org\ndave@example.org; nonsense"
    )
    page.get_by_label("First session on").fill(local[0])
    page.get_by_label("Starts at").fill(local[1])
    follow(page.get_by_role("button", name="Start the circle"))
    expect(page.get_by_text("3 invitations are on their way.")).to_be_visible()
    expect(page.get_by_text("Not sent, these are not addresses: nonsense")).to_be_visible()


def accept(page: Page, sink: Sink, name: str, email: str) -> None:
    mail = sink.wait_for(email, "invites you to Alder circle")
    link = re.search(r"https?://\S+/invitation/\S+", words_of(mail))
    assert link
    page.goto(link.group(0))
    assert page.url.endswith("/invitation/")  # the token has left the address
    expect(page.get_by_role("heading", name="Alice Archer invites you to Alder circle")).to_be_visible()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Choose a password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Join the circle"))
    expect(page.get_by_text("You are in. Welcome to Alder circle.")).to_be_visible()


def sign_agreement(page: Page, name: str) -> None:
    follow(page.get_by_role("link", name=re.compile("Read and sign")).first)
    page.get_by_label("I have read it and I will keep to it.").check()
    follow(page.get_by_role("button", name=f"Sign as {name}"))
    expect(page.get_by_text("Signed. Thank you.")).to_be_visible()


def bring_issue(page: Page, title: str) -> None:
    follow(page.get_by_role("navigation", name="Main").get_by_role("link", name="Today"))
    follow(page.get_by_role("link", name=re.compile("^Prepare, or ")))
    follow(page.get_by_role("button", name="I come"))
    page.get_by_label("Your issue, in one sentence").fill(title)
    follow(page.get_by_role("button", name="Bring this issue"))
    expect(page.get_by_text("Nobody else sees it until your turn begins.")).to_be_visible()


def room_of(page: Page) -> None:
    follow(page.get_by_role("link", name=re.compile("live room", re.IGNORECASE)).first)
    expect(page.locator("#live")).to_have_attribute("data-phase", "waiting")


def seq_of(page: Page) -> int:
    return int(page.locator("[data-clock]").get_attribute("data-seq") or -1)


def all_at(pages: list[Page], seq: int) -> None:
    for page in pages:
        expect(page.locator(f'[data-clock][data-seq="{seq}"]')).to_have_count(1)
    assert len({page.locator("[data-clock]").get_attribute("data-ends") for page in pages}) == 1


def press(page: Page, name: str | re.Pattern[str]) -> None:
    page.locator("#room").get_by_role("button", name=name).click()


def test_four_people_found_meet_and_promise(site: Site, sink: Sink, visitor: Visitor) -> None:
    alice = visitor()
    bob, carol, dave = visitor(width=390), visitor(zone="Europe/Berlin"), visitor(width=390, theme="dark")
    sign_up(alice, sink, "Alice Archer", "alice@example.org")
    start_circle(alice)
    people = {"Bob Baker": bob, "Carol Cook": carol, "Dave Dyer": dave}
    for name, page in people.items():
        accept(page, sink, name, f"{name.split()[0].lower()}@example.org")
        sign_agreement(page, name)
        bring_issue(page, f"The issue of {name}")
    follow(alice.get_by_role("link", name="Circles"))
    follow(alice.get_by_role("link", name="Alder circle"))
    expect(alice.get_by_role("heading", name="Read the agreement and sign it")).to_be_visible()
    sign_agreement(alice, "Alice Archer")
    bring_issue(alice, "The issue of Alice")
    expect(alice.get_by_text("80 minutes for the 4 who come")).to_be_visible()
    expect(alice.get_by_text("The issue of Bob")).to_have_count(0)
    everyone = [alice, bob, carol, dave]
    for page in everyone:
        room_of(page)
    for page in everyone:
        expect(page.get_by_text("4 of 4 are here", exact=True)).to_be_visible(timeout=30_000)
    for email in ("alice", "bob", "carol", "dave"):
        # “Today at”, or late in the evening “tomorrow at”.
        sink.wait_for(f"{email}@example.org", "Alder circle meets to", seconds=130)
    follow(alice.get_by_role("link", name="Start early"))
    for tick in alice.locator('input[name="here"], input[name="presents"]').all():
        tick.check()
    alice.get_by_role("button", name="Start it now, early").click()
    all_at(everyone, 1)
    for page in everyone:
        expect(page.get_by_role("heading", name=re.compile("Opening|You have the floor"))).to_be_visible()

    # One press moves one stage, whoever presses, however often; an old page moves nothing.
    old = alice.context.new_page()
    old.goto(alice.url)
    old.evaluate("document.querySelector('main').innerHTML = document.querySelector('main').innerHTML")
    press(alice, re.compile("^Next"))
    all_at(everyone, 2)

    def sent_again(seq: int) -> str:
        token = alice.locator("[name=csrfmiddlewaretoken]").first.input_value()
        form = {"expected_seq": str(seq), "csrfmiddlewaretoken": token}
        to = re.sub(r"/live/$", "/live/next/", alice.url)
        return old.request.post(to, form=form, headers={"Referer": alice.url}).text()

    assert "The session has moved on" not in sent_again(1)  # the same form once more: the first one's answer
    assert "The session has moved on" in sent_again(0)
    old.close()
    all_at(everyone, 2)

    # Whoever speaks in a round may pass the piece; anyone may pause.
    press(carol, "Pause for all")
    all_at(everyone, 3)
    for page in everyone:
        expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    press(dave, "Go on")
    all_at(everyone, 4)
    press(alice, re.compile(r"\+1 min"))
    all_at(everyone, 5)

    # The server is killed in the middle of a stage and started again: same stage, same end, nobody reloads.
    ends = alice.locator("[data-clock]").get_attribute("data-ends")
    site.kill_web()
    expect(bob.get_by_text("Not connected, trying again.")).to_be_visible(timeout=20_000)
    site.restart_web()
    expect(bob.get_by_text("Connected again.")).to_be_visible(timeout=30_000)
    all_at(everyone, 5)
    assert alice.locator("[data-clock]").get_attribute("data-ends") == ends

    titles = dict.fromkeys(("Alice", "Bob Baker", "Carol Cook", "Dave Dyer"), 0)
    seq = 5
    while "Check-out" not in alice.locator("#strip b").inner_text():
        press(alice, re.compile("^Next"))
        seq += 1
        all_at(everyone, seq)
        for name in titles:
            titles[name] += carol.get_by_text(f"The issue of {name}").count()
    assert titles == dict.fromkeys(titles, 3)

    bob.get_by_label("One insight").fill("I talk too fast")
    bob.get_by_label("One commitment").fill("Ask one open question on Monday")
    tomorrow = datetime.now().astimezone() + timedelta(days=2)
    bob.get_by_label("By when?").fill(tomorrow.date().isoformat())
    follow(bob.get_by_role("button", name="Share with the circle"))
    follow(dave.get_by_role("button", name="Nothing this time"))
    ending = alice.locator("#cmd summary", has_text="End the session")
    while alice.locator("[data-clock]").count():
        before = seq_of(alice)
        if ending.count():
            ending.click()
        press(alice, re.compile("^(Next|Yes, end it for all of us)"))
        expect(alice.locator(f'[data-clock][data-seq="{before}"]')).to_have_count(0)
    expect(alice.get_by_role("heading", name="What do you take with you?")).to_be_visible()
    expect(carol.get_by_role("heading", name="What do you take with you?")).to_be_visible()
    follow(carol.get_by_role("button", name="Nothing this time"))
    alice.get_by_label("One insight").fill("Silence helps")
    follow(alice.get_by_role("button", name="Share with the circle"))
    expect(alice.get_by_text("I talk too fast")).to_be_visible()
    expect(alice.get_by_text("4 of 4 came")).to_be_visible()

    bob.goto("/")
    expect(bob.get_by_text("Ask one open question on Monday")).to_be_visible()
    follow(bob.get_by_role("button", name=re.compile("Mark as kept")))
    expect(bob.get_by_role("button", name="Open again: Ask one open question on Monday")).to_be_visible()
    follow(alice.get_by_role("link", name="Alder circle").first)
    expect(alice.get_by_role("heading", name="Schedule the next session")).to_be_visible()
    everything = "\n".join(str(mail) for mail in sink.mails)
    for words in ("The issue of", "I talk too fast", "open question", "Silence helps"):
        assert words not in everything
