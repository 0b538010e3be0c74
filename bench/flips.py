"""How far apart two real browsers show the next second: one has a wrong clock, the other came late.

`python -m bench.flips`: once on loopback, once with up to 40 ms of jittery delay before the second browser. Times are
read on each page's monotonic clock, which a wrong wall clock does not touch.
"""

import asyncio
import random
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.report import write
from bench.streams import running_site, sessions_of
from tests.browser.conftest import CHROMIUM
from tests.browser.live_server import Site, free_port

WATCH_SECONDS, MOST_DELAY = 25, 0.04
WRONG_CLOCK = "const real = Date.now; Date.now = () => real() + 3 * 3600 * 1000 + 417;"
WATCHER = """() => {
  window.flips = [];
  const seen = () => document.querySelector(".clock").textContent;
  let last = seen();
  const look = () => {
    const text = seen();
    if (text !== last) { last = text; window.flips.push([text, performance.timeOrigin + performance.now()]); }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


class Delay:
    """A proxy that holds every chunk back for a random time, in order, on both ways."""

    def __init__(self, port: int) -> None:
        self.target, self.port = port, free_port()
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_server(self._joined, "127.0.0.1", self.port))
        self.loop.run_forever()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer), return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65536):
                await asyncio.sleep(random.uniform(0, MOST_DELAY))
                writer.write(chunk)
                await writer.drain()
        finally:
            writer.close()


def page_of(browser: Browser, line: dict[str, str], address: str, *, wrong_clock: bool = False) -> Page:
    context = browser.new_context()
    if wrong_clock:
        context.add_init_script(WRONG_CLOCK)
    for part in line["cookie"].split("; "):
        name, value = part.split("=", 1)
        context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    code = line["stream"].split("/live/")[1].split("/")[0]
    page.goto(f"{address}/sessions/{code}/live/")
    page.wait_for_selector(".clock")
    return page


def apart(browser: Browser, site: Site, second: str) -> list[float]:
    """Milliseconds between the two browsers' changes to the same second."""
    early, late = sessions_of(site, 1, 2)[0]
    first = page_of(browser, early, site.address, wrong_clock=True)
    first.wait_for_timeout(3000)
    other = page_of(browser, late, second)
    other.wait_for_timeout(2000)
    for page in (first, other):
        page.evaluate(WATCHER)
    first.wait_for_timeout(WATCH_SECONDS * 1000)
    seen: list[dict[str, float]] = [dict(page.evaluate("window.flips")) for page in (first, other)]
    both = seen[0].keys() & seen[1].keys()
    if len(both) < WATCH_SECONDS - 5:
        raise RuntimeError(f"only {len(both)} seconds were seen by both")
    return [abs(seen[0][text] - seen[1][text]) for text in both]


def rows_of(name: str, goal: int, found: list[float]) -> list[tuple[str, str]]:
    return [
        (f"{name}: second flips apart, median of {len(found)} (goal {goal} ms)", f"{statistics.median(found):.1f} ms"),
        (f"{name}: the same, largest", f"{max(found):.1f} ms"),
    ]


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def main() -> None:
    rows: list[tuple[str, Any]] = []
    with running_site() as site, chromium() as browser:
        rows += rows_of("loopback", 5, apart(browser, site, site.address))
        delayed = f"http://localhost:{Delay(site.port).port}"
        rows += rows_of("up to 40 ms of jittery delay", 20, apart(browser, site, delayed))
    title = "Second flips of two browsers, one with a clock three hours wrong, one come late"
    write(title, "python -m bench.flips", rows)


if __name__ == "__main__":
    main()
