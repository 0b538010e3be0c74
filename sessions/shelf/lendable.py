"""What a circle could lend, and how it is carried between sites: a file that says all of it, signed by the site.

    shelf: 1
    kind: clause
    helped: when it helped
    thing: {theme: feedback, text: …}
    site: the public key of the site that wrote it
    signature: of everything above

A format's or a journey's `thing` is its definition. A journey brings the own formats that it names along, in `formats`.
Nothing says which circle it comes from. The signature is looked at before anything else is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from accounts.rules.clean import clean_text
from agreements.enums import Theme
from circles.sealed import Unreadable
from sessions.enums import ShelfKind
from sessions.formats.cards import cards
from sessions.formats.files import read_definition, write_file
from sessions.formats.library import digest_of, rules
from sessions.models import ShelfItem
from sessions.rules.definitions import FormatError, FormatProblem
from sessions.rules.format import FormatRule
from sessions.rules.journey_reading import MOST_FORMATS, read_journey
from sessions.rules.reading import read_format
from sessions.rules.signed_files import is_whole, sealed_file, sign_of, signing_key, site_of

SHELF_SCHEMA = 1
LONGEST_CLAUSE, LONGEST_HELPED = 1000, 300
FORMATS_BROUGHT = 2 * MOST_FORMATS
PARTS = ("shelf", "kind", "helped", "thing", "formats", "site", "signature")


@dataclass(frozen=True)
class Lendable:
    """Something that a circle could lend: a definition with the own formats it names, or a clause."""

    kind: ShelfKind
    definition: Mapping[str, Any] | None = None
    formats: Mapping[str, Any] = field(default_factory=dict)
    theme: str = ""
    text: str = ""

    @property
    def said(self) -> str:
        """What it says, as one text: two that say the same are the same."""
        return f"{self.theme}:{self.text}" if self.definition is None else digest_of({**self.definition, "key": ""})


@dataclass(frozen=True)
class Carried:
    """What a file brought: the thing, when it helped, and the sign of the site that wrote it."""

    thing: Lendable
    helped: str
    sign: str
    is_ours: bool


def thing_of(item: ShelfItem) -> Lendable:
    """What stands on the shelf, to be copied or carried. Refused while its words cannot be read."""
    if isinstance(item.text, Unreadable) or isinstance(item.helped, Unreadable):
        raise Refused(_("This cannot be read at the moment. Try again later."))
    return Lendable(ShelfKind(item.kind), item.definition, item.formats, item.theme, str(item.text))


def our_sign() -> str:
    """The sign of this site, which people of others compare."""
    return sign_of(site_of(signing_key(settings.SECRET_KEY)))


def shelf_file(thing: Lendable, helped: str) -> str:
    """A file that another site's `read_shelf_file` takes."""
    content: dict[str, Any] = {"shelf": SHELF_SCHEMA, "kind": thing.kind.value, "helped": helped}
    content["thing"] = dict(thing.definition) if thing.definition else {"theme": thing.theme, "text": thing.text}
    if thing.formats:
        content["formats"] = dict(thing.formats)
    return write_file(sealed_file(content, signing_key(settings.SECRET_KEY)))


def read_shelf_file(text: str) -> Carried:
    """What is in a file. FileError says what is wrong: an altered one is not read any further."""
    read: list[Carried] = []

    def whole(value: dict[str, Any]) -> dict[str, Any]:
        if not is_whole(value):
            raise _wrong("altered" if "signature" in value else "unsigned", "signature")
        read.append(_carried(value))
        return value

    read_definition(text, whole)
    return read[0]


def _wrong(kind: str, *path: str | int, **facts: Any) -> FormatError:
    return FormatError([FormatProblem(path, kind, facts)])


def _carried(value: Mapping[str, Any]) -> Carried:
    if value.get("shelf") != SHELF_SCHEMA or isinstance(value["shelf"], bool):
        raise _wrong("shelf_schema", "shelf", schema=SHELF_SCHEMA)
    if unknown := [name for name in value if name not in PARTS]:
        raise _wrong("unknown", unknown[0], name=unknown[0][:40], allowed=", ".join(PARTS))
    kind = value.get("kind")
    if kind not in ShelfKind.values:
        raise _wrong("choice", "kind", known=", ".join(ShelfKind.values))
    thing = value.get("thing")
    if not isinstance(thing, Mapping):
        raise _wrong("not_a_mapping", "thing")
    helped = _said(value.get("helped", ""), "helped", most=LONGEST_HELPED)
    formats = value.get("formats", {})
    found = _clause(thing) if kind == ShelfKind.CLAUSE else _definition(ShelfKind(kind), thing, formats)
    site = str(value["site"])
    return Carried(found, helped, sign_of(site), site == site_of(signing_key(settings.SECRET_KEY)))


def _said(given: Any, *path: str, most: int) -> str:
    """A text as a form would have left it."""
    if not isinstance(given, str):
        raise _wrong("text", *path)
    said = clean_text(given, lines=True)
    if len(said) > most:
        raise _wrong("long_text", *path, most=most)
    return said


def _clause(thing: Mapping[str, Any]) -> Lendable:
    if thing.get("theme") not in Theme.values:
        raise _wrong("choice", "thing", "theme", known=", ".join(Theme.values))
    said = _said(thing.get("text"), "thing", "text", most=LONGEST_CLAUSE)
    if not said:
        raise _wrong("missing", "thing", "text")
    return Lendable(ShelfKind.CLAUSE, theme=str(thing["theme"]), text=said)


def _definition(kind: ShelfKind, thing: Mapping[str, Any], formats: Any) -> Lendable:
    if kind == ShelfKind.FORMAT:
        _read(lambda: read_format(thing), "thing")
        return Lendable(kind, thing)
    if not isinstance(formats, Mapping):
        raise _wrong("not_a_mapping", "formats")
    if len(formats) > FORMATS_BROUGHT:
        raise _wrong("formats_brought", "formats", most=FORMATS_BROUGHT)
    brought: dict[str, FormatRule] = {}
    for key, one in formats.items():
        if not isinstance(one, Mapping):
            raise _wrong("not_a_mapping", "formats", key)
        brought[str(key)] = _read(lambda one=one: read_format(one), "formats", str(key))
    _read(lambda: read_journey(thing, formats={**rules(), **brought}, cards=cards()), "thing")
    named = {key for step in thing["sessions"] for key in step["formats"]}
    return Lendable(kind, thing, {key: formats[key] for key in brought if key in named and key not in rules()})


def _read(read: Any, *at: str) -> Any:
    """What a reader makes of a part of a file; the places of its problems are told from the whole file."""
    try:
        return read()
    except FormatError as error:
        problems = [FormatProblem((*at, *one.path), one.kind, one.facts) for one in error.problems]
        raise FormatError(problems) from error
