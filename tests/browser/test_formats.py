"""Formats in Chromium: every page with axe; three kinds of session scheduled in few presses; editing; a rehearsal."""

import json
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.live_server import Site
from tests.browser.looking import SIZES, THEMES, another_page, check, enter, follow

pytestmark = pytest.mark.browser

MOST_PRESSES = 12


def paths(site: Site) -> tuple[str, str]:
    """The demonstration's first circle and its own format."""
    details = json.loads((site.folder / "demo.json").read_text())
    circle, own = details["circles"][0]["path"], details["formats"][0]["path"]
    return circle.removeprefix(site.address), own.removeprefix(site.address)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_pages_of_formats(browser: Browser, demo: Site, shots: Path, size: str, theme: str) -> None:
    circle, own = paths(demo)
    page = enter(browser, demo, "priya@example.org", size, theme)
    pages = {
        "formats": "/formats/?people=5",
        "format-council": "/formats/council/",
        "format-triad": "/formats/triad/",
        "format-balint": "/formats/balint/?people=8",
        "format-half-day": "/formats/executive_forum/?people=8",
        "format-own": own,
        "format-edit": f"{own}edit/",
        "format-edit-stage": f"{own}edit/?stage=experience",
        "format-edit-part": f"{own}edit/?part=1",
        "format-edit-about": f"{own}edit/?about=1",
        "format-edit-opening": f"{own}edit/?stage=opening",
        "format-import": f"{circle}formats/import/",
        "cards": "/cards/",
        "card": "/cards/open_questions/",
        "schedule-two-hour": f"{circle}sessions/schedule/?format=two_hour",
    }
    wrong = []
    for name, path in pages.items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, name
        wrong += check(page, f"{name}-{size}-{theme}", shots)
    page.goto(f"{circle}formats/import/")
    page.get_by_label("Or paste it here").fill("schema: 9\npeople: {least: 3, most: 2}\nblocks: []\n")
    follow(page.get_by_role("button", name="Take it over"))
    expect(page.get_by_text("Line 1: schema")).to_be_visible()
    wrong += check(page, f"format-import-wrong-{size}-{theme}", shots)
    page.goto(f"{circle}sessions/schedule/")
    page.get_by_role("textbox", name="Date").fill("2027-06-10")
    page.get_by_label("Time booked (minutes)").fill("60")
    follow(page.get_by_role("button", name="Schedule", exact=True))
    expect(page.get_by_text("Say what gives").first).to_be_visible()
    wrong += check(page, f"schedule-tight-{size}-{theme}", shots)
    page.context.close()
    assert wrong == []


class Presses:
    """A person who counts: each click, each field gone into, each choice."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def click(self, role: Literal["button", "link", "radio"], name: str | re.Pattern[str]) -> None:
        what = self.page.get_by_role(role, name=name).first
        if role == "radio":
            what.click()
        else:
            follow(what)
        self.count += 1

    def open(self, tool: str) -> None:
        self.page.locator("summary").filter(has_text=tool).first.click()
        self.count += 1

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=True).fill(value)
        self.count += 1

    def choose(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(value)
        self.count += 1


def test_a_council_is_scheduled_in_few_presses(browser: Browser, demo: Site) -> None:
    circle, _own = paths(demo)
    page = enter(browser, demo, "priya@example.org", "desk", "light")
    page.goto(circle)
    hand = Presses(page)
    hand.click("link", re.compile("^Sessions$"))
    hand.click("link", "Schedule sessions")
    hand.click("radio", re.compile("^Council"))
    hand.fill("Date", "2027-05-06")
    hand.choose("Repeat", "once")
    hand.click("button", "Schedule")
    expect(page.get_by_text("Scheduled. Everyone in the circle is told by mail.")).to_be_visible()
    expect(page.get_by_text("98 minutes for the 5 who come")).to_be_visible()
    assert hand.count <= MOST_PRESSES
    page.context.close()


def test_a_two_hour_session_with_agreed_minutes(browser: Browser, demo: Site, shots: Path) -> None:
    """For the circle of three: one takes 20 minutes, the others get the most that a turn can have."""
    details = json.loads((demo.folder / "demo.json").read_text())
    page = enter(browser, demo, "priya@example.org", "desk", "light")
    page.goto(details["circles"][1]["path"])
    hand = Presses(page)
    hand.click("link", "Schedule sessions")
    hand.click("radio", re.compile("^Two-hour session"))
    hand.fill("Date", "2027-05-07")
    hand.fill("Time booked (minutes)", "130")
    hand.choose("Repeat", "once")
    hand.click("button", "Schedule")
    expect(page.get_by_text("120 minutes for the 3 who come")).to_be_visible()
    hand.open("Turns")
    hand.fill("Sam Whitfield", "20")
    hand.click("button", "Save the minutes")
    turns = page.locator("summary").filter(has_text="Turns")
    for said in ("Sam 20", "Ruth 30", "Priya 30"):
        expect(turns).to_contain_text(said)
    expect(page.get_by_text("110 minutes for the 3 who come")).to_be_visible()
    assert hand.count <= MOST_PRESSES
    assert check(page, "session-two-hour", shots) == []
    hand.open("Turns")
    page.get_by_label("Sam Whitfield").fill("80")
    follow(page.get_by_role("button", name="Save the minutes"))
    expect(page.get_by_text("a turn can have at most 30")).to_be_visible()
    page.context.close()


def test_a_format_of_ones_own_is_made_and_scheduled(browser: Browser, demo: Site) -> None:
    circle, _own = paths(demo)
    page = enter(browser, demo, "priya@example.org", "desk", "light")
    page.goto("/formats/troika/")
    page.get_by_text("Make a copy to change").click()
    page.get_by_label("For which circle?").select_option(label="Alder circle")
    page.get_by_label("What will you call it?").fill("Alder five")
    follow(page.get_by_role("button", name="Make the copy"))
    follow(page.get_by_role("link", name="Change name, people and roles"))
    page.get_by_label("Up to how many").select_option("6")
    page.get_by_label("How many can present").select_option("6")
    follow(page.get_by_role("button", name="Keep changes"))
    follow(page.get_by_role("link", name="Change The others think aloud about the presenter’s question"))
    page.get_by_label("Minutes", exact=True).fill("0")
    follow(page.get_by_role("button", name="Keep changes"))
    expect(page.locator("#wrongs")).to_be_focused()
    expect(page.get_by_label("Minutes", exact=True)).to_have_value("0")
    page.get_by_label("Minutes", exact=True).fill("4:45")
    follow(page.get_by_role("button", name="Keep changes"))
    expect(page.locator("#s-consult .stage__min")).to_contain_text("4:45")
    follow(page.get_by_role("button", name="Move Clarifying questions for the presenter up"))
    expect(page.locator("[data-stage]").nth(1)).to_have_attribute("data-stage", "clarify")
    with another_page(page):
        page.locator('[data-stage="clarify"]').drag_to(page.locator('[data-stage="consult"]'))
    expect(page.locator("[data-stage]").nth(1)).to_have_attribute("data-stage", "share")
    follow(page.get_by_role("button", name="Save format"))
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    page.goto(circle)
    hand = Presses(page)
    hand.click("link", re.compile("^Sessions$"))
    hand.click("link", "Schedule sessions")
    hand.click("radio", re.compile("^Alder five"))
    hand.fill("Date", "2027-05-08")
    hand.choose("Repeat", "once")
    hand.click("button", "Schedule")
    expect(page.get_by_role("link", name="Alder five", exact=True)).to_be_visible()
    assert hand.count <= MOST_PRESSES
    page.context.close()


def test_the_editor_works_without_script(browser: Browser, demo: Site) -> None:
    _circle, own = paths(demo)
    page = enter(browser, demo, "priya@example.org", "desk", "light", script=False)
    page.goto(f"{own}edit/")
    follow(page.get_by_role("button", name="Move Silence up"))
    follow(page.get_by_role("button", name="Add a stage here").first)
    page.get_by_label("Name", exact=True).fill("Weather report")
    follow(page.get_by_role("button", name="Keep changes"))
    expect(page.get_by_role("heading", name="Weather report")).to_be_visible()
    follow(page.get_by_role("button", name="Drop the changes"))
    expect(page.get_by_text("the format is as it was saved")).to_be_visible()
    page.context.close()


def test_a_rehearsal_runs_through_a_whole_council(browser: Browser, demo: Site, shots: Path) -> None:
    """A minute in a second: the others pass the piece by themselves, my own turns wait for me."""
    page = enter(browser, demo, "tomasz@example.org", "phone", "light")
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto("/formats/council/")
    page.get_by_label("With how many people?").select_option("3")
    follow(page.get_by_role("button", name="Try it"))
    expect(page.get_by_text("Trying it alone, 60 times as fast.")).to_be_visible()
    wrong += check(page, "rehearsal-phone-light", shots)
    over = page.get_by_role("heading", name="That was the whole format.")
    mine = page.get_by_role("heading", name="You have the floor")
    turns = 0
    while not over.is_visible():
        expect(over.or_(mine)).to_be_visible(timeout=90_000)
        if mine.is_visible():
            turns += 1
            before = page.locator("[data-clock]").get_attribute("data-seq")
            page.locator("#room").get_by_role("button", name="Next").click()
            expect(page.locator(f'[data-clock][data-seq="{before}"]')).to_have_count(0)
    assert turns == 3  # check-in, telling, check-out
    wrong += check(page, "rehearsal-over-phone-light", shots)
    page.context.close()
    assert wrong == []
