"""Circles found in one pass, for when there was no time to list possible ones: whatever comes out keeps every rule that
must hold, and may be far from the best."""

import time

from programmes.forming.columns import Desk, ones

# So many looks at a circle in all, shared among the people: what a page or a process may take for a first answer.
LOOKS = 12_000
FEWEST_TRIED = 3


def quick(desk: Desk, until: float) -> list[tuple[int, ...]]:
    """Circles from those who fit fewest others on: each is filled with whoever costs least, so long as it may be made.

    Pinned groups come first. The same desk gives the same circles as long as the clock cuts nothing short.
    """
    tried = max(FEWEST_TRIED, LOOKS // (max(1, len(desk.people)) * max(1, desk.most)))
    held = {one for seed in desk.seeds for one in seed}
    order = sorted((one for one in range(len(desk.people)) if one not in held), key=lambda at: (_fits(desk, at), at))
    free = sum(1 << one for one in order)
    found: list[tuple[int, ...]] = []
    begun = [*desk.seeds, *((one,) for one in order)]
    for first in begun:
        if len(found) >= desk.circles or (time.monotonic() >= until and len(first) == 1):
            break
        if len(first) == 1 and not free >> first[0] & 1:
            continue
        left = free.bit_count() + (len(first) if len(first) > 1 else 0)
        # As even as can be, so that nobody is left over for want of a few others.
        size = max(desk.least, -(-left // max(1, -(-left // desk.most))))
        circle = _filled(desk, first, free, size, tried)
        if circle:
            found.append(circle)
            free &= ~sum(1 << one for one in circle)
    return found


def _fits(desk: Desk, one: int) -> int:
    return desk.fits[one].bit_count()


def _filled(desk: Desk, first: tuple[int, ...], free: int, size: int, tried: int) -> tuple[int, ...] | None:
    """A circle with these people in it, as full as it may be; None where none can be made. A pinned group stays."""
    circle = tuple(sorted(first))
    good = circle if len(first) > 1 and desk.price(circle) is not None else None
    near = free & ~sum(1 << one for one in circle)
    starts = -1
    for one in circle:
        near &= desk.fits[one]
        starts &= desk.starts[one]
    while len(circle) < size:
        best: tuple[int, int, int] | None = None
        for one in [at for at in ones(near) if starts & desk.starts[at] or not starts][:tried]:
            price = desk.price(tuple(sorted((*circle, one))))
            # Too few for a circle has no price yet: then whoever shares most starts comes first.
            worth = (price if price is not None else 0, -(starts & desk.starts[one]).bit_count(), one)
            if (price is not None or len(circle) + 1 < desk.least) and (best is None or worth < best):
                best = worth
        if best is None:
            break
        joined = best[2]
        circle = tuple(sorted((*circle, joined)))
        near &= desk.fits[joined]
        starts &= desk.starts[joined]
        price = desk.price(circle)
        if price is not None and price <= desk.waiting * len(circle):
            good = circle
    return good
