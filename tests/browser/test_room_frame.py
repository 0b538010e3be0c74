"""The live room in one frame: at every size of the table everything that matters is in sight, and nothing moves.

A short form runs everywhere: a council, every kind of stage once. `THOROUGH=1` goes through more
formats, the longest among them.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from sessions.formats.files import write_file
from tests.browser.live_server import Site
from tests.browser.looking import enter, follow, password_of
from tests.browser.test_room import SHIPPED, begin, early, ending, press, schedule, seq_of, together
from tests.thorough import THOROUGH

pytestmark = pytest.mark.browser

# The table of the room's sizes, then what is left of a laptop's and a tablet's window at 200 %.
SIZES = (
    (1366, 650), (1280, 720), (1920, 1080), (768, 1024), (390, 844), (480, 900), (844, 390), (320, 640),
    (683, 325), (640, 360), (960, 540), (384, 512),
)  # fmt: skip
FORMATS = ("01-council.yaml", "08-case_clinic.yaml", "03-two_hour.yaml", "13-clearness.yaml", "17-executive_forum.yaml")
GUEST = "nadia@example.org"
PEOPLE = ("priya", "leila", "ewan", "tomasz", "amara")

# What of the room is not whole in sight, and where its parts are; asked inside the page, in one go.
SEEN = """(wanted) => {
  const window_ = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  const panel = document.getElementById("panel").getBoundingClientRect();
  const inside = (box, frame) => box.width > 0 && box.height > 0 && box.left >= frame.left - 1 &&
    box.right <= frame.right + 1 && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
  const wrong = [];
  const look = (name, parts, frame) => {
    if (!parts.length) wrong.push(`${name}: none`);
    for (const part of parts) {
      const box = part.getBoundingClientRect();
      if (!inside(box, window_) || (frame && !inside(box, frame))) wrong.push(`${name}: ${part.innerText || part.textContent}`);
      const middle = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
      if (part.matches(".clock") && box.height > 1.6 * parseFloat(getComputedStyle(part).fontSize)) wrong.push(`${name} breaks`);
      if (middle && !part.contains(middle) && !middle.contains(part)) wrong.push(`${name} is covered: ${part.innerText}`);
    }
  };
  const all = (selector) => [...document.querySelectorAll(selector)];
  for (const [name, selector] of Object.entries(wanted)) {
    const parts = all(selector).filter((one) => !one.closest(".asked__form") && (name !== "command" || one.checkVisibility()));
    look(name, parts, ["what it is", "what may be said"].includes(name) && panel);
  }
  const page = document.documentElement;
  if (page.scrollHeight > innerHeight || page.scrollWidth > innerWidth) wrong.push(`the page scrolls: ${page.scrollWidth} x ${page.scrollHeight}`);
  for (const part of all(".room__bar, .room__strip, .room__floor, .cmd"))
    if (part.scrollWidth > part.clientWidth + 1) wrong.push(`${part.className} is too wide`);
  const boxes = Object.fromEntries([["ring", "#ring .ring"], ["bar", "#bar"], ["commands", "#cmd"], ["panel", "#panel"]].map(([name, at]) => {
    const { x, y, width, height } = document.querySelector(at)?.getBoundingClientRect() ?? {};
    return [name, [x, y, width, height].map((one) => Math.round((one || 0) * 2) / 2)];
  }));
  const more = all("#cmd .cmd__more .btn").map((one) => Math.round(one.getBoundingClientRect().x));
  return { wrong, boxes: { ...boxes, more } };
}"""

COMMANDS = {"command": "#cmd :is(button, summary, a)"}
WALL = {"clock": ".clock", "who speaks": ".ring-centre .who-now", "what may be said": ".say__rule"}
ROOM = WALL | COMMANDS


@dataclass
class Frames:
    """What each person's room looked like at each size; what was wrong is gathered."""

    first: dict[tuple[str, tuple[int, int]], Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def look(self, who: str, page: Page, stage: str, parts: dict[str, str] = ROOM) -> None:
        """At each size; `stage` is for whoever reads what is wrong."""
        for size in SIZES:
            page.set_viewport_size({"width": size[0], "height": size[1]})
            seen = page.evaluate(SEEN, parts)
            at = f"{who} at {size[0]} x {size[1]}, {stage}"
            self.wrong += [f"{at}: {one}" for one in seen["wrong"]]
            was = self.first.setdefault((who, size), seen["boxes"])
            self.wrong += [
                f"{at}: {part} moved {was[part]} to {now}" for part, now in seen["boxes"].items() if was[part] != now
            ]


def widened(name: str, title: str) -> str:
    """A shipped format with its own minutes, for two to six people."""
    definition = yaml.safe_load((SHIPPED / "shipped" / name).read_text())
    definition |= yaml.safe_load((SHIPPED / "common_stages.yaml").read_text())
    definition["texts"]["name"]["en"] = title
    definition["people"] = {"least": 2, "most": 6}
    return write_file(definition)


def with_guest(browser: Browser, site: Site, live: str) -> Page:
    """Somebody who said yes to this one session, with the password of the demonstration; signed in."""
    code = live.rstrip("/").split("/")[-2]
    asked = (
        "from django.utils import timezone; from accounts.models import User; from sessions.models import CircleSession;"
        "from sessions.guests.services import guest_accept, guest_accept_as_new, guest_invite; now = timezone.now();"
        f"one = CircleSession.objects.get(code='{code}'); who = User.objects.filter(email='{GUEST}').first();"
        f"by = User.objects.get(email='priya@example.org');"
        f"guest = guest_invite(session=one, name='Nadia', email='{GUEST}', by=by, now=now);"
        "guest_accept(guest=guest, user=who, now=now) if who else guest_accept_as_new(guest=guest, name='Nadia Noor',"
        f"time_zone='Europe/London', password={password_of(site)!r}, now=now)"
    )
    site.manage("shell", "-c", asked, wait=True)
    page = enter(browser, site, GUEST, "phone", "light")
    page.goto(live)
    return page


def kind_of(page: Page) -> str:
    """Stages that look alike to this person: whose they are does not matter, but whether they are the reader's own."""
    rules = " ".join(page.locator(".say__rule").all_inner_texts())
    return re.sub(r"\b(Priya|Leila|Ewan|Tomasz|Amara|Nadia)\b", "X", f"{page.locator('#now').inner_text()} {rules}")


def began(host: Page) -> None:
    """Started with all six, two of whom present where somebody does; where the time is short, with what is offered."""
    early(host)
    presents = ["Tomasz", "Amara"] if host.get_by_label("Tomasz presents").count() else []
    begin(host, ["Amara", "Tomasz", "Leila", "Ewan", "Nadia"], presents)
    host.wait_for_load_state()
    if host.locator("#how").count():
        host.get_by_role("button", name="Start it now, early").click()


def without_a_frame(page: Page) -> list[str]:
    """So low that a frame makes no sense (400 % on a laptop) it is an ordinary page, with the same parts in order."""
    page.set_viewport_size({"width": 342, "height": 290})
    seen = page.evaluate(
        """() => {
          const root = document.documentElement, at = (id) => document.getElementById(id).getBoundingClientRect();
          const order = ["bar", "strip", "ring", "panel", "cmd"].map(at);
          return { scrolls: root.scrollHeight > innerHeight, wide: root.scrollWidth - root.clientWidth,
            whole: document.getElementById("panel").scrollHeight <= Math.ceil(at("panel").height) + 1,
            ordered: order.every((box, n) => !n || box.top >= order[n - 1].bottom - 1) };
        }"""
    )
    right = {"scrolls": True, "wide": 0, "whole": True, "ordered": True}
    return [] if seen == right else [f"without a frame: {seen}"]


def test_a_rehearsal_stands_in_the_same_frame(browser: Browser, demo: Site) -> None:
    page = enter(browser, demo, "priya@example.org", "desk", "light")
    page.goto("/formats/council/")
    follow(page.get_by_role("button", name="Try it"))
    expect(page.locator("#live")).to_have_attribute("data-phase", "running")
    frames = Frames()
    frames.look("rehearsal", page, "its first stage")
    page.context.close()
    assert frames.wrong == []


@pytest.mark.parametrize("name", FORMATS if THOROUGH else FORMATS[:1])
def test_everything_is_in_sight_and_nothing_moves(name: str, browser: Browser, demo: Site) -> None:
    circle = json.loads((demo.folder / "demo.json").read_text())["circles"][0]["path"]
    pages = {who: enter(browser, demo, f"{who}@example.org", "desk", "light") for who in PEOPLE}
    host = pages["priya"]
    live = schedule(host, circle, widened(name, f"In sight {name[:2]}"), f"In sight {name[:2]}")
    pages["guest"] = with_guest(browser, demo, live)
    for page in pages.values():
        page.goto(live)
    frames, known, everyone = Frames(), set(), list(pages.values())
    began(host)
    together(everyone, 1)
    bars = " ".join(page.locator("#bar").inner_text() for page in everyone)
    assert all(f"you are {role}" in bars for role in ("host", "timekeeper", "scribe", "a guest")), bars
    while True:
        stage = host.locator("#strip b").inner_text()
        for who, page in pages.items():
            if (who, kind_of(page)) not in known:
                known.add((who, kind_of(page)))
                frames.look(who, page, stage)
        if ending(host).count():
            break
        seq = seq_of(host)
        press(host, re.compile("^Next"))
        together(everyone, seq + 1)
    for what in ("Pause", "Go on"):
        seq = seq_of(host)
        press(host, what)
        together(everyone, seq + 1)
        for who, page in pages.items():
            frames.look(who, page, what)
    # Over time only the colours change.
    for who, page in pages.items():
        page.evaluate("document.getElementById('live').dataset.state = 'over'")
        frames.look(who, page, "over time")
    frames.wrong += without_a_frame(host)
    for page in everyone:
        page.context.close()
    assert len(known) > 20
    assert frames.wrong == []
