"""Wall time and instants: a local time that does not exist or exists twice is decided here. Pure."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


@cache
def zone_names() -> tuple[str, ...]:
    """The zones a person can choose: place names, not abbreviations, in alphabetical order; UTC last."""
    regions = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/")
    named = sorted(name for name in available_timezones() if name.startswith((*regions, "Pacific/")))
    return (*named, "UTC")


def is_zone(name: str) -> bool:
    return name in available_timezones()


def city(zone: str) -> str:
    """How a zone is named on a page: by its city."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


@cache
def place(zone: str) -> tzinfo:
    """The rules of a zone; those of UTC for a name that the zone database no longer has, so that no page breaks."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def exists(local: datetime, zone: str) -> bool:
    """Whether the naive wall time `local` occurs in `zone` (it does not inside a spring-forward gap)."""
    there = local.replace(tzinfo=place(zone))
    back = there.astimezone(UTC).astimezone(place(zone))
    return back.replace(tzinfo=None) == local


def next_valid(local: datetime, zone: str) -> datetime:
    """`local` itself, or the first whole minute after the gap it falls into."""
    while not exists(local, zone):
        local += timedelta(minutes=1)
    return local


def to_instant(local: datetime, zone: str) -> datetime:
    """The UTC instant of a wall time. In a gap: the next valid minute. Existing twice: the first."""
    return next_valid(local, zone).replace(tzinfo=place(zone), fold=0).astimezone(UTC)


def to_local(instant: datetime, zone: str) -> datetime:
    """The aware local time of an instant, as someone in `zone` reads it off the wall."""
    return instant.astimezone(place(zone))
