"""Setting and moving a date, as it is drawn: fields beside each other stand in one line."""

import pytest
from playwright.sync_api import Browser

from tests.browser.live_server import Site
from tests.browser.looking import SIZES, enter
from tests.browser.test_pages import circle_pages

pytestmark = pytest.mark.browser

# Fields beside each other whose labels or boxes begin at different heights.
UNEVEN = """() => [...document.querySelectorAll("main .field-row")].flatMap((row) => {
  const tops = (what) => [...row.querySelectorAll(what)].map((e) => Math.round(e.getBoundingClientRect().top * 10) / 10);
  const near = (all) => all.every((one) => all.every((other) => one === other || Math.abs(one - other) > 24));
  return ["label", ".input"].map(tops).filter((all) => !near(all));
})"""


@pytest.mark.parametrize("size", SIZES)
def test_fields_beside_each_other_stand_in_one_line(browser: Browser, demo: Site, size: str) -> None:
    page = enter(browser, demo, "priya@example.org", size, "light")
    pages = circle_pages(demo)
    for name in ("schedule", "session-edit"):
        page.goto(pages[name])
        assert page.evaluate(UNEVEN) == [], name
    page.context.close()
