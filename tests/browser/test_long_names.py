"""Public reports L2: long names, also of one word, on the smallest phone: nothing overflows, the clock stays in sight."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.live_server import Site
from tests.browser.looking import SIZES, enter
from tests.browser.test_pages import circle_pages

pytestmark = pytest.mark.browser
SMALLEST = {"width": 320, "height": 568}
NAMES = {
    "amara": "Maximiliane-Alexandrowna-Konstantinopolitanska von Hohenstaufen-Schwarzenbergerin",
    "leila": "W" * 35,
}


def renamed(site: Site) -> str:
    """Code for `manage.py shell` that gives two people of the demonstration names as long as they may be."""
    lines = [
        f"User.objects.filter(email='{who}@example.org').update(name='{name[:80]}')" for who, name in NAMES.items()
    ]
    return "; ".join(["from accounts.models import User", *lines])


def too_wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_long_names_leave_the_smallest_phone_whole(browser: Browser, demo: Site) -> None:
    demo.manage("shell", "-c", renamed(demo), wait=True)
    pages = circle_pages(demo)
    SIZES["smallest"] = (SMALLEST["width"], SMALLEST["height"])
    phone = enter(browser, demo, "amara@example.org", "smallest", "light")
    wide = {}
    for name in ("today", "circle", "session", "agreement", "goals", "people"):
        phone.goto(pages[name])
        wide[name] = too_wide(phone)
    live = pages["session"] + "live/"
    host = enter(browser, demo, "priya@example.org", "desk", "light")
    host.goto(live)
    for tick in host.locator('input[name="here"]').all():
        tick.check()
    host.get_by_role("button", name=re.compile("^Start")).click()
    phone.goto(live)
    for step in range(1, 6):
        expect(phone.locator(f'[data-clock][data-seq="{step}"]')).to_have_count(1)
        wide[f"live {step}"] = too_wide(phone)
        box = phone.locator(".ring-centre .clock").bounding_box()
        ring = phone.locator("#ring .ring").bounding_box()
        assert box
        assert ring
        assert ring["y"] <= box["y"], f"step {step}: the clock stands above its ring"
        assert box["y"] + box["height"] <= SMALLEST["height"], f"step {step}: the clock is below the fold"
        host.locator("#room").get_by_role("button", name="Next").click()
    for page in (phone, host):
        page.context.close()
    assert {name: by for name, by in wide.items() if by > 0} == {}
