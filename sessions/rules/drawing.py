"""Bars that show stages to scale, as SVG: the content policy allows no inline style. Pure."""

from collections.abc import Sequence

ROOM_FOR_A_NUMBER = 2.2
ROOM_ON_A_PHONE = 6.0


def bar_svg(parts: Sequence[tuple[str, int]], *, scale: int = 0, numbers: bool = False) -> str:
    """Parts (tint, seconds) side by side; the whole width stands for `scale` seconds, or for all of them if longer.

    Hidden from screen readers: the same is said in a list beside it.
    """
    whole = max(scale, sum(seconds for _tint, seconds in parts), 1)
    drawn, start = [], 0
    for tint, seconds in parts:
        x, width = 100 * start / whole, 100 * seconds / whole
        drawn.append(
            f'<rect class="sb-{tint}" x="{x:.2f}%" y="0" width="{max(0.25, width - 0.25):.2f}%" height="100%"/>'
        )
        if numbers and width >= ROOM_FOR_A_NUMBER:
            narrow = "" if width >= ROOM_ON_A_PHONE else " wide-only"
            middle, minutes = x + width / 2, -(-seconds // 60)
            drawn.append(f'<text class="sb-text sb-on-{tint}{narrow}" x="{middle:.2f}%" y="50%">{minutes}</text>')
        start += seconds
    return f'<svg class="stagebar" aria-hidden="true">{"".join(drawn)}</svg>'
