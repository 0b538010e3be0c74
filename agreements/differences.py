"""What changed between two texts of an agreement, readable: clause by clause, word by word. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from uuid import UUID

# A word with the spaces around it.
LONE = 3
TOKEN = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True)
class Words:
    """A stretch of words: `same`, `del` or `ins`."""

    kind: str
    text: str


@dataclass(frozen=True)
class Row:
    """One clause in the comparison: `same`, `new`, `gone` or `reworded`, with its words."""

    kind: str
    theme: str
    words: tuple[Words, ...]


@dataclass(frozen=True)
class Line:
    """A clause as far as a comparison needs it; `line` is what stays the same when it is reworded."""

    line: UUID
    theme: str
    text: str


def words_between(old: str, new: str) -> tuple[Words, ...]:
    """The words of both texts in reading order: what stays, what goes, what comes.

    A single word that stays between two changes is told with them: whole phrases read better than a patchwork.
    """
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    found: list[Words] = []
    gone, come = "", ""
    for at, (kind, a, b, c, d) in enumerate(steps):
        inside = 0 < at < len(steps) - 1
        if kind == "equal" and not (inside and b - a <= LONE):
            found += _change(gone, come)
            gone, come = "", ""
            found.append(Words("same", "".join(before[a:b])))
        else:
            gone, come = gone + "".join(before[a:b]), come + "".join(after[c:d])
    return tuple(found + _change(gone, come))


def _change(gone: str, come: str) -> list[Words]:
    return [Words(kind, text) for kind, text in (("del", gone), ("ins", come)) if text]


def compare(old: Sequence[Line], new: Sequence[Line]) -> list[Row]:
    """Every clause of the new text in its order; a clause that is gone stands where it stood."""
    before = {one.line: one for one in old}
    kept = {one.line for one in new}
    rows: list[Row] = []
    gone = [one for one in old if one.line not in kept]
    for one in new:
        while gone and _stood_before(old, gone[0], one):
            rows.append(_gone(gone.pop(0)))
        was = before.get(one.line)
        if was is None:
            rows.append(Row("new", one.theme, (Words("ins", one.text),)))
        elif was.text == one.text:
            rows.append(Row("same", one.theme, (Words("same", one.text),)))
        else:
            rows.append(Row("reworded", one.theme, words_between(was.text, one.text)))
    return rows + [_gone(one) for one in gone]


def _gone(one: Line) -> Row:
    return Row("gone", one.theme, (Words("del", one.text),))


def _stood_before(old: Sequence[Line], gone: Line, one: Line) -> bool:
    lines = [other.line for other in old]
    return one.line in lines and lines.index(gone.line) < lines.index(one.line)
