"""Public holidays of a country: on which days most people there are off work. Which holiday it is is nobody's here.

The days are those of the `holidays` library, for a country as a whole: what only a part of it keeps is not known.
"""

from datetime import date
from functools import cache, lru_cache

from accounts.rules.zones import country_names, present_name, zone_countries

# What somebody chooses who wants no holidays counted as theirs.
NO_COUNTRY = "--"


def country_of(zone: str) -> str:
    """The country of a time zone as two letters (ISO 3166); empty where the zone has none, or none with known days."""
    country = zone_countries().get(present_name(zone), "")
    return country if country in _known() else ""


def countries() -> list[tuple[str, str]]:
    """The countries with known days that a time zone lies in, as letters and English name, by name."""
    names = {code: name for code, name in _names().items() if code in _known()}
    return sorted(names.items(), key=lambda one: one[1])


@lru_cache(maxsize=256)
def days_off(country: str, year: int) -> frozenset[date]:
    """The public holidays of a country in a year; none of one that is not known, or out of the library's years."""
    if country not in _known():
        return frozenset()
    # Here and not above: it costs a tenth of a second and some megabytes, and most processes ask no such thing.
    from holidays import country_holidays

    return frozenset(country_holidays(country, years=year))


@cache
def _known() -> frozenset[str]:
    from holidays import list_supported_countries

    return frozenset(code for code in list_supported_countries() if len(code) == 2)


@cache
def _names() -> dict[str, str]:
    used = set(zone_countries().values())
    return {code: name for code, name in country_names().items() if code in used}
