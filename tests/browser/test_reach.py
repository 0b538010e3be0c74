"""Everything within reach: each page's height, its one main action, its targets and its bar of places, measured."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.bounds import BOUNDS, Bound
from tests.browser.live_server import Site
from tests.browser.looking import SIZES, enter, follow
from tests.browser.sight import out_of_focus, without_colours
from tests.browser.test_pages import VISITOR, circle_pages, programme_pages

pytestmark = pytest.mark.browser

SCREENS = {"laptop": (1366, 650), "phone": (390, 844)}
# What is left of a laptop's window at 200 % and at 400 %, and of 1280 x 1024 at 400 %; the narrowest phone.
ZOOMED = {"laptop": [(683, 325)], "phone": [(320, 640), (320, 256), (342, 163)]}
# What the tab bar at the lower edge of a phone covers.
UNDER_THE_TABS = 72
PLACES = (
    ["Overview", "Sessions", "Agreement", "Commitments", "People", "More pages"],
    ["Participation", "People", "Circles", "Pulses", "Evaluation", "Settings"],
)

MEASURED = """() => {
  const shown = (e) => {
    const box = e.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(e).visibility !== "hidden" && !e.closest(".vh, .skip");
  };
  const big = (e) => e.getBoundingClientRect().width >= 24 && e.getBoundingClientRect().height >= 24;
  // In a sentence the words around a link keep others away from it (WCAG 2.5.8).
  const inSentence = (e) => e.matches("a") && e.parentElement.textContent.trim() !== e.textContent.trim();
  const labelled = (e) => e.matches("input") && e.closest("label") && big(e.closest("label"));
  const said = (e) => (e.textContent || e.name || e.type).trim().replace(/\\s+/g, " ").slice(0, 40);
  const mains = [...document.querySelectorAll("main :is(.btn--main, .btn--piece)")].filter(shown);
  // A main action that leads down the page to its form stands for that form's own button.
  const down = mains.filter((e) => e.matches("a[href^='#']"));
  // What a button says in one line stands in its middle, whatever it says besides to a screen reader.
  const aside = (e) => {
    const all = document.createRange(), box = e.getBoundingClientRect();
    const seen = [...e.childNodes].filter((n) => n.matches ? !n.matches(".vh") : n.textContent.trim()).map((n) => {
      all.selectNode(n);
      return all.getBoundingClientRect();
    }).filter((r) => r.width);
    const start = Math.min(...seen.map((r) => r.left)), end = Math.max(...seen.map((r) => r.right));
    return seen.length && seen.every((r) => r.height < 32) && Math.abs(start - box.left - (box.right - end)) > 4;
  };
  return {
    aside: [...document.querySelectorAll("main .btn:not([aria-pressed])")].filter(shown).filter(aside).map(said),
    height: document.documentElement.scrollHeight,
    mains: (down.length ? down : mains).map((e) => [said(e), e.getBoundingClientRect().bottom]),
    small: [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden])")].filter(shown)
      .filter((e) => !big(e) && !inSentence(e) && !labelled(e)).map(said),
    bar: document.querySelector("nav.tabs") !== null,
    places: [...document.querySelectorAll("nav.tabs a")].filter(shown).map(said),
  };
}"""


def out_of_reach(page: Page, name: str, bound: Bound, size: str) -> list[str]:
    """What is further away on a page than its line in the table allows."""
    screen = SCREENS[size][1]
    found = page.evaluate(MEASURED)
    most = bound.laptop if size == "laptop" else bound.phone
    wrong = []
    if most is not None and found["height"] > most * screen + 1:
        wrong.append(f"{found['height'] / screen:.2f} screens high, {most} at most")
    if len(found["mains"]) > 1:
        wrong.append(f"more than one main action: {[words for words, _ in found['mains']]}")
    last = screen - (UNDER_THE_TABS if size == "phone" else 0)
    if bound.first:
        wrong += [f"{words} ends at {bottom:.0f} of {last}" for words, bottom in found["mains"] if bottom > last]
    if found["small"]:
        wrong.append(f"smaller than 24 px: {found['small']}")
    if found["aside"]:
        wrong.append(f"not in the middle of its button: {found['aside']}")
    if found["bar"] != bound.bar:
        wrong.append("no bar of places" if bound.bar else "a bar of places")
    elif bound.bar and found["places"] not in PLACES:
        wrong.append(f"places: {found['places']}")
    return [f"{name}: {one}" for one in wrong]


def everybodys(site: Site) -> list[tuple[str, dict[str, str]]]:
    """Who opens which pages."""
    leads, takes_part = programme_pages(site)
    return [
        ("priya@example.org", circle_pages(site)),
        # With four lines that wait, and with a poll as the next step, it is no longer.
        ("ewan@example.org", {"circle-waiting": circle_pages(site)["circle"]}),
        ("ruth@example.org", {"circle-poll": circle_pages(site)["circle-journey"].removesuffix("journey/")}),
        ("dana@example.org", leads),
        ("amara@example.org", takes_part | {"today-member": "/"}),
        ("", VISITOR),
    ]


@pytest.mark.parametrize("size", SCREENS)
def test_every_page_keeps_what_matters_within_reach(
    browser: Browser, demo: Site, size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SIZES, size, SCREENS[size])
    wrong = []
    for email, pages in everybodys(demo):
        page = enter(browser, demo, email, size, "light")
        for name, path in pages.items():
            assert name in BOUNDS, f"{name} has no line in tests/browser/bounds.py"
            page.goto(path)
            wrong += out_of_reach(page, name, BOUNDS[name], size)
            wrong += out_of_focus(page, name, SCREENS[size], *ZOOMED[size])
            if size == "laptop":
                wrong += without_colours(page, name)
        page.context.close()
    assert not wrong, "\n".join(wrong)


def test_each_place_is_one_press_away(browser: Browser, demo: Site) -> None:
    """From any page of a circle to any other of its places, as the bar on each says; from Today to one's programme."""
    page = enter(browser, demo, "priya@example.org", "phone", "light")
    page.goto(circle_pages(demo)["session"])
    bar = page.get_by_role("navigation", name="Alder circle")
    for place in reversed(PLACES[0]):
        follow(bar.get_by_role("link", name=place))
        expect(bar.locator("[aria-current=page]")).to_have_text(place)
    page.context.close()
    page = enter(browser, demo, "dana@example.org", "phone", "light")
    follow(page.get_by_role("link", name=re.compile("^Participation.*Leading Well")))
    expect(page.get_by_role("navigation", name="Leading Well").locator("[aria-current=page]")).to_have_text(
        "Participation"
    )
    page.context.close()


def test_the_table_lists_what_there_is(demo: Site) -> None:
    listed = {name for _email, pages in everybodys(demo) for name in pages}
    assert set(BOUNDS) == listed
