"""What a browser calls itself, in words that its owner knows."""

# The first that is found counts: browsers name those they descend from as well.
BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "SamsungBrowser/": "Samsung Internet", "Firefox/": "Firefox", "FxiOS/": "Firefox",
    "CriOS/": "Chrome", "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
DEVICES = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Macintosh": "Mac",
    "CrOS": "Chromebook", "Linux": "Linux",
}  # fmt: skip


def device_of(user_agent: str) -> tuple[str, str]:
    """Browser and device, each empty when it is none we know. For recognising one's own: anybody can lie here."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    return browser, next((name for mark, name in DEVICES.items() if mark in user_agent), "")
