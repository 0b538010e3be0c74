"""No address with a secret in it reaches the log."""

import logging
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.logs import NoContent

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
    assert len(PATHS) == 8


@pytest.mark.parametrize("path", PATHS)
def test_a_secret_in_an_address_is_not_logged(path: str) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "x", 1, "Not Found: %s", (path,), None)
    assert NoContent().filter(record)
    assert SECRET not in record.getMessage()
    assert "Not Found: /" in record.getMessage()
