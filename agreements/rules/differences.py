"""What changed between two texts of an agreement, readable: clause by clause, word by word. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

# Letters. A short word such as “the” between two changes is chance and no agreement.
LONE = 3
TOKEN = re.compile(r"\s+|[^\s]+")
# So many words may come or go in a clause until it is told as replaced, and so many words are compared in one text:
# what somebody can write into clauses must not be able to keep a page busy.
EDITS_TOLD, WORDS_COMPARED = 48, 12_000


@dataclass(frozen=True)
class Passage:
    """A stretch of words: `same`, `del` or `ins`."""

    kind: str
    text: str


@dataclass(frozen=True)
class ClauseDifference:
    """One clause in the comparison: `same`, `new`, `gone` or `reworded`, with its words."""

    kind: str
    theme: str
    words: tuple[Passage, ...]


@dataclass(frozen=True)
class ClauseText:
    """A clause as far as a comparison needs it; `line` is what stays the same when it is reworded."""

    line: UUID
    theme: str
    text: str


def words_between(old: str, new: str) -> tuple[Passage, ...]:
    """The words of both texts in reading order: what stays, what goes, what comes.

    A single word that stays between two changes is told with them: whole phrases read better than a patchwork. Where
    more than `EDITS_TOLD` words differ, what lies between the first and the last of them is told as replaced.
    """
    return _told(TOKEN.findall(old), TOKEN.findall(new), EDITS_TOLD)


def _told(before: Sequence[str], after: Sequence[str], edits: int) -> tuple[Passage, ...]:
    steps = _steps(before, after, edits)
    found: list[Passage] = []
    gone, come = "", ""
    for at, (same, one, other) in enumerate(steps):
        inside = 0 < at < len(steps) - 1
        if same and not (inside and len(one) <= LONE):
            found += _change(gone, come)
            gone, come = "", ""
            found.append(Passage("same", "".join(one)))
        else:
            gone, come = gone + "".join(one), come + "".join(other)
    return tuple(found + _change(gone, come))


# Whether a run of words is the same in both texts, the run in the old one and in the new one.
Step = tuple[bool, list[str], list[str]]


def _steps(before: Sequence[str], after: Sequence[str], edits: int) -> list[Step]:
    """Both texts as runs that are the same and runs that differ, in turn."""
    # Most edits are in one place: what is the same before and behind it costs nothing to compare.
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    runs: list[Step] = [(True, list(before[:head]), list(before[:head]))]
    x = y = 0
    for a, b in [*_kept(old, new, edits), (len(old), len(new))]:
        if (a, b) != (x, y):
            runs.append((False, list(old[x:a]), list(new[y:b])))
        if a < len(old) and b < len(new):
            runs.append((True, [old[a]], [new[b]]))
        x, y = a + 1, b + 1
    runs.append((True, list(before[len(before) - tail :]), list(before[len(before) - tail :])))
    return _joined(runs)


def _joined(runs: Sequence[Step]) -> list[Step]:
    """Without those that hold nothing; neighbours of one kind are one."""
    joined: list[Step] = []
    for same, one, other in runs:
        if not one and not other:
            continue
        if joined and joined[-1][0] == same:
            joined[-1] = (same, joined[-1][1] + one, joined[-1][2] + other)
        else:
            joined.append((same, one, other))
    return joined


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


def _kept(old: Sequence[str], new: Sequence[str], edits: int) -> list[tuple[int, int]]:
    """The places of the words that stay, in the shortest way from one text to the other; none when it is longer.

    Myers, An O(ND) Difference Algorithm (1986): on each diagonal how far so many edits can get. The bound on edits is
    a bound on work: at most `edits` squared steps beside the words themselves.
    """
    furthest, trail = {1: 0}, []
    for done in range(min(edits, len(old) + len(new)) + 1):
        trail.append(dict(furthest))
        for k in range(-done, done + 1, 2):
            down = k == -done or (k != done and furthest.get(k - 1, -1) < furthest.get(k + 1, -1))
            x = furthest[k + 1] if down else furthest[k - 1] + 1
            while x < len(old) and 0 <= x - k < len(new) and old[x] == new[x - k]:
                x += 1
            furthest[k] = x
            if x >= len(old) and x - k >= len(new):
                return _walked_back(trail, len(old), len(new))
    return []


def _walked_back(trail: Sequence[Mapping[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    kept = []
    for done in range(len(trail) - 1, -1, -1):
        furthest, k = trail[done], x - y
        down = k == -done or (k != done and furthest.get(k - 1, -1) < furthest.get(k + 1, -1))
        came = k + 1 if down else k - 1
        was_x = furthest.get(came, 0) if done else 0
        was_y = was_x - came if done else 0
        while x > was_x and y > was_y:
            x, y = x - 1, y - 1
            kept.append((x, y))
        x, y = was_x, was_y
    return kept[::-1]


def _change(gone: str, come: str) -> list[Passage]:
    return [Passage(kind, text) for kind, text in (("del", gone), ("ins", come)) if text]


def compare(old: Sequence[ClauseText], new: Sequence[ClauseText]) -> list[ClauseDifference]:
    """Every clause of the new text in its order; a clause that is gone stands where it stood."""
    before = {one.line: one for one in old}
    kept = {one.line for one in new}
    rows: list[ClauseDifference] = []
    places = {one.line: at for at, one in enumerate(old)}
    left = WORDS_COMPARED
    gone = [one for one in old if one.line not in kept]
    for one in new:
        while gone and places[gone[0].line] < places.get(one.line, -1):
            rows.append(_gone(gone.pop(0)))
        was = before.get(one.line)
        if was is None:
            rows.append(ClauseDifference("new", one.theme, (Passage("ins", one.text),)))
        elif was.text == one.text:
            rows.append(ClauseDifference("same", one.theme, (Passage("same", one.text),)))
        else:
            words, new_words = TOKEN.findall(was.text), TOKEN.findall(one.text)
            left -= len(words) + len(new_words)
            rows.append(ClauseDifference("reworded", one.theme, _told(words, new_words, EDITS_TOLD if left > 0 else 0)))
    return rows + [_gone(one) for one in gone]


def _gone(one: ClauseText) -> ClauseDifference:
    return ClauseDifference("gone", one.theme, (Passage("del", one.text),))
