"""Wall times at the two changes of the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.zones import exists, next_valid, to_instant, to_local, zone_names

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
