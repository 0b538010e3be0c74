"""Reading a file of people (CSV): every mistake by its line, and nothing used unless all of it is right. Pure.

UTF-8 with or without a mark, UTF-16 with a mark, else Latin-1: what spreadsheets write. Commas, semicolons or tabs.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from accounts.clean import clean_text
from circles.addresses import read_addresses

MOST_BYTES = 900_000
MOST_ROWS = 2_000
LONGEST = 120
SHOWN_ERRORS = 50
# What a column may be called, in lower case.
NAMES: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "e-mail", "email address", "mail", "address"),
    "name": ("name", "full name"),
    "function": ("function", "department", "team", "role"),
    "location": ("location", "site", "office", "place"),
    "level": ("level", "grade"),
    "manager": ("manager", "line manager", "manager email", "reports to"),
    "languages": ("languages", "language"),
}


@dataclass(frozen=True)
class Row:
    """One person of a file; `line` is where they stand in it."""

    line: int
    email: str
    facts: Mapping[str, str]


@dataclass(frozen=True)
class Mistake:
    """What is wrong, in which line; `kind` is put into words by the page. Line 0 is the file as a whole."""

    line: int
    kind: str
    what: str = ""


@dataclass(frozen=True)
class People:
    """What a file says: people, or what is wrong with it."""

    rows: tuple[Row, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    unknown: tuple[str, ...] = ()


def decoded(raw: bytes) -> str | None:
    """The text of a file, or None when it is no text at all."""
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if raw.startswith(mark):
            try:
                return raw.decode(name)
            except UnicodeDecodeError:
                return None
    if b"\x00" in raw:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def read_people(raw: bytes) -> People:
    """People of a file, in its order; or its mistakes, at most fifty of them."""
    if len(raw) > MOST_BYTES:
        return _wrong("too_large")
    text = decoded(raw)
    if text is None:
        return _wrong("no_text")
    if not text.strip():
        return _wrong("empty")
    lines = text.splitlines()
    longest = next((at for at, line in enumerate(lines, start=1) if len(line) > 20 * LONGEST), 0)
    if longest:
        return People(mistakes=(Mistake(longest, "cell_too_long"),))
    head = lines[0]
    separator = max(",;\t", key=head.count)
    try:
        table = list(csv.reader(StringIO(text), delimiter=separator))
    except csv.Error:
        return _wrong("no_table")
    return _read(table)


def _wrong(kind: str) -> People:
    return People(mistakes=(Mistake(0, kind),))


def _columns(head: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...], list[Mistake]]:
    """Which column holds what, those nobody knows, and what is wrong with the head."""
    found: dict[str, int] = {}
    unknown, mistakes = [], []
    for at, title in enumerate(head):
        plain = clean_text(title).casefold()
        key = next((key for key, names in NAMES.items() if plain in names), None)
        if key is None:
            unknown += [clean_text(title)[:40]] if plain else []
        elif key in found:
            mistakes.append(Mistake(1, "column_twice", key))
        else:
            found[key] = at
    if "email" not in found:
        mistakes.append(Mistake(1, "no_email_column"))
    return found, tuple(unknown), mistakes


def _read(table: Sequence[Sequence[str]]) -> People:
    columns, unknown, mistakes = _columns(table[0])
    if mistakes:
        return People(mistakes=tuple(mistakes), unknown=unknown)
    body = [(line, row) for line, row in enumerate(table[1:], start=2) if any(cell.strip() for cell in row)]
    if len(body) > MOST_ROWS:
        return _wrong("too_many")
    if not body:
        return _wrong("nobody")
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for line, cells in body:
        made, wrong = _row(line, cells, columns, len(table[0]))
        if made and made.email in seen:
            wrong = [Mistake(line, "twice", str(seen[made.email]))]
        mistakes += wrong
        if made and not wrong:
            seen[made.email] = line
            rows.append(made)
    return People(() if mistakes else tuple(rows), tuple(mistakes[:SHOWN_ERRORS]), unknown)


def _row(line: int, cells: Sequence[str], columns: Mapping[str, int], width: int) -> tuple[Row | None, list[Mistake]]:
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        return None, [Mistake(line, "too_many_cells")]
    values = {key: clean_text(cells[at]) if at < len(cells) else "" for key, at in columns.items()}
    if values["email"].casefold() in NAMES["email"]:
        return None, [Mistake(line, "second_head")]
    mistakes = [Mistake(line, "too_long", key) for key, value in values.items() if len(value) > LONGEST]
    if not values["email"]:
        mistakes.append(Mistake(line, "no_email"))
    for key in ("email", "manager"):
        value = values.get(key, "")
        if value and len(value) <= LONGEST:
            good = read_addresses(value)
            if good.bad or len(good.good) != 1:
                mistakes.append(Mistake(line, "no_address", key))
            else:
                values[key] = good.good[0]
    if mistakes:
        return None, mistakes
    return Row(line, values["email"], {key: value for key, value in values.items() if key != "email" and value}), []
