"""What people read where they are signed in."""

import pytest

from accounts.rules.devices import device_of

CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
APPLE = "Mozilla/5.0 ({}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 {}Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (CHROME.format("Windows NT 10.0; Win64; x64"), ("Chrome", "Windows")),
        (CHROME.format("X11; CrOS x86_64 14541.0.0"), ("Chrome", "Chromebook")),
        (CHROME.format("Linux; Android 14"), ("Chrome", "Android")),
        (CHROME.format("Windows NT 10.0") + " Edg/130.0", ("Edge", "Windows")),
        (CHROME.format("X11; Linux x86_64") + " OPR/114.0", ("Opera", "Linux")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", ("Firefox", "Linux")),
        (APPLE.format("iPhone; CPU iPhone OS 17_5 like Mac OS X", ""), ("Safari", "iPhone")),
        (APPLE.format("Macintosh; Intel Mac OS X 14_5", ""), ("Safari", "Mac")),
        ("curl/8.5.0", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_browser_is_named_as_its_owner_would(agent: str, said: tuple[str, str]) -> None:
    assert device_of(agent) == said
