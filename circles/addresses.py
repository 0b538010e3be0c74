"""Reading a pasted list of addresses in any usual form. Pure."""

import re
from dataclasses import dataclass

# Deliberately plain: one @, no spaces, a dot in the domain. Whether it exists, only the mail can tell.
_ADDRESS = re.compile(r"^[^\s@<>,;\"()\\]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}$")
_PIECES = re.compile(r"[,;\n\r\t]+")


@dataclass(frozen=True)
class Addresses:
    """What a paste contained: usable addresses in order, the pieces that are none, and repeats."""

    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()


def read_addresses(pasted: str) -> Addresses:
    """Addresses separated by commas, semicolons, lines or spaces, bare or as `Name <address>`.

    Lower-cased; each is returned once and its repeats are listed; pieces that are no address are listed as typed
    (cut to 80 characters).
    """
    good: dict[str, None] = {}
    bad: list[str] = []
    repeated: list[str] = []
    for candidate in _candidates(pasted):
        address = candidate.strip("'\"., ").removeprefix("mailto:").lower()
        if not _ADDRESS.match(address) or len(address) > 254:
            bad.append(candidate[:80])
        elif address in good:
            repeated.append(address)
        else:
            good[address] = None
    return Addresses(tuple(good), tuple(bad), tuple(repeated))


def _candidates(pasted: str) -> list[str]:
    pieces = [piece.strip() for piece in _PIECES.split(pasted) if piece.strip()]
    found: list[str] = []
    for piece, after in zip(pieces, [*pieces[1:], ""], strict=False):
        if angled := _angled(piece):
            found.extend(angled)
        elif piece.count("@") > 1:
            found.extend(piece.split())
        elif "@" not in piece and "<" in after:
            continue  # the `Last` of `Last, First <address>`
        else:
            # `Bob Baker bob@example.org`: the one word with an @ is the address.
            words = [word for word in piece.split() if "@" in word]
            found.append(words[0] if len(words) == 1 else piece)
    return found


def _angled(piece: str) -> list[str]:
    """What stands in angle brackets, read from left to right once: a pattern for it took cubic time."""
    found = []
    for part in piece.split("<")[1:]:
        inside, bracket, _rest = part.partition(">")
        if bracket:
            found.append(inside.strip())
    return found
