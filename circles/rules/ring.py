"""The ring of seats as one SVG: geometry only, no Django, no database.

A box 400 wide; seats on R = 158 round the middle, the viewer's own seat at the bottom, order clockwise. The box is as
high above the middle as below it, so that what stands in the centre needs no position of its own. A steady ring has a
box that depends on the number of seats alone: nothing moves when the piece does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

MIDDLE, RADIUS, TIME_RADIUS = 200, 158, 108
# How far a seat's name, its second line and the piece may reach beyond the middle of the seat, above it and below.
ABOVE, BELOW = 70, 67


@dataclass(frozen=True)
class RingSeat:
    """One place in the ring. `name` is empty for a nameless one; `mark` is the small second line."""

    initials: str = ""
    name: str = ""
    mark: str = ""
    you: bool = False
    speaking: bool = False
    next: bool = False
    away: bool = False
    hand: bool = False


@dataclass(frozen=True)
class _Placed:
    seat: RingSeat
    x: float
    y: float
    angle: float
    above: bool


def ring_svg(
    seats: Sequence[RingSeat],
    *,
    label: str = "",
    share: float | None = None,
    small: bool = False,
    steady: bool = False,
) -> str:
    """The SVG element. `label` is the sentence a screen reader says; without one the drawing is hidden from it.

    `share` (0 to 1) is how much of the stage is left; None draws no time. `steady` keeps the box whoever speaks: the
    style of the page has its proportions by the number of seats. Every name is escaped.
    """
    radius = 22 if len(seats) > 6 else 25
    radius = 38 if small else radius
    placed = _place(seats, first_below=steady)
    top, bottom = steady_box(len(seats)) if steady else _box(placed, radius)
    parts = [_track(placed, at, radius) for at in range(len(placed))] if len(placed) > 1 else []
    parts += [_time(share)] if share is not None else []
    # The speaker is drawn last: the piece lies over its neighbours.
    parts += [_seat(one, radius) for one in sorted(placed, key=lambda one: one.seat.speaking)]
    spoken = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    box = f"0 {top:.0f} 400 {bottom - top:.0f}"
    return f'<svg viewBox="{box}" {spoken}>{"".join(parts)}</svg>'


def steady_box(count: int) -> tuple[int, int]:
    """Top and bottom of the box of a steady ring: room for every name, a second line and the piece at any seat."""
    heights = [_at(90 + 360 / max(1, count) * at)[1] for at in range(max(1, count))]
    return math.floor(min(MIDDLE - RADIUS - 3, min(heights) - ABOVE)), MIDDLE + RADIUS + BELOW


def _place(seats: Sequence[RingSeat], *, first_below: bool = False) -> list[_Placed]:
    step = 360 / max(1, len(seats))
    own = next((at for at, seat in enumerate(seats) if seat.you), 0 if first_below else None)
    turn = 180 - step * own if own is not None else 0
    placed = []
    for at, seat in enumerate(seats):
        angle = -90 + step * at + turn
        x, y = _at(angle)
        placed.append(_Placed(seat, x, y, angle, bool(seat.name) and y < 165))
    return placed


def _at(angle: float, radius: float = RADIUS) -> tuple[float, float]:
    return (
        MIDDLE + radius * math.cos(math.radians(angle)),
        MIDDLE + radius * math.sin(math.radians(angle)),
    )


def _box(placed: Sequence[_Placed], radius: int) -> tuple[float, float]:
    reach = [TIME_RADIUS + 12.0]
    for one in placed:
        label = (34 if one.seat.mark else 20) + 8 if one.seat.name else 4
        piece = 14 if one.seat.speaking else 0
        reach.append(abs(one.y - MIDDLE) + radius + 4 + piece + label)
    half = math.ceil(max(reach))
    return MIDDLE - half, MIDDLE + half


def _gap(one: _Placed, side: int, radius: int) -> float:
    """Degrees of track kept clear of a seat and of the name beside it."""
    width = radius + 4
    if one.seat.name and abs(one.x - MIDDLE) > 40:
        label_after = (one.x > MIDDLE) != one.above
        if (side > 0) == label_after:
            width = radius + (40 if one.seat.mark else 27)
    return math.degrees(width / RADIUS)


def _track(placed: Sequence[_Placed], at: int, radius: int) -> str:
    one, other = placed[at], placed[(at + 1) % len(placed)]
    start = one.angle + _gap(one, 1, radius)
    end = one.angle + 360 / len(placed) - _gap(other, -1, radius)
    if end <= start:
        return ""
    (x0, y0), (x1, y1) = _at(start), _at(end)
    large = 1 if end - start > 180 else 0
    kind = "ring-pass" if one.seat.speaking and other.seat.next else "ring-track"
    return f'<path class="{kind}" d="M{x0:.1f} {y0:.1f}A{RADIUS} {RADIUS} 0 {large} 1 {x1:.1f} {y1:.1f}"/>'


def _time(share: float) -> str:
    bed = f'<circle class="ring-bed" cx="{MIDDLE}" cy="{MIDDLE}" r="{TIME_RADIUS}"/>'
    arc = (
        f'<circle class="ring-time" cx="{MIDDLE}" cy="{MIDDLE}" r="{TIME_RADIUS}" pathLength="100" '
        f'stroke-dasharray="{100 * max(0.0, min(1.0, share)):.1f} 100" transform="rotate(-90 {MIDDLE} {MIDDLE})"/>'
    )
    return bed + arc


def _seat(one: _Placed, radius: int) -> str:
    seat, x, y = one.seat, one.x, one.y
    flags = {"above": one.above, "you": seat.you, "next": seat.next, "speaking": seat.speaking, "away": seat.away}
    classes = " ".join(["seat", *(f"seat--{name}" for name, on in flags.items() if on)])
    r = radius + (2 if seat.speaking else 0)
    parts = [f'<g class="{classes}">']
    if seat.speaking:
        parts.append(f'<circle class="halo" cx="{x:.1f}" cy="{y:.1f}" r="{r + 11}"/>')
    parts.append(f'<circle class="body" cx="{x:.1f}" cy="{y:.1f}" r="{r}"/>')
    if seat.initials:
        parts.append(f'<text class="init" x="{x:.1f}" y="{y + 5:.1f}">{escape(seat.initials)}</text>')
    if seat.name:
        parts.append(_label(one, r))
    if seat.speaking:
        parts.append(_piece(x + r - 2, y - 2))
    if seat.hand:
        parts.append(_hand(x - r + 3, y - r + 5))
    return "".join([*parts, "</g>"])


def _hand(x: float, y: float) -> str:
    """A raised hand at the edge of a seat; the ring's sentence says it in words."""
    palm = "M-4 4V-2M-1.500 3V-5M1.500 3V-4M4 4V-1M-4 3a4 4 0 0 0 8 0"
    return f'<g class="hand" transform="translate({x:.1f} {y:.1f})"><circle r="10"/><path d="{palm}"/></g>'


def _label(one: _Placed, r: int) -> str:
    seat = one.seat
    y = one.y - r - (22 if seat.mark else 8) if one.above else one.y + r + 15
    if seat.speaking:
        y += -7 if one.above else 6
    name = f'<text class="name" x="{one.x:.1f}" y="{y:.1f}">{escape(_short(seat.name))}</text>'
    mark = f'<text class="mark" x="{one.x:.1f}" y="{y + 14:.1f}">{escape(seat.mark)}</text>'
    return name + (mark if seat.mark else "")


def _short(name: str) -> str:
    return name if len(name) <= 14 else name[:13] + "…"


def _piece(x: float, y: float) -> str:
    shape = "M-3.8-19c0-6 7.600-6 7.600 0l1 35c0 5-9.600 5-9.600 0z"
    return (
        f'<g class="piece" transform="translate({x:.1f} {y:.1f}) rotate(18)"><path class="rim" d="{shape}"/>'
        f'<path class="wood" d="{shape}"/><path class="band" d="M-4-9.500h8M-4-5h8"/></g>'
    )
