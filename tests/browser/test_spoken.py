"""What a screen reader is told in a whole council, from its start to its end, as a transcript: when, and in which words.

The format has its own minutes. The page of whoever listens is told that time has passed, up to just before something
would be said; then it ticks by itself. The server's clock is the true one, and the page asks for it before each step.
"""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.live_server import Site
from tests.browser.looking import enter
from tests.browser.test_room import begin, end, ending, press, schedule, seq_of, together
from tests.browser.test_room_frame import widened

pytestmark = pytest.mark.browser

# Time that passes at once; news goes on arriving while it does.
AHEAD = """
  const real = performance.now.bind(performance);
  let ahead = 0;
  performance.now = () => real() + ahead;
  window.EventSource = class extends EventSource {
    constructor(...words) { super(...words); window.news = this; }
  };
  window.pass = (seconds) => { ahead += seconds * 1000; window.news.dispatchEvent(new Event("beat")); };
"""
# Everything that speaks by itself, with the second at which it did.
LISTEN = """() => {
  window.heard = [];
  const from = performance.now();
  for (const part of document.querySelectorAll("[aria-live=polite], [aria-live=assertive], [role=status], [role=alert], [role=log]")) {
    const hear = () => {
      const text = part.textContent.trim().replace(/\\s+/g, " ");
      if (text) window.heard.push([Math.round((performance.now() - from) / 1000), text]);
    };
    new MutationObserver(hear).observe(part, { childList: true, characterData: true, subtree: true });
  }
}"""
MOMENTS = {"Five minutes left.": 300, "One minute left.": 60, "Time.": 0}
# The minute and the words.
WHOLE = """\
  0 Opening. Priya speaks.
  3 One minute left.
  4 Time.
  4 Check-in, 1 of 3. You speak.
  5 Time.
  5 Check-in, 2 of 3. Sam speaks.
  6 Time.
  6 Check-in, 3 of 3. Priya speaks.
  7 Time.
  7 Ruth brings an issue. You speak.
  9 One minute left.
 10 Time.
 10 Questions for Ruth. You are asked.
 12 One minute left.
 13 Time.
 13 Counsel for Ruth. You listen.
 18 Five minutes left.
 22 One minute left.
 23 Time.
 23 Sam brings an issue. Sam speaks.
 25 One minute left.
 26 Time.
 26 Questions for Sam. Everyone but Sam.
 28 One minute left.
 29 Time.
 29 Counsel for Sam. Everyone but Sam.
 34 Five minutes left.
 38 One minute left.
 39 Time.
 39 Check-out, 1 of 3. You speak.
 40 Time.
 40 Check-out, 2 of 3. Sam speaks.
 41 Time.
 41 Check-out, 3 of 3. Priya speaks.
 42 Time.
 42 How did we keep our agreement? Everyone.
 43 One minute left.
 44 Time.
 44 Thank you. Everyone.
 45 One minute left.
 46 Time.
 46 The session is over.
"""


def left(page: Page) -> int:
    """Seconds that the page shows."""
    minutes, seconds = page.locator(".clock").inner_text().removeprefix("+").split(":")[-2:]
    return int(minutes) * 60 + int(seconds)


def moments_of(page: Page) -> Iterator[str]:
    """To each moment of this stage that is said, and past it."""
    length = int(page.locator("[data-clock]").get_attribute("data-length") or 0) / 1000
    for text, at in MOMENTS.items():
        if at < length:
            page.evaluate(f"pass({left(page) - at - 1})")
            yield text


def test_a_council_is_told_in_words_and_never_in_seconds(browser: Browser, demo: Site) -> None:
    circle = json.loads((demo.folder / "demo.json").read_text())["circles"][1]["path"]
    priya = enter(browser, demo, "priya@example.org", "desk", "light")
    ruth = enter(browser, demo, "ruth@example.org", "phone", "light")
    ruth.context.add_init_script(AHEAD)
    live = schedule(priya, circle, widened("01-council.yaml", "Told"), "Told")
    ruth.goto(live)
    ruth.evaluate(LISTEN)
    begin(priya, ["Sam", "Ruth"], ["Sam", "Ruth"])
    together([priya, ruth], 1)
    while True:
        for text in moments_of(ruth):
            ruth.wait_for_function("text => window.heard.at(-1)?.[1] === text", arg=text)
        ruth.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        # The true time again: what is left is nearly all of the stage.
        expect(ruth.locator(".clock")).not_to_have_text(re.compile(r"^(\+.*|0:0\d)$"))
        if ending(priya).count():
            break
        seq = seq_of(priya)
        press(priya, re.compile("^Next"))
        together([priya, ruth], seq + 1)
    end(priya, [priya, ruth])
    expect(ruth.locator("#said")).to_have_text("The session is over.")
    heard = ruth.evaluate("window.heard")
    for page in (priya, ruth):
        page.context.close()
    # What a page needs to ask and to answer is no time of the session: a minute more or less is the same.
    told = "".join(f"{second // 60:3} {text}\n" for second, text in heard)
    assert re.sub(r"(?m)^ *\d+ ", "", told) == re.sub(r"(?m)^ *\d+ ", "", WHOLE), told
    assert re.findall(r"\d+:\d\d|seconds?\b", told) == []
    for second, _text in heard:
        assert len([at for at, _other in heard if second <= at < second + 60]) <= 2, (second, heard)
