"""No address with a secret in it reaches the log."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from celery.signals import setup_logging
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.celery import app
from config.logs import NoContent, Seldom
from config.server import server_options

SECRET = "s3cret-0f-s0mebody"


def secret_paths(patterns: list[object], space: str = "") -> Iterator[str]:
    """Every address of ours that takes a token."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = pattern.namespace or ""
            yield from secret_paths(pattern.url_patterns, f"{inner}:" if inner else space)
        elif isinstance(pattern, URLPattern) and "<str:token>" in str(pattern.pattern):
            code = {"code": "00000000-0000-0000-0000-000000000000"} if "<uuid:code>" in str(pattern.pattern) else {}
            yield reverse(f"{space}{pattern.name}", kwargs={"token": SECRET} | code)


PATHS = sorted(secret_paths(get_resolver().url_patterns))


def test_the_addresses_with_secrets_are_known() -> None:
    assert len(PATHS) == 11


@pytest.mark.parametrize("path", PATHS)
def test_a_secret_in_an_address_is_not_logged(path: str) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "x", 1, "Not Found: %s", (path,), None)
    assert NoContent().filter(record)
    assert SECRET not in record.getMessage()
    assert "Not Found: /" in record.getMessage()


def test_every_address_with_a_key_in_it_is_known_to_the_log() -> None:
    """Those of the library for accounts too: the key of a new password, the key that proves an address."""
    for path in ("/sign/password/reset/key/3-c8x2ab-0123456789abcdef/", f"/sign/confirm-email/{SECRET}/"):
        record = logging.LogRecord("django.request", logging.ERROR, "x", 1, "Service Unavailable: %s", (path,), None)
        assert NoContent().filter(record)
        assert "c8x2ab" not in record.getMessage()
        assert SECRET not in record.getMessage()


def test_what_celery_says_of_a_fault_names_it_and_quotes_nothing() -> None:
    @app.task(name="tests.speaks")
    def speaks(words: str) -> None:
        raise ValueError(f"could not send {words}")

    heard: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = heard.append  # type: ignore[method-assign]
    handler.addFilter(NoContent())
    logging.getLogger("celery").addHandler(handler)
    try:
        speaks.apply(args=["what somebody wrote"])
    finally:
        logging.getLogger("celery").removeHandler(handler)
        app.tasks.unregister("tests.speaks")
    said = "\n".join(record.getMessage() for record in heard)
    assert "tests.speaks" in said
    assert "ValueError" in said
    assert "what somebody wrote" not in said


def test_celery_and_uvicorn_bring_no_handlers_of_their_own() -> None:
    assert setup_logging.receivers
    options = uvicorn.Config("config.asgi:application", **server_options())
    assert options.log_config is None
    assert logging.getLogger("uvicorn.error").handlers == []


def test_an_exception_that_is_part_of_a_line_is_named() -> None:
    record = logging.LogRecord("asyncio", logging.ERROR, "x", 1, "it failed: %s", (ValueError("a secret"),), None)
    assert NoContent().filter(record)
    assert record.getMessage() == "it failed: ValueError"


def test_one_line_comes_ten_times_a_minute_and_then_says_how_many_there_were() -> None:
    now = [0.0]
    seldom = Seldom(clock=lambda: now[0])

    def said(line: int = 1, level: int = logging.WARNING) -> str | None:
        record = logging.LogRecord("uvicorn.error", level, "x", line, "Invalid HTTP request received.", (), None)
        return record.getMessage() if seldom.filter(record) else None

    assert sum(said() is not None for _line in range(100_000)) == 10
    assert said(line=2)
    assert said(level=logging.ERROR)
    now[0] = 59.9
    assert said() is None
    now[0] = 60.0
    assert said() == "Invalid HTTP request received. (and 99991 like it were held back)"
    assert said() == "Invalid HTTP request received."
    assert len(seldom.seen) == 3


def test_the_log_format_for_a_proxy_hides_every_secret() -> None:
    """The expression that README gives to nginx, tried on every address that has a secret in it."""
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text()
    found = re.search(r'"~(\^\(\?<kept>.*?)" \$kept/…;', readme)
    assert found
    pattern = re.compile(found[1].replace("(?<", "(?P<"))
    for path in [*PATHS, f"/sign/password/reset/key/{SECRET}/", f"/sign/confirm-email/{SECRET}/"]:
        hidden = pattern.match(path)
        assert hidden, path
        assert SECRET not in hidden["kept"], path
    for path in ("/", "/circles/", "/static/style.css", "/sessions/0c/live/"):
        assert not pattern.match(path), path
