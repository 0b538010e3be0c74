"""A whole session to scale, as SVG: stages, whose turn it is, clock times, open turns, spare minutes. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from sessions.rules.drawing import ROOM_FOR_A_NUMBER, ROOM_ON_A_PHONE

# Shares of the width, in percent: how much a letter and a clock time take on a laptop, and on a phone.
LETTER, LETTER_ON_A_PHONE = 0.75, 2.3
CLOCK, CLOCK_ON_A_PHONE = 4.5, 13.0
GAP = 0.2
# A name of which fewer letters would be left is left out.
CUT_FROM = 5


@dataclass(frozen=True)
class PlanPart:
    """One stage: its tint, its seconds, whose turn it belongs to (or which part of the session), and from when."""

    tint: str
    seconds: int
    whose: str
    at: str
    you: bool = False
    unsaid: bool = False


@dataclass(frozen=True)
class PlanBar:
    """What is drawn of a plan: its stages, when it ends, and so many seconds that are to spare until a time."""

    parts: tuple[PlanPart, ...]
    ends: str
    spare: int
    until: str
    spare_said: str


@dataclass(frozen=True)
class _Span:
    """A turn, or what stands before and after the turns: where it begins and how wide it is, in percent."""

    whose: str
    at: str
    x: float
    width: float
    you: bool
    unsaid: bool


def plan_svg(bar: PlanBar) -> str:
    """The stages side by side; what is to spare stands dashed behind them.

    Hidden from screen readers: the same is said in a list beside it.
    """
    parts, spare = bar.parts, bar.spare
    whole = max(sum(part.seconds for part in parts) + spare, 1)
    drawn: list[str] = []
    start = 0
    for part in parts:
        drawn += _block(part, 100 * start / whole, 100 * part.seconds / whole)
        start += part.seconds
    left = 100 * start / whole
    if spare:
        drawn.append(f'<rect class="sb-spare" x="{left:.2f}%" y="24" width="{100 - left:.2f}%" height="38" rx="2"/>')
        minutes = str(spare // 60)
        drawn.append(_fitting(bar.spare_said, left + (100 - left) / 2, 100 - left, "min", y=48, short=minutes))
    spans = list(_spans(parts, whole))
    drawn += [one for span in spans for one in _named(span)]
    marks = [(span.at, span.x) for span in spans]
    drawn += _clocks([*marks, (bar.ends, left)] if spare else marks, bar.until if spare else bar.ends)
    return f'<svg class="plan__svg" aria-hidden="true">{"".join(drawn)}</svg>'


def _block(part: PlanPart, x: float, width: float) -> Iterator[str]:
    look = "sb-unsaid" if part.unsaid else f"sb-{part.tint}"
    yield f'<rect class="{look}" x="{x:.2f}%" y="24" width="{max(0.25, width - GAP):.2f}%" height="38" rx="2"/>'
    if width >= ROOM_FOR_A_NUMBER:
        narrow = "" if width >= ROOM_ON_A_PHONE else " wide-only"
        on = "" if part.unsaid else f" on-{part.tint}"
        minutes = -(-part.seconds // 60)
        yield f'<text class="min{on}{narrow}" x="{x + width / 2:.2f}%" y="48">{minutes}</text>'


def _spans(parts: Sequence[PlanPart], whole: int) -> Iterator[_Span]:
    start = 0
    for _whose, group in groupby(parts, key=lambda part: part.whose):
        same = list(group)
        seconds = sum(part.seconds for part in same)
        first = same[0]
        yield _Span(first.whose, first.at, 100 * start / whole, 100 * seconds / whole, first.you, first.unsaid)
        start += seconds


def _named(span: _Span) -> Iterator[str]:
    from_, to = span.x + 0.15, span.x + span.width - 0.15 - GAP
    if to > from_:
        yield f'<line class="brace" x1="{from_:.2f}%" x2="{to:.2f}%" y1="71" y2="71"/>'
    look = "who who--you" if span.you else "who who--unsaid" if span.unsaid else "who"
    yield _fitting(span.whose, span.x + span.width / 2, span.width, look, y=92)


def _fitting(said: str, middle: float, width: float, look: str, *, y: int, short: str = "") -> str:
    """Words over a part as far as they fit, on a laptop and on a phone each; else `short`, or cut off with dots."""
    wide, narrow = (_cut(said, int(width / letter), short) for letter in (LETTER, LETTER_ON_A_PHONE))
    if wide == narrow:
        return _text(wide, middle, look, y) if wide else ""
    both = [(wide, "wide-only"), (narrow, "narrow-only")]
    return "".join(_text(text, middle, f"{look} {when}", y) for text, when in both if text)


def _cut(said: str, letters: int, short: str) -> str:
    if len(said) <= letters:
        return said
    if short:
        return short if len(short) <= letters else ""
    return f"{said[: letters - 1].rstrip()}…" if letters >= CUT_FROM else ""


def _text(said: str, x: float, look: str, y: int) -> str:
    return f'<text class="{look}" x="{x:.2f}%" y="{y}">{escape(said)}</text>'


def _clocks(marks: Sequence[tuple[str, float]], last: str) -> Iterator[str]:
    """The time at the beginning of each part as far as there is room before the next, and the last at the end."""
    wide_from = narrow_from = 0.0
    for at, x in marks:
        wide = x >= wide_from and x <= 100 - 2 * CLOCK
        narrow = x >= narrow_from and x <= 100 - 2 * CLOCK_ON_A_PHONE
        wide_from = x + CLOCK if wide else wide_from
        narrow_from = x + CLOCK_ON_A_PHONE if narrow else narrow_from
        if wide or narrow:
            only = "" if wide and narrow else ' class="wide-only"' if wide else ' class="narrow-only"'
            yield f'<text{only} x="{x:.2f}%" y="13">{escape(at)}</text>'
    yield f'<text class="end" x="100%" y="13">{escape(last)}</text>'
