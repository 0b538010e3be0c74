"""What typed text becomes before it is stored: one function for every field of every form. Pure."""

import unicodedata

# Controls that would reorder or hide text on somebody else's screen.
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def clean_text(raw: str, *, lines: bool = False) -> str:
    """Normalise `raw` to what may be stored; an empty result means nothing visible was typed.

    NFC; C0/C1 controls, bidi controls, lone surrogates and marks beyond thirty on one letter are dropped (with
    `lines`, newlines stay and CRLF becomes LF; without, any white space becomes one space). Text made only of format
    characters and spaces, such as a name of zero-width spaces, becomes the empty string.
    """
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    # Most text is printable, and then nothing in it is to be dropped: long lists are read without looking at each.
    text = text if text.isprintable() else "".join(character for character in text if _keep(character))
    # Once more afterwards: some marks are two when they are put into order.
    kept = _bounded(unicodedata.normalize("NFC", _bounded(text)))
    kept = "\n".join(map(str.rstrip, kept.split("\n"))).strip() if lines else " ".join(kept.split())
    return kept if any(_visible(character) for character in kept) else ""


# No script stacks more marks on one letter (the bound of Unicode's stream-safe text). Putting them into their order
# takes time with the square of their number.
MOST_MARKS = 30


def _bounded(text: str) -> str:
    """The text with no more than so many marks on one letter; what is beyond them is dropped."""
    if text.isascii():
        return text
    # Each character is looked up once, however often it comes: a long text has few different ones.
    stacking = {character for character in set(text) if unicodedata.category(character)[0] == "M"}
    if not stacking:
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if character in stacking else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _keep(character: str) -> bool:
    if character in "\n\t":
        return True
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _BIDI


def is_clean(text: str) -> bool:
    """Whether `clean_text` drops nothing that stands in it: of a file it is said what is wrong, and nothing changed."""
    return (text.isprintable() or all(map(_keep, text))) and _bounded(text) == text


# Letters and symbols by their category, of which nobody sees anything: fillers of Korean, an empty Braille cell.
_BLANK = set("\u115f\u1160\u3164\uffa0\u2800")


def _visible(character: str) -> bool:
    return character not in _BLANK and unicodedata.category(character) not in ("Cf", "Zs", "Zl", "Zp", "Cc", "Cn")


def whole_number(typed: str, *, most: int) -> int | None:
    """The whole number from 0 to `most` that was typed in plain digits, else None.

    `str.isdigit` takes `²` and `①` too, of which `int` makes nothing.
    """
    text = typed.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if number <= most else None


# What stands before a name and is none; those with a full stop and more than one letter are none in any language.
_TITLES = {"dr", "prof", "professor", "mr", "mrs", "ms", "miss", "sir", "dame", "herr", "frau", "mme", "m", "rev"}


def given_name(name: str) -> str:
    """The word by which people address each other: `Ada` of `Dr. Ada Lovelace` and of `Lovelace, Ada`.

    The first word where nothing else is to be had.
    """
    last, comma, rest = name.partition(",")
    whole = rest if comma and rest.strip() and last.strip() else name
    words = [word.strip(",") for word in whole.split() if word.strip(",")]
    for word in words:
        titled = word.casefold().rstrip(".") in _TITLES and len(word) > 1
        if not titled and not (word.endswith(".") and len(word) > 2):
            return word
    return words[0] if words else name


def initials(name: str) -> str:
    """Up to two letters for a seat in the ring: first and last word of the name; `?` when there is none."""
    parts = [part for part in name.split() if part[0].isalnum()]
    letters = [part[0] for part in ([parts[0], parts[-1]] if len(parts) > 1 else parts)]
    return "".join(letters).upper() or "?"
