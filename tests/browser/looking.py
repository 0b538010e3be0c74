"""Looking at pages: sign somebody in at a size and in a theme, run axe, keep a picture."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.live_server import Site

SIZES = {"desk": (1280, 860), "phone": (390, 844)}
# Every check looks at the colours of the other theme too: nothing else differs (`test_themes_differ_by_colours_alone`).
THEMES = ("light",)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
KEEP_ALL = "SHOTS" in os.environ


def password_of(site: Site) -> str:
    """What everybody of the demonstration signs in with."""
    return str(json.loads((site.folder / "demo.json").read_text())["password"])


def enter(browser: Browser, site: Site, email: str, size: str, theme: str, *, script: bool = True) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=site.address,
        viewport={"width": width, "height": height},
        color_scheme=theme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        java_script_enabled=script,
    )
    page = context.new_page()
    if email:
        page.goto("/sign/login/")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(password_of(site))
        follow(page.get_by_role("button", name="Sign in", exact=True))
        expect(page).not_to_have_url(re.compile("/sign/login/"))
    return page


@contextmanager
def another_page(page: Page) -> Iterator[None]:
    """What is done in this block leads to another page, or to the same one again: wait until that has come whole.

    A click alone is done when the answer begins: what looks then sees the page before, or one without an element.
    Fails when nothing is loaded.
    """
    with page.expect_navigation(wait_until="load"):
        yield


def follow(what: Locator, key: str = "") -> None:
    """Press what leads to another page; `key` is pressed on it instead of a click."""
    with another_page(what.page):
        if key:
            what.press(key)
        else:
            what.click()


def violations(page: Page, rules: dict[str, list[str]]) -> list[dict[str, Any]]:
    """What axe finds. Of what is right it says nothing: carrying that over takes longer than looking."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(Axe().axe_script)
    found: list[dict[str, Any]] = page.evaluate(
        "options => axe.run(document, options).then(results => results.violations)", rules
    )
    return found


def looked_at(page: Page, name: str, shots: Path, rules: dict[str, list[str]], *, wide: int = 0) -> list[str]:
    """What axe finds under a name; a picture is kept of what has something wrong, and with `SHOTS` of everything."""
    found = violations(page, rules)
    if KEEP_ALL or found or wide > 0:
        page.screenshot(path=str(shots / f"{name}.png"), full_page=True)
    said = [f"{name}: {v['id']} {v['nodes'][0]['html'][:160]} {v['nodes'][0]['failureSummary'][:300]}" for v in found]
    return said + ([f"{name}: {wide} px too wide"] if wide > 0 else [])


def check(page: Page, name: str, shots: Path) -> list[str]:
    """What axe finds on a page, whether it overflows, and whether its colours are right in the other theme too.

    It looks at a whole page, from its top: what lies under the bars in the middle of it is `sight.py`'s to say. Whether
    it is the one that was pressed for, only `follow` or an `expect` before it knows.
    """
    page.wait_for_load_state("load")
    page.evaluate("window.scrollTo(0, 0)")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    said = looked_at(page, name, shots, RULES, wide=wide)
    own, other = "light", "dark"
    if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"):
        own, other = other, own
    page.emulate_media(color_scheme=other)  # type: ignore[arg-type]
    said += looked_at(page, f"{name}-in-{other}", shots, COLOURS)
    page.emulate_media(color_scheme=own)  # type: ignore[arg-type]
    return said
