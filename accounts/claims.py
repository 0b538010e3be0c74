"""What an organisation's sign-in says of a person, read strictly. Pure.

Providers say odd things: truth as a string, addresses that are none, a name of two thousand letters, nothing at all.
"""

from collections.abc import Mapping
from typing import Any

from accounts.rules.clean import clean_text

LONGEST_ID, LONGEST_NAME, LONGEST_ADDRESS = 191, 80, 254


class Unusable(ValueError):
    """Nobody can be signed in with this."""


def read(told: Any, signed: Any) -> dict[str, Any]:
    """The few claims we use, from what was fetched and from the signed token; the fetched ones count first.

    Both are about one person, or neither is believed. Nothing else that was said is kept.
    """
    sources = [source for source in (signed, told) if isinstance(source, Mapping)]
    ids = {_id(source.get("sub")) for source in sources}
    if len(ids) != 1 or "" in ids:
        raise Unusable
    said: dict[str, Any] = {}
    for source in sources:
        said |= source
    claims: dict[str, Any] = {"sub": ids.pop(), "name": _name(said)}
    if address := _address(said.get("email")):
        claims |= {"email": address, "email_verified": _is_true(said.get("email_verified"))}
    return claims


def _id(value: Any) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if len(text) <= LONGEST_ID and text.isprintable() else ""


def _is_true(value: Any) -> bool:
    """Some providers send the word. Everything else but true itself is no."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def _address(value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return text if len(text) <= LONGEST_ADDRESS and text.count("@") == 1 and text.isprintable() else ""


def _name(said: Mapping[str, Any]) -> str:
    """The whole name, or given and family name; as long as a name may be here."""
    whole = said.get("name")
    if not isinstance(whole, str):
        parts = (said.get("given_name"), said.get("family_name"))
        whole = " ".join(part for part in parts if isinstance(part, str))
    return clean_text(whole[:1000])[:LONGEST_NAME].strip()
