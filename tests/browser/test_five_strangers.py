"""Five strangers with a phone each, nobody who leads, no mail server, no page of help: from "start" to a closed sixth session.

Every press and every letter is counted; what a person would need for them, and for reading, is worked out from that.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from accounts.numbers import spelt
from tests.browser.live_server import Sink, Site
from tests.browser.looking import follow
from tests.browser.test_journey import PASSWORD
from tests.browser.test_room import end, ending, press, seq_of, together

pytestmark = pytest.mark.browser

NAMES = ("Ada First", "Ben Second", "Cem Third", "Dee Fourth", "Eve Fifth")
SESSIONS = 6
MOST_PRESSES, MOST_SECONDS = 14, 180
# How much longer a check-out may take for whoever adds a plan to a commitment.
MOST_LONGER = 25
# A person on a phone: to look for something and touch it, to type a letter, to read a word.
A_PRESS, A_LETTER, A_WORD = 2.5, 0.35, 0.25


class Phone:
    """Somebody with a phone: counts what their hands do, and the words each page asks them to read."""

    def __init__(self, browser: Browser, site: Site, name: str, wrong: list[str]) -> None:
        self.name, self.first = name, name.split()[0]
        context = browser.new_context(
            base_url=site.address,
            viewport={"width": 390, "height": 844},
            timezone_id="Europe/London",
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(60_000)
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: wrong.append(f"{self.first} at {self.page.url}: {error}"))
        self.page.on("request", lambda asked: wrong.extend(_helped(asked)))
        self.presses = self.letters = self.words = 0

    def open(self, path: str) -> None:
        """By a link that somebody sent, or from the phone's own start."""
        self.page.goto(path)
        self.read()

    def tap(self, said: str | re.Pattern[str], *, kind: str = "button") -> None:
        """One press that leads to a page, which is then read."""
        self.presses += 1
        follow(self.page.get_by_role(kind, name=said).first)  # type: ignore[arg-type]
        self.read()

    def choose(self, label: str, value: str) -> None:
        """Two presses: the list, and a line of it."""
        self.presses += 2
        self.page.get_by_label(label).select_option(value)

    def type(self, label: str, text: str) -> None:
        """One press into the field, and its letters."""
        self.presses += 1
        self.letters += len(text)
        self.page.get_by_label(label).first.fill(text)

    def read(self) -> None:
        """Every word on the page, although nobody reads them all."""
        self.words += len(self.page.locator("main").inner_text().split())

    def count(self) -> tuple[int, int]:
        """Presses, and a person's seconds, since it was asked last."""
        seconds = self.presses * A_PRESS + self.letters * A_LETTER + self.words * A_WORD
        found = self.presses, round(seconds)
        self.presses = self.letters = self.words = 0
        return found


def tell(line: str) -> None:
    """What was counted, for whoever runs this with `-s`."""
    sys.stdout.write(f"{line}\n")


def _helped(asked: Request) -> list[str]:
    return [f"opened for help: {asked.url}"] if re.search("/help/|/who-sees-what/|/formats/", asked.url) else []


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    """Five phones at once on a machine that does other things too."""
    expect.set_options(timeout=60_000)
    yield
    expect.set_options(timeout=15_000)


@pytest.fixture
def in_seconds(tmp_path: Path) -> Iterator[Site]:
    """A site without a mail server, on which a minute of a format takes a second."""
    site = Site(tmp_path, Sink())
    site.migrated()
    site.environment |= {"EMAIL_HOST": "", "DJANGO_SETTINGS_MODULE": "tests.browser.seconds"}
    try:
        site.start()
        yield site
    finally:
        site.stop()


def sign_up(phone: Phone, site: Site) -> None:
    """Whoever begins has an account first; its code lies in a file where there is no mail server."""
    page = phone.page
    page.goto("/sign/signup/")
    page.get_by_label("Your name").fill(phone.name)
    page.get_by_label("Email").first.fill("ada@example.org")
    page.get_by_label("Password").first.fill(PASSWORD)
    follow(page.get_by_role("button", name="Create my account"))
    code = re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", "".join(f.read_text() for f in (site.folder / "mail").iterdir()))
    assert code
    page.get_by_label("Code").fill(code[1])
    follow(page.get_by_role("button", name="Confirm"))


def start_together(ada: Phone) -> list[str]:
    """From "start" to the first date, counted; the links of the slips."""
    ada.open("/circles/start/together/")
    ada.type("What will you call yourselves?", "Five strangers")
    ada.choose("How many others?", "4")
    ada.tap("Start")
    links = [one.input_value() for one in ada.page.get_by_label("Or send this link to one person").all()]
    assert len(links) == len(NAMES) - 1
    presses, seconds = ada.count()
    tell(f"from start to the first date: {presses} presses, {seconds} s")
    assert (presses <= MOST_PRESSES, seconds <= MOST_SECONDS) == (True, True), (presses, seconds)
    return links


def take_slip(phone: Phone, link: str) -> None:
    phone.open(link)
    phone.type("Your name", phone.name)
    phone.type("Email", f"{phone.first.lower()}@example.org")
    phone.type("Choose a password", PASSWORD)
    phone.tap("Join the circle")
    expect(phone.page.get_by_role("heading", name="Almost there")).to_be_visible()


def say_yes(phone: Phone) -> None:
    """Sign what all promise, and come."""
    phone.tap(re.compile("^Read and sign"), kind="link")
    phone.presses += 1
    phone.page.get_by_label("I have read it and I will keep to it.").check()
    phone.tap(f"Sign as {phone.name}")


def into_the_room(phone: Phone) -> None:
    """From Today, as far as the page leads."""
    phone.page.goto("/")
    follow(phone.page.get_by_role("link", name=re.compile("^Prepare, or ")))
    follow(phone.page.get_by_role("link", name=re.compile("live room", re.IGNORECASE)).first)
    expect(phone.page.locator("#live")).to_have_attribute("data-phase", "waiting")


def hosts(page: Page) -> bool:
    return page.locator("#bar", has_text=re.compile("you are .*host")).count() > 0


def begin(host: Page) -> None:
    """Weeks before its date, which nobody waits for in a test: everybody is here and ticked by themselves."""
    expect(host.get_by_text(f"{len(NAMES)} of {len(NAMES)} are here", exact=True)).to_be_visible()
    follow(host.get_by_role("link", name="Start early"))
    expect(host.locator('input[name="here"]:checked')).to_have_count(len(NAMES))
    for tick in host.locator('input[name="presents"]').all()[:2]:
        tick.check()
    host.get_by_role("button", name=re.compile("^Start it now, early")).click()


def hold(phones: list[Phone], number: int) -> None:
    """One session, from the room's door to what each takes along."""
    for phone in phones:
        into_the_room(phone)
    pages = [phone.page for phone in phones]
    host = next(page for page in pages if hosts(page))
    begin(host)
    together(pages, 1)
    expect(host.get_by_role("heading", name="Read this aloud")).to_be_visible()
    while not ending(host).count():
        seq = seq_of(host)
        press(host, re.compile("^Next"))
        together(pages, seq + 1)
    end(host, pages)
    for phone in phones:
        expect(phone.page.get_by_role("heading", name="What do you take with you?")).to_be_visible()
        phone.count()
        if number == 1 and phone is phones[1]:
            promise(phone)
        else:
            phone.tap("Nothing this time")
            assert phone.presses == 1
        expect(phone.page.get_by_role("heading", name="What do you take with you?")).to_have_count(0)


def promise(phone: Phone) -> None:
    """A commitment, then a plan under it: how much longer that takes."""
    phone.type("One insight", "I talk too fast")
    phone.type("One commitment", "Ask Lena how she sees it")
    without = phone.count()[1]
    phone.presses += 1
    phone.page.locator("summary", has_text="A plan:").click()
    phone.type("When …, I will …", "When we have had lunch, I will ask her")
    presses, longer = phone.count()
    tell(f"a check-out with a commitment: {without} s; its plan: {presses} presses, {longer} s longer")
    assert longer <= MOST_LONGER
    phone.tap("Share with the circle")


def test_five_strangers_from_start_to_a_closed_sixth_session(browser: Browser, in_seconds: Site) -> None:
    wrong: list[str] = []
    phones = [Phone(browser, in_seconds, name, wrong) for name in NAMES]
    ada, others = phones[0], phones[1:]
    sign_up(ada, in_seconds)
    for phone, link in zip(others, start_together(ada), strict=True):
        take_slip(phone, link)
    ada.open("/")
    for _slip in others:
        ada.tap(re.compile("^(Let in|Yes)"))
    for phone in phones:
        phone.open("/")
        phone.tap("Five strangers", kind="link")
        say_yes(phone)
        presses, seconds = phone.count()
        tell(f"{phone.first}, to a signed agreement: {presses} presses, {seconds} s")
    for number in range(1, SESSIONS + 1):
        hold(phones, number)
    for phone in phones:
        phone.page.goto("/circles/")
        follow(phone.page.get_by_role("link", name="Five strangers").first)
        expect(
            phone.page.get_by_text(f"The {spelt(SESSIONS)} sessions we promised each other are held.")
        ).to_be_visible()
        phone.page.context.close()
    assert wrong == []
