"""Reading a file of people (CSV): every mistake by its line, and nothing used unless all of it is right. Pure.

Files come out of spreadsheets, address books and staff systems: with any usual divider, a `sep=` line, a title above
the names of the columns, old line ends, and letters in the code pages of `LETTERS`. A file that says in which one it is
(UTF-8, UTF-16) is read in that; otherwise the likeliest is taken and named, so that a person can look and choose.
"""

import csv
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from itertools import islice

from accounts.rules.clean import clean_text
from accounts.rules.mailbox import LONGEST as LONGEST_ADDRESS
from circles.rules.addresses import read_addresses

MOST_BYTES = 900_000
MOST_ROWS = 2_000
MOST_COLUMNS = 120
LONGEST = 120
LONGEST_LINE = 20_000
SHOWN_ERRORS = 50
HEAD_WITHIN = 10
DIVIDERS = ",;\t|"
# Code pages that a file does not name, likeliest first.
LETTERS = ("cp1252", "mac_roman", "cp1250")
# How a file says which letters it is in. The longer first: the one of UTF-32 begins with that of UTF-16.
MARKS = {
    b"\xff\xfe\x00\x00": "utf-32", b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig",
}  # fmt: skip
# What old systems put after the last line.
END_OF_FILE = "\x1a"
# What a column may be called, in lower case and without signs; the earlier name wins where a file has several.
NAMES: Mapping[str, tuple[str, ...]] = {
    "email": (
        "email", "e mail", "email address", "e mail address", "mail", "work email", "business email", "primary email",
        "company email", "email 1", "e mail 1 value", "user principal name", "address",
    ),
    "name": ("name", "full name", "display name", "employee name", "employee"),
    "first": ("first name", "given name", "forename", "first"),
    "last": ("last name", "family name", "surname", "last"),
    "function": (
        "function", "department", "business unit", "team", "role", "job title", "organization department",
        "organization 1 department", "organization title", "organization 1 title", "position",
    ),
    "location": ("location", "site", "office", "office location", "place", "work location", "city", "business city"),
    "level": ("level", "grade", "job level", "job grade", "band"),
    "manager": (
        "manager email", "manager e mail", "line manager email", "line manager e mail", "manager s email",
        "manager email address", "line manager email address", "line manager s email", "supervisor email", "manager",
        "line manager", "reports to", "supervisor",
    ),
    "languages": ("languages", "language", "languages spoken", "spoken languages"),
}  # fmt: skip


@dataclass(frozen=True)
class PersonRow:
    """One person of a file; `line` is where they begin in it."""

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
class Table:
    """The cells of a file: the names of its columns, and its lines with the number each begins at."""

    titles: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]
    head: int = 1


@dataclass(frozen=True)
class People:
    """What a file says: people, or what is wrong with it; its table, and which of its columns holds what."""

    rows: tuple[PersonRow, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    unknown: tuple[str, ...] = ()
    table: Table | None = None
    columns: Mapping[str, int] = field(default_factory=dict)
    letters: str = ""


class _Wrong(Exception):
    """Nothing of the file can be used."""

    def __init__(self, kind: str, line: int = 0, what: str = "") -> None:
        super().__init__(kind)
        self.mistake = Mistake(line, kind, what)


def read_people(raw: bytes, *, letters: str = "") -> People:
    """People of a file, in its order, or its mistakes. `letters` is the code page that somebody chose by hand."""
    try:
        text, read_as = decoded(raw, letters)
        found = people_in(_table(text))
    except _Wrong as wrong:
        return People(mistakes=(wrong.mistake,))
    return People(found.rows, found.mistakes, found.unknown, found.table, found.columns, read_as)


# Letters.


def decoded(raw: bytes, letters: str = "") -> tuple[str, str]:
    """The text of a file, and the code page it was read in where that is a guess or a choice."""
    if len(raw) > MOST_BYTES:
        raise _Wrong("too_large")
    for mark, name in MARKS.items():
        if raw.startswith(mark):
            return _as(raw, name), ""
    if b"\x00" in raw:
        return _as(raw, _wide(raw)), ""
    if letters in LETTERS:
        return _as(raw, letters), letters
    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError:
        return _likeliest(raw)


def _as(raw: bytes, name: str) -> str:
    try:
        return raw.decode(name)
    except UnicodeDecodeError as error:
        if name in LETTERS:
            line = raw[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
            raise _Wrong("letter", line) from error
        raise _Wrong("no_text") from error


def _wide(raw: bytes) -> str:
    """Which of the two kinds of UTF-16 a file without a mark is in: every other byte of plain letters is nought."""
    begin = raw[:1_000]
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if begin[start::2].count(0) * 10 > len(begin[start::2]) * 8:
            return name
    raise _Wrong("no_text")


def _likeliest(raw: bytes) -> tuple[str, str]:
    """The code page in which the fewest characters stand where nobody writes them; in doubt the commonest."""
    # Every byte beyond ASCII with the one before it is looked at once, however long the file is.
    found = {raw[at - 1 : at + 1] for at in range(1, len(raw)) if raw[at] > 127}
    best: tuple[int, str] | None = None
    for name in LETTERS:
        try:
            raw.decode(name)
            odd = sum(_odd(pair.decode(name)) for pair in found)
        except UnicodeDecodeError:
            continue
        # Only old Macs end their lines with a carriage return alone.
        odd -= name == "mac_roman" and b"\n" not in raw and b"\r" in raw
        if best is None or odd < best[0]:
            best = odd, name
    assert best is not None  # every byte is a character of mac_roman
    return raw.decode(best[1]), best[1]


def _odd(pair: str) -> bool:
    """Whether the second character is not one of a name, or a capital behind a small letter."""
    before, one = pair[0], pair[-1]
    if unicodedata.category(one)[0] == "L":
        return one.isupper() and before.islower()
    return one not in "’‘“”–—…´`·°«»€£§\u00a0"


# The table.


def _table(text: str) -> Table:
    """The cells of a file, its head found by the names of its columns."""
    text = text.rstrip(END_OF_FILE)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not text.strip():
        raise _Wrong("empty")
    # Before it is read as a table: a file of empty lines would be counted line by line.
    if len(lines) > 20 * MOST_ROWS:
        raise _Wrong("too_many")
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            raise _Wrong("cell_too_long", number)
        if "\ufffd" in line:
            raise _Wrong("letter", number)
    said = lines[0].strip().strip('"').lower()
    first = 1 if said.startswith("sep=") else 0
    divider = said[4:5] if first and said[4:5] in DIVIDERS else "\t" if said == "sep=" else ""
    divider = divider or _divider(lines[first : first + HEAD_WITHIN])
    records = list(islice(_records(lines, first, divider), MOST_ROWS + HEAD_WITHIN + 1))
    if not records:
        raise _Wrong("empty")
    at = _head(records)
    head, titles = records[at]
    width = len(titles)
    if width > MOST_COLUMNS:
        raise _Wrong("many_columns", head)
    body = tuple(records[at + 1 :])
    if len(body) > MOST_ROWS:
        raise _Wrong("too_many")
    _swallowed(body, divider, width)
    return Table(tuple(clean_text(title)[:40] for title in titles), body, head)


def _divider(lines: Sequence[str]) -> str:
    """The one that makes columns with names that are known, else the one that stands there most."""
    whole = "\n".join(line[:5_000] for line in lines)
    # A comma may stand in every name: what makes columns that are known goes before what is frequent.
    often = sorted(DIVIDERS, key=whole.count, reverse=True)
    for divider in often:
        if any(_is_head(cells) for cells in csv.reader(StringIO(whole), delimiter=divider)):
            return divider
    return often[0]


def _records(lines: Sequence[str], first: int, divider: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Lines of cells that are not all empty, each with the line it begins at."""
    reader = csv.reader((f"{line}\n" for line in lines[first:]), delimiter=divider, strict=True)
    begins = first + 1
    try:
        for cells in reader:
            if "".join(cells).strip():
                yield begins, tuple(map(_as_written, cells))
            # A cell may go over several lines: a mistake is told by the line in which its person begins.
            begins = first + reader.line_num + 1
    except csv.Error as error:
        raise _Wrong("quotation_mark", begins) from error


def _as_written(cell: str) -> str:
    """Without the sign by which some programs tell spreadsheets that a cell is text and no number: ="text"."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and '"' not in cell[2:-1] else cell


def _swallowed(records: Sequence[tuple[int, tuple[str, ...]]], divider: str, width: int) -> None:
    """Refuse a cell that has taken up other people: a quotation mark that was closed only lines later."""
    for line, cells in records:
        for cell in cells:
            for inner in cell.split("\n")[1:]:
                if "@" in inner and 2 * inner.count(divider) >= max(1, width - 1):
                    raise _Wrong("quotation_mark", line)


def _plain(title: str) -> str:
    """The name of a column without its signs and capitals."""
    return " ".join("".join(one if one.isalnum() else " " for one in clean_text(title)[:80].casefold()).split())


def _is_head(cells: Sequence[str]) -> bool:
    return any(_plain(cell) in NAMES["email"] for cell in cells)


def _head(records: Sequence[tuple[int, tuple[str, ...]]]) -> int:
    """Which line names the columns: the first that knows an address, else the one above the first address."""
    near = [cells for _line, cells in records[:HEAD_WITHIN]]
    for at, cells in enumerate(near):
        if _is_head(cells):
            return at
    with_address = next((at for at, cells in enumerate(near) if any("@" in cell for cell in cells)), 0)
    return max(0, with_address - 1)


# The people.


def columns_of(titles: Sequence[str]) -> dict[str, int]:
    """Which column holds what, by their names. Of several that could, the one with the earlier name in `NAMES`."""
    plain = [_plain(title) for title in titles]
    return {key: plain.index(name) for key, names in NAMES.items() if (name := next(iter(_known(names, plain)), ""))}


def _known(names: Sequence[str], plain: Sequence[str]) -> list[str]:
    there = set(plain)
    return [name for name in names if name in there]


def people_in(table: Table, columns: Mapping[str, int] | None = None) -> People:
    """The people of a table. `columns` is what somebody said by hand of what is where."""
    found = dict(columns_of(table.titles) if columns is None else columns)
    used = set(found.values())
    unknown = tuple(title for at, title in enumerate(table.titles) if title and at not in used)
    if "email" not in found:
        return People((), (Mistake(table.head, "no_email_column"),), unknown, table, found)
    if not table.lines:
        return People((), (Mistake(0, "nobody"),), unknown, table, found)
    read = [_row(line, cells, found, table) for line, cells in table.lines]
    mistakes = [wrong for _values, wrongs in read for wrong in wrongs]
    rows = [(line, values) for (line, _cells), (values, _wrongs) in zip(table.lines, read, strict=True)]
    mistakes += _twice(rows)
    mistakes += _managers(rows, table.titles[found["manager"]] if "manager" in found else "")
    people = () if mistakes else tuple(PersonRow(line, values.pop("email"), values) for line, values in rows)
    return People(people, tuple(sorted(mistakes, key=lambda one: one.line)), unknown, table, found)


def _row(
    line: int, cells: Sequence[str], columns: Mapping[str, int], table: Table
) -> tuple[dict[str, str], list[Mistake]]:
    """What is said of one person, and what is wrong with it."""
    width = len(table.titles)
    if "".join(cells[width:]).strip():
        return {}, [Mistake(line, "too_many_cells")]
    # Two files put one behind the other, with the names of the columns in between.
    if len(cells) >= width and _plain(cells[columns["email"]]) == _plain(table.titles[columns["email"]]):
        return {}, [Mistake(line, "second_head")]
    values = {key: clean_text(cells[at][: 3 * LONGEST]) for key, at in columns.items() if at < len(cells)}
    mistakes = [
        Mistake(line, "too_long", table.titles[columns[key]])
        for key, value in values.items()
        if len(value) > (LONGEST_ADDRESS if key in ("email", "manager") else LONGEST)
    ]
    first, last = values.pop("first", ""), values.pop("last", "")
    values["name"] = values.get("name") or f"{first} {last}".strip()
    typed = values.get("email", "")
    good = read_addresses(typed)
    if not typed:
        mistakes.append(Mistake(line, "no_email"))
    elif good.bad or len(good.good) != 1:
        mistakes.append(Mistake(line, "no_address", typed[:60]))
    else:
        values["email"] = good.good[0]
        values["name"] = values["name"] or good.names.get(good.good[0], "")
    return {key: value for key, value in values.items() if value}, mistakes


def _twice(rows: Sequence[tuple[int, Mapping[str, str]]]) -> Iterator[Mistake]:
    seen: dict[str, int] = {}
    for line, values in rows:
        first = seen.setdefault(values.get("email", f"line {line}"), line)
        if first != line:
            yield Mistake(line, "twice", str(first))


def _managers(rows: Sequence[tuple[int, dict[str, str]]], title: str) -> Iterator[Mistake]:
    """Managers by their address, or by their name where exactly one person of the file has it."""
    by_name: dict[str, set[str]] = {}
    for _line, values in rows:
        by_name.setdefault(values.get("name", "").casefold(), set()).add(values.get("email", ""))
    for line, values in rows:
        if typed := values.get("manager", ""):
            good = read_addresses(typed).good
            named = by_name.get(typed.casefold(), set())
            if len(good) == 1:
                values["manager"] = good[0]
            elif len(named) == 1:
                values["manager"] = next(iter(named))
            else:
                yield Mistake(line, "manager", title)


def grouped(mistakes: Sequence[Mistake]) -> list[tuple[tuple[int, ...], Mistake]]:
    """Equal mistakes once, with all their lines; at most fifty different ones."""
    found: dict[tuple[str, str], list[Mistake]] = {}
    for one in mistakes:
        found.setdefault((one.kind, one.what), []).append(one)
    return [(tuple(one.line for one in some if one.line), some[0]) for some in list(found.values())[:SHOWN_ERRORS]]
