"""What counts as an email address: one rule for pasting, signing up, importing and sending. Pure.

Only what mail servers deliver: a plain name before the @ (they take no other letters there), and a domain in the form
that goes over the wire, so that one mailbox is written in one way whoever types it.
"""

import re
import unicodedata

import idna

LONGEST = 254
LONGEST_NAME = 64
# More than this is no address, and is not looked at.
READ_AT_MOST = 1000
_NAME = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+", re.ASCII)
_LAST = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}", re.ASCII)


def as_address(typed: str) -> str | None:
    """The address that was typed, in lower case and with its domain as it is sent; None when it is none.

    `mailto:`, spaces around it and characters that nobody sees are taken off: they come along when it is copied.
    """
    if len(typed) > READ_AT_MOST:
        return None
    name, at, domain = _seen(typed).strip().lower().removeprefix("mailto:").partition("@")
    if not at or not _is_name(name):
        return None
    sent = as_domain(domain)
    return f"{name}@{sent}" if sent and len(name) + 1 + len(sent) <= LONGEST else None


def _seen(typed: str) -> str:
    """What somebody sees of it."""
    if typed.isascii() and typed.isprintable():
        return typed
    return "".join(one for one in typed if unicodedata.category(one) not in ("Cf", "Cc", "Cs"))


def _is_name(name: str) -> bool:
    """Whether it can stand before the @: no quotation marks, no dots at its ends or side by side."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        return False
    return not name.startswith(".") and not name.endswith(".") and ".." not in name


def as_domain(domain: str) -> str | None:
    """A domain as it goes over the wire (`bücher.example` is `xn--bcher-kva.example`); None when there is no such."""
    if len(domain) > LONGEST or "." not in domain:
        return None
    try:
        sent = idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        return None
    return sent if _LAST.fullmatch(sent.rpartition(".")[2]) else None
