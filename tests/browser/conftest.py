"""Sites and browsers for the browser tests. In CI a missing service is a failure, never a skip."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.live_server import REDIS, Sink, Site, production_site

expect.set_options(timeout=15_000)
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright's loop runs in this thread; Django must not take it for an async context.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    made.start()
    yield made
    made.stop()


@pytest.fixture(params=["embedded", "production"])
def site(request: pytest.FixtureRequest, tmp_path: Path, sink: Sink) -> Iterator[Site]:
    """The site in both modes: one process on SQLite; PostgreSQL, Redis, a Celery worker and beat."""
    if request.param == "embedded":
        made = Site(tmp_path, sink)
        made.migrated()
        yield from _running(made)
        return
    with production_site(tmp_path, sink, REDIS, migrated=True) as made:
        made.environment["REGISTRATION"] = "open"
        yield from _running(made)


def _running(made: Site) -> Iterator[Site]:
    try:
        made.start()
        yield made
    finally:
        made.stop()


Visitor = Callable[..., Page]


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Visitor]:
    """A person with a browser of their own; any script error or policy violation fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_(*, width: int = 1280, zone: str = "Europe/London", theme: str = "light") -> Page:
        context = browser.new_context(
            base_url=site.address,
            viewport={"width": width, "height": 860},
            timezone_id=zone,
            locale="en-GB",
            color_scheme=theme,  # type: ignore[arg-type]
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: wrong.append(f"{page.url}: {said.text}") if "Content Security Policy" in said.text else None,
        )
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not wrong, wrong


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, as `make run DEMO=1` loads it."""
    sink = Sink()
    sink.start()
    site = Site(tmp_path_factory.mktemp("demo"), sink)
    site.environment["PARTS_PAGE"] = "1"
    with site.demonstrated():
        yield site
    sink.stop()


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of pages go: `SHOTS`, for all of them; without it those of pages with something wrong."""
    folder = Path(os.environ.get("SHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
