"""Wall time and instants: a local time that does not exist or exists twice is decided here. Pure."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

# The rules that are pinned and tested are the ones used. Python would take the machine's own copy first, which
# may be years older: an hour would be wrong wherever a government has changed its mind since.
zoneinfo.reset_tzpath(())
ZoneInfo.clear_cache()


def _lines(name: str) -> Iterator[list[str]]:
    for line in files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split()


@cache
def zone_names() -> tuple[str, ...]:
    """The zones a person can choose, in alphabetical order; UTC last.

    One for each place in the database's own list of places (zone.tab), so that nothing stands there under two names.
    """
    return (*sorted(words[2] for words in _lines("zone.tab")), "UTC")


@cache
def zone_countries() -> dict[str, str]:
    """The country that each zone lies in, as two letters."""
    return {words[2]: words[0] for words in _lines("zone.tab")}


@cache
def country_names() -> dict[str, str]:
    """The English name of each country, by its two letters."""
    return {words[0]: " ".join(words[1:]) for words in _lines("iso3166.tab")}


@cache
def earlier_names() -> dict[str, str]:
    """Names that browsers and older rows still use, each with the one of `zone_names` that has its rules."""
    offered = set(zone_names())
    links = {words[2]: words[1] for words in _lines("tzdata.zi") if words[0] == "L"}
    return {earlier: now for earlier, now in links.items() if earlier not in offered and now in offered}


def present_name(zone: str) -> str:
    """What a zone is called now: Europe/Kyiv for Europe/Kiev; a name that is not known stays as it is."""
    return earlier_names().get(zone, zone)


def is_zone(name: str) -> bool:
    """Whether Python's zone database has it under just this name, upper and lower case told apart."""
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
