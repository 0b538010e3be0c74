"""Milliseconds of the room's clock: to and from moments, and as a clock shows them."""

from datetime import UTC, datetime

# From so many hours on, a clock counts in days.
DAYS_FROM = 48


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 in UTC, cut and not rounded: a log never says later than it was."""
    return int(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """The moment in UTC of milliseconds since 1970."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def clock_of(left: int) -> str:
    """`2:14` counting down (rounded up), `+0:42` over time (rounded down): 0:00 is shown once. `12 d` when far off."""
    seconds = -(-left // 1000) if left > 0 else -left // 1000
    hours, rest = divmod(seconds, 3600)
    if hours >= DAYS_FROM:
        return f"{'' if left > 0 else '+'}{hours // 24} d"
    text = f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
    return text if left > 0 else f"+{text}"
