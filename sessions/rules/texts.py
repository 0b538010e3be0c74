"""Two windows that write in one text: how a form says which text it was shown, and how two become one."""

from hashlib import sha256
from itertools import takewhile

# An issue in one sentence, and the lines below it.
LONGEST_TITLE, LONGEST_TEXT = 160, 2000
# A page that a format asks for beforehand; one answer on a sheet.
LONGEST_PAGE, LONGEST_ANSWER = 6000, 1000


def mark_of(text: str) -> str:
    """What a form carries to say which text it was shown."""
    return sha256(text.encode()).hexdigest()[:16]


def issue_mark(title: str, text: str) -> str:
    """The same of an issue; of none where both are empty."""
    return mark_of(f"{title}\n{text}")


def both(stands: str, text: str) -> str:
    """Two texts that grew from one: what they begin with in common once, then the rest of each, by lines."""
    if text.startswith(stands) or stands.startswith(text):
        return max(stands, text, key=len)
    old, new = stands.split("\n"), text.split("\n")
    common = sum(1 for _line in takewhile(lambda two: two[0] == two[1], zip(old, new, strict=False)))
    return "\n".join([*old, *new[common:]])


def kept(stands: str, text: str, seen: str) -> str:
    """What is kept of a text that a form brings, which was shown the one that `seen` marks; "" is any.

    Nobody is asked which of their words to lose: where another stands there by now both are kept, and what the form
    has not touched stays as it stands.
    """
    if seen in ("", mark_of(stands)):
        return text
    return stands if mark_of(text) == seen else both(stands, text)
