"""A provider of OpenID Connect in a process of its own: `oidc-provider-mock`, which nobody here wrote."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.browser.live_server import free_port


@contextmanager
def running_provider() -> Iterator[str]:
    """Its address. It knows every client, and of a person what `tell` told it."""
    port = free_port()
    words = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _try in range(600):
        assert process.poll() is None, "the provider did not start"
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/.well-known/openid-configuration", timeout=1):
                return
        except OSError:
            try:
                process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
    raise AssertionError("the provider does not answer")


def tell(address: str, sub: str, said: object) -> None:
    """What the provider says of somebody from now on."""
    requests.put(f"{address}/users/{sub}", json=said, timeout=5).raise_for_status()
