"""Everything within reach: each page's height, its one main action, its targets and its bar of places, measured."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.bounds import BOUNDS, Bound
from tests.browser.live_server import Site
from tests.browser.looking import SIZES, enter
from tests.browser.test_pages import VISITOR, circle_pages, programme_pages

pytestmark = pytest.mark.browser

SCREENS = {"laptop": (1366, 650), "phone": (390, 844)}
NARROW = 320
# What the tab bar at the lower edge of a phone covers.
UNDER_THE_TABS = 72

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
  return {
    height: document.documentElement.scrollHeight,
    mains: (down.length ? down : mains).map((e) => [said(e), e.getBoundingClientRect().bottom]),
    small: [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden])")].filter(shown)
      .filter((e) => !big(e) && !inSentence(e) && !labelled(e)).map(said),
    bar: document.querySelector("nav.tabs") !== null,
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
    if found["bar"] != bound.bar:
        wrong.append("no bar of places" if bound.bar else "a bar of places")
    return [f"{name}: {one}" for one in wrong]


def everybodys(site: Site) -> list[tuple[str, dict[str, str]]]:
    """Who opens which pages."""
    leads, takes_part = programme_pages(site)
    return [
        ("priya@example.org", circle_pages(site)),
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
            if size == "phone":
                page.set_viewport_size({"width": NARROW, "height": 640})
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                wrong += [f"{name}: {wide} px too wide at {NARROW}"] if wide > 0 else []
                page.set_viewport_size({"width": SCREENS[size][0], "height": SCREENS[size][1]})
        page.context.close()
    assert not wrong, "\n".join(wrong)


def test_the_table_lists_what_there_is(demo: Site) -> None:
    listed = {name for _email, pages in everybodys(demo) for name in pages}
    assert set(BOUNDS) == listed
