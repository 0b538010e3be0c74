"""Hours in which somebody wants no mail. Pure: hours of the day are whole numbers, from 0 to 23."""

from datetime import datetime, timedelta


def is_quiet(hour: int, begins: int | None, ends: int | None) -> bool:
    """Whether an hour lies in the quiet ones, which may go over midnight; none are set when either end is missing."""
    if begins is None or ends is None or begins == ends:
        return False
    return begins <= hour < ends if begins < ends else hour >= begins or hour < ends


def next_at(local: datetime, hour: int) -> datetime:
    """When it is next that hour of the day, after `local`."""
    there = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return there if there > local else there + timedelta(days=1)


def after_quiet(local: datetime, begins: int | None, ends: int | None) -> datetime:
    """`local`, or when the quiet hours it falls into are over."""
    if ends is None or not is_quiet(local.hour, begins, ends):
        return local
    over = local.replace(hour=ends, minute=0, second=0, microsecond=0)
    return over if over > local else over + timedelta(days=1)
