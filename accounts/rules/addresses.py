"""Addresses that a browser hands in: where somebody may be sent on to."""

from urllib.parse import urlsplit


def on_this_site(target: str) -> bool:
    """Whether it is a path here, and cannot be taken for anything else.

    One slash and then no second, whichever way it leans: browsers read two as the name of a host, of this one or of
    another. Plain text, so that nothing takes it for the name of a page and a header can hold it.
    """
    if not target.startswith("/") or target[1:2] in ("/", "\\") or not target.isprintable():
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc
