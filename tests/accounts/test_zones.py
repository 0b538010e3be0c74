"""Wall times at the two changes of the clock."""

import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.fields import TimeZoneField
from accounts.rules.zones import (
    earlier_names,
    exists,
    is_zone,
    next_valid,
    present_name,
    to_instant,
    to_local,
    zone_names,
)

LONDON = "Europe/London"


@pytest.mark.parametrize(
    ("local", "valid"),
    [
        (datetime(2027, 3, 28, 0, 59, 59), True),
        (datetime(2027, 3, 28, 1, 0), False),
        (datetime(2027, 3, 28, 1, 59, 59), False),
        (datetime(2027, 3, 28, 2, 0), True),
        (datetime(2027, 10, 31, 1, 30), True),
    ],
)
def test_exists(local: datetime, valid: bool) -> None:
    assert exists(local, LONDON) is valid


def test_a_gap_leads_to_the_next_valid_minute_and_a_fold_to_the_first() -> None:
    assert next_valid(datetime(2027, 3, 28, 1, 30), LONDON) == datetime(2027, 3, 28, 2, 0)
    assert to_instant(datetime(2027, 3, 28, 1, 30), LONDON) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert to_instant(datetime(2027, 10, 31, 1, 30), LONDON) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@given(st.sampled_from(zone_names()), st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1)))
def test_a_wall_time_that_exists_comes_back(zone: str, local: datetime) -> None:
    local = local.replace(second=0, microsecond=0)
    back = to_local(to_instant(local, zone), zone).replace(tzinfo=None)
    if exists(local, zone):
        assert back == local
    else:
        assert local < back <= local + timedelta(hours=25)


def test_the_rules_that_are_shipped_are_the_ones_used() -> None:
    """British Columbia stays on summer time from 2026 on; machines and images hold older rules for years."""
    assert to_instant(datetime(2026, 12, 1, 9, 0), "America/Vancouver") == datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
    assert zoneinfo.TZPATH == ()


def test_no_place_is_offered_under_two_names() -> None:
    assert "Europe/Kyiv" in zone_names()
    assert "Europe/Kiev" not in zone_names()
    assert {"Europe/Stockholm", "Asia/Kolkata", "America/Argentina/Buenos_Aires", "UTC"} <= set(zone_names())
    assert all(is_zone(name) for name in zone_names())
    assert len(zone_names()) == len(set(zone_names()))


def test_what_a_browser_or_an_older_row_calls_it_is_understood() -> None:
    assert present_name("Asia/Calcutta") == "Asia/Kolkata"
    assert present_name("Europe/Stockholm") == "Europe/Stockholm"
    assert present_name("nowhere") == "nowhere"
    assert TimeZoneField().clean("Europe/Kiev") == "Europe/Kyiv"
    drawn = TimeZoneField().widget.render("time_zone", "Europe/Kiev")
    assert '<option value="Europe/Kyiv" selected data-also="' in drawn
    assert drawn.count(" selected") == 1
    assert set(earlier_names().values()) <= set(zone_names())
