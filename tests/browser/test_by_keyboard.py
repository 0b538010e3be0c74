"""By keyboard alone: a circle, a session, the live room and the board are opened, filled in, sent and left with Escape."""

import json
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.live_server import Site
from tests.browser.looking import another_page, enter
from tests.browser.test_pages import circle_pages, programme_pages
from tests.browser.test_room import early, schedule, together
from tests.browser.test_room_frame import widened

pytestmark = pytest.mark.browser

MOST_STOPS = 90
# The focus is where one can see it, with an edge around it, and whatever has it can be named.
SEEN = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect(), ring = e.closest("label") ?? e;
  const at = (x, y) => { const top = document.elementFromPoint(x, y); return top && (e.contains(top) || top.contains(e) || ring.contains(top)); };
  const outlined = [e, ring].some((one) => getComputedStyle(one).outlineStyle !== "none" || getComputedStyle(one).boxShadow !== "none");
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
  const y = Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1);
  return e === document.body || e.matches(".skip") || (outlined && at(x, y));
}"""


def tab_to(page: Page, what: Locator) -> None:
    """By Tab from where the focus is; every stop on the way can be seen."""
    goal = what.element_handle()
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("(goal) => document.activeElement === goal", goal):
            return
    raise AssertionError(f"{what} is not reached in {MOST_STOPS} stops")


def sent(page: Page, what: Locator) -> None:
    """Tab there and press Enter, which leads to a page."""
    tab_to(page, what)
    with another_page(page):
        page.keyboard.press("Enter")


def test_a_circle_and_a_session_by_keyboard(browser: Browser, demo: Site) -> None:
    page = enter(browser, demo, "priya@example.org", "desk", "light")
    page.goto(circle_pages(demo)["circle"])
    sent(page, page.get_by_role("navigation", name="Alder circle").get_by_role("link", name="People"))
    menu = page.get_by_role("main").locator("summary", has_text="More for Amara")
    tab_to(page, menu)
    page.keyboard.press("Enter")
    ask = page.get_by_role("button", name="Ask to share facilitating").first
    expect(ask).to_be_visible()
    tab_to(page, ask)
    page.keyboard.press("Escape")
    expect(ask).to_be_hidden()
    expect(menu).to_be_focused()

    page.goto(circle_pages(demo)["session-of-series"])
    answer = page.get_by_role("group", name="Do you come?").get_by_role("button", name="I come")
    sent(page, answer)
    expect(answer).to_have_attribute("aria-pressed", "true")
    title = page.get_by_label("Your issue, in one sentence")
    tab_to(page, title)
    page.keyboard.type("How to say no in a friendly way")
    sent(page, page.get_by_role("button", name="Bring this issue"))
    expect(page.get_by_text("How to say no in a friendly way").first).to_be_visible()
    tool = page.locator("summary", has_text="Invite a guest")
    tab_to(page, tool)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Name of the guest"))
    page.keyboard.type("Nadia, from sales")
    page.keyboard.press("Shift+Tab")
    expect(tool).to_be_focused()
    page.context.close()


def test_the_live_room_by_keyboard(browser: Browser, demo: Site) -> None:
    circle = json.loads((demo.folder / "demo.json").read_text())["circles"][1]["path"]
    host = enter(browser, demo, "priya@example.org", "desk", "light")
    host.set_viewport_size({"width": 1366, "height": 650})
    schedule(host, circle, widened("01-council.yaml", "By keyboard"), "By keyboard")
    early(host)
    for label in ("Sam is here", "Sam presents", "Ruth is here"):
        tab_to(host, host.get_by_label(label))
        host.keyboard.press("Space")
        expect(host.get_by_label(label)).to_be_checked()
    start = host.get_by_role("button", name="Start it now, early")
    tab_to(host, start)
    host.keyboard.press("Enter")
    together([host], 1)
    commands = host.get_by_role("region", name="Session controls")
    pause = commands.get_by_role("button", name="Pause")
    tab_to(host, pause)
    host.keyboard.press("Enter")
    together([host], 2)
    expect(commands.get_by_role("button", name="Go on")).to_be_focused()
    host.keyboard.press("Enter")
    together([host], 3)
    # What is looked at beside the ring is one stop; arrows change it.
    host.keyboard.press("Shift+Tab")
    tab_to(host, host.locator("#view input:checked"))
    host.keyboard.press("ArrowRight")
    expect(host.locator("#view input:checked")).to_have_attribute("id", "v-plan")
    stop = host.locator("#room summary", has_text="More")
    host.keyboard.press("Escape")
    tab_to(host, stop)
    host.keyboard.press("Enter")
    expect(host.locator("details[data-key=menu]")).to_have_attribute("open", "")
    host.keyboard.press("Tab")
    host.keyboard.press("Escape")
    expect(stop).to_be_focused()
    expect(host.locator("details[data-key=menu]")).not_to_have_attribute("open", "")
    host.context.close()


def test_the_board_by_keyboard(browser: Browser, demo: Site) -> None:
    page = enter(browser, demo, "dana@example.org", "desk", "light")
    page.goto(programme_pages(demo)[0]["programme-forming"])
    pot = page.locator(".mini summary").first
    tab_to(page, pot)
    page.keyboard.press("Enter")
    tick = page.locator('.mini input[name="who"]').first
    tab_to(page, tick)
    page.keyboard.press("Space")
    expect(page.get_by_role("status").filter(has_text="They are there already.")).to_be_visible()
    to = page.get_by_label("Move them to")
    tab_to(page, to)
    page.keyboard.press("End")
    expect(to).to_have_value("")
    sent(page, page.get_by_role("button", name="Move", exact=True))
    expect(page.get_by_text(re.compile("wait"))).not_to_have_count(0)
    page.context.close()
