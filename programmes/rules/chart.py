"""The two lines of the weeks, drawn to scale: a picture without script; a table has its numbers. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LEFT, RIGHT, TOP, BOTTOM = 46, 440, 20, 190
# The words at the ends of the lines: where they begin, how far apart they stand at least, how low they may.
WORDS_AT, APART, LOWEST = RIGHT + 14, 20, 204
STEP = 25


@dataclass(frozen=True)
class ChartLine:
    """One line of per cents, with gaps where there is none. `word` stands at its end."""

    shares: Sequence[int | None]
    word: str


def lowest(lines: Sequence[ChartLine]) -> int:
    """The lower edge of the scale: a quarter below everything that is shown, never below nothing."""
    shown = [share for line in lines for share in line.shares if share is not None]
    return max(0, (min(shown, default=0) - 1) // STEP * STEP)


def chart_svg(lines: Sequence[ChartLine], names: Sequence[str], label: str) -> str:
    """Two lines over weeks. `names` name the weeks; of many only some are written. Texts must be escaped already."""
    low = lowest(lines)
    parts = [f'<svg class="chart" viewBox="0 0 560 232" role="img" aria-label="{label}">', *_grid(low)]
    ends = []
    for number, line in enumerate(lines, start=1):
        points = [(_x(at, len(names)), _y(share, low)) for at, share in enumerate(line.shares) if share is not None]
        if not points:
            continue
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline class="l{number}" points="{drawn}"/>')
        parts.append(f'<circle class="p{number}" cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="5"/>')
        last = next(share for share in reversed(line.shares) if share is not None)
        ends.append((points[-1][1], f"{line.word}, {last}%"))
    return "".join([*parts, *_words(ends), *_weeks(names), "</svg>"])


def _grid(low: int) -> Iterator[str]:
    for share in range(low, 101, STEP):
        y = _y(share, low)
        yield f'<line class="grid-line" x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="0" y="{y + 4:.1f}">{share}%</text>'


def _weeks(names: Sequence[str]) -> Iterator[str]:
    every = max(1, -(-len(names) // 4))
    for at, name in enumerate(names):
        if at % every == 0:
            yield f'<text x="{_x(at, len(names)):.1f}" y="218" text-anchor="middle">{name}</text>'


def _words(ends: Sequence[tuple[float, str]]) -> list[str]:
    """The words beside the ends of the lines, moved apart where they would touch."""
    ordered = sorted(ends)
    heights: list[float] = []
    for y, _word in ordered:
        heights.append(max(y, heights[-1] + APART) if heights else y)
    over = max(0.0, heights[-1] - LOWEST) if heights else 0.0
    return [
        f'<text class="lab" x="{WORDS_AT}" y="{height - over + 4:.1f}">{word}</text>'
        for height, (_y, word) in zip(heights, ordered, strict=True)
    ]


def _x(at: int, number: int) -> float:
    return LEFT + (RIGHT - LEFT) * at / (number - 1) if number > 1 else (LEFT + RIGHT) / 2


def _y(share: int, low: int) -> float:
    return BOTTOM - (BOTTOM - TOP) * (share - low) / (100 - low) if low < 100 else TOP


def interval_svg(mean: int, low: int, high: int) -> str:
    """A mean between 0 and 100, and the stretch around it, on one line."""
    return (
        '<svg class="interval" viewBox="0 0 120 16" aria-hidden="true"><line class="interval__scale" x1="10" x2="110" '
        f'y1="8" y2="8"/><line class="interval__stretch" x1="{low + 10}" x2="{high + 10}" y1="8" y2="8"/>'
        f'<circle class="interval__mean" cx="{mean + 10}" cy="8" r="5"/></svg>'
    )
