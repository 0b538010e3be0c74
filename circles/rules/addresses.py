"""Reading a pasted list of addresses in any usual form, with the names that stand beside them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts.rules.clean import clean_text
from accounts.rules.mailbox import as_address

LONGEST_NAME = 80
SHOWN = 80
DIVIDES = ",;\t"
AROUND = "'\"., <>()[]"


@dataclass(frozen=True)
class Addresses:
    """What a paste contained: usable addresses in order, the pieces that are none, repeats, and names by address."""

    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


# What may be an address, and the name beside it.
_Found = tuple[str, str]


@dataclass
class _Piece:
    """What stands between two dividers: the one before it, the text, and whether its name is in quotation marks."""

    before: str
    text: str
    quoted: bool = False


def read_addresses(pasted: str) -> Addresses:
    """Addresses separated by commas, semicolons, tabs, lines or spaces, bare or as `Name <address>`.

    As `as_address` writes them; each is returned once and its repeats are listed; pieces that are no address are
    listed as typed (cut to 80 characters). A name is kept where it is clear whose it is.
    """
    good: dict[str, None] = {}
    names: dict[str, str] = {}
    bad: list[str] = []
    repeated: list[str] = []
    for candidate, name in _candidates(pasted):
        address = _address(candidate)
        if address is None:
            bad.append(candidate[:SHOWN])
        elif address in good:
            repeated.append(address)
        else:
            good[address] = None
        known = clean_text(name.strip(AROUND))[:LONGEST_NAME] if address and name else ""
        if address and _is_name(known):
            names.setdefault(address, known)
    return Addresses(tuple(good), tuple(bad), tuple(repeated), names)


def _is_name(words: str) -> bool:
    """What marks the lines of a list, or says what stands there (`1.`, `•`, `Team:`), is nobody's name."""
    return any(one.isalpha() for one in words) and "@" not in words and not words.endswith(":")


def _address(candidate: str) -> str | None:
    """The address of a piece; in front of it may stand what it is, as in `Team:anna@example.org`."""
    text = candidate.strip(AROUND)
    return as_address(text) or (as_address(text.rpartition(":")[2]) if ":" in text else None)


def _candidates(pasted: str) -> list[_Found]:
    """What may be an address, and the name beside it."""
    found: list[_Found] = []
    for line in pasted.replace("\r", "\n").split("\n"):
        pieces = _pieces(line)
        is_row = "\t" in line and [one.before in "\t" for one in pieces].count(False) == 0
        found += _row(pieces) if is_row and line.count("@") == 1 else _list(pieces)
    return found


def _pieces(line: str) -> list[_Piece]:
    """A line at its dividers. Those in quotation marks divide nothing, where every mark has its other one."""
    found: list[_Piece] = []
    paired, inside, quoted, before, begun = line.count('"') % 2 == 0, False, False, "", 0
    for at, one in enumerate(line + ","):
        if one == '"' and paired:
            inside, quoted = not inside, True
        elif one in DIVIDES and not inside:
            if text := line[begun:at].strip():
                found.append(_Piece(before, text, quoted))
            quoted, before, begun = False, one, at + 1
    return found


def _row(pieces: list[_Piece]) -> list[_Found]:
    """A line of a table: one address, and the name in the cells before it or in the one after it."""
    at = ["@" in one.text for one in pieces].index(True)
    beside = " ".join([one.text for one in pieces[:at] or pieces[at + 1 : at + 2]])
    return [(candidate, name or beside) for candidate, name in _read(pieces[at].text)]


def _list(pieces: list[_Piece]) -> list[_Found]:
    """Pieces one after the other. `Last, First <address>` is one person; anything else without an @ is no address."""
    found: list[_Found] = []
    waiting = ""
    for piece in pieces:
        first, angle, _rest = piece.text.partition("<")
        joins = waiting and angle and first.strip() and piece.before == "," and not piece.quoted
        if waiting and not joins:
            found.append((waiting, ""))
        last, waiting = (waiting if joins else ""), ""
        if "@" not in piece.text and not angle:
            waiting = piece.text
            continue
        read = _read(piece.text)
        if last and read:
            read[0] = (read[0][0], f"{read[0][1]} {last}")
        found += read
    return [*found, (waiting, "")] if waiting else found


def _read(text: str) -> list[_Found]:
    """The addresses of one piece: in angle brackets, or the words with an @."""
    if "<" in text and ">" in text.partition("<")[2]:
        return _angled(text)
    words = text.split()
    found = [word for word in words if "@" in word]
    if len(found) > 1:
        return [(word, "") for word in words]
    if not found:
        return [(text, "")]
    # `Bob Baker bob@example.org`: the one word with an @ is the address.
    return [(found[0], " ".join([word for word in words if "@" not in word]))]


def _angled(text: str) -> list[_Found]:
    """What stands in angle brackets, each with what stands before it; read from left to right once."""
    found: list[_Found] = []
    name, *parts = text.split("<")
    for part in parts:
        inside, bracket, rest = part.partition(">")
        if bracket:
            found.append((inside.strip(), name))
        name = rest if bracket else ""
    return found
