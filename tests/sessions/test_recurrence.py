"""The days of a series over all zones and years, and what changes of clocks do to it."""

import os
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.rules.zones import exists, to_instant, to_local, zone_names
from sessions.rules.recurrence import Rhythm, days, is_last, nth_of, shifts, slots

SOME_DAY = st.dates(date(2020, 1, 1), date(2035, 12, 31))
SOME_TIME = st.times().map(lambda at: at.replace(second=0, microsecond=0))
THREE_YEARS = 156
# `make faults` looks at 5,000 series, the suite at some of them.
EXAMPLES = int(os.environ.get("ROUNDS", "60"))


@settings(max_examples=EXAMPLES)
@given(zone=st.sampled_from(zone_names()), first=SOME_DAY, at=SOME_TIME)
def test_a_weekly_series_keeps_its_wall_time_for_three_years_in_every_zone(zone: str, first: date, at: time) -> None:
    rhythm = Rhythm(first, (at,), weeks=1, count=60)
    for week, on in enumerate(zip(days(rhythm), range(THREE_YEARS), strict=False)):
        local = datetime.combine(on[0], at)
        assert on[0] == first + timedelta(weeks=week)
        there = to_local(to_instant(local, zone), zone).replace(tzinfo=None)
        if exists(local, zone):
            assert there == local
            # Where the hour happens twice it is the first of the two.
            assert to_instant(local, zone) == local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
        else:
            minutes = (there - local) // timedelta(minutes=1)
            assert 0 < minutes <= 24 * 60
            assert not any(exists(local + timedelta(minutes=m), zone) for m in range(minutes)), (
                "the first after the gap"
            )


def test_which_weekday_of_its_month_a_day_is() -> None:
    """In words of the calendar: a fifth one is called the last, a fourth one the fourth even where it is the last."""
    march = {day: nth_of(date(2027, 3, day)) for day in (1, 7, 8, 14, 15, 21, 22, 28, 29, 31)}
    assert march == {1: 1, 7: 1, 8: 2, 14: 2, 15: 3, 21: 3, 22: 4, 28: 4, 29: -1, 31: -1}
    assert nth_of(date(2027, 2, 28)) == 4
    assert [is_last(date(2027, 3, day)) for day in (23, 24, 25, 30, 31)] == [False, False, True, True, True]
    assert [is_last(date(2027, 2, day)) for day in (21, 22)] == [False, True]


def days_of(first: date, repeat: str, number: int) -> list[str]:
    return [slot.on.isoformat() for slot in slots(Rhythm(first, (time(16),), repeat, count=number))]


def test_the_fourth_tuesday_is_not_the_last_one() -> None:
    fourth = ["2027-01-26", "2027-02-23", "2027-03-23", "2027-04-27", "2027-05-25", "2027-06-22"]
    assert days_of(date(2027, 1, 26), "month", 6) == fourth
    last = ["2027-01-26", "2027-02-23", "2027-03-30", "2027-04-27", "2027-05-25", "2027-06-29"]
    assert days_of(date(2027, 1, 26), "month_last", 6) == last
    assert days_of(date(2027, 3, 30), "month", 4) == ["2027-03-30", "2027-04-27", "2027-05-25", "2027-06-29"]
    assert days_of(date(2027, 11, 3), "month", 3) == ["2027-11-03", "2027-12-01", "2028-01-05"]


def test_a_series_goes_on_to_the_end_of_the_calendar_and_no_further() -> None:
    assert [day.isoformat() for day in days(Rhythm(date(9999, 12, 20), (time(16),)))] == ["9999-12-20", "9999-12-27"]
    monthly = days(Rhythm(date(9999, 11, 3), (time(16),), "month"))
    assert [day.isoformat() for day in monthly] == ["9999-11-03", "9999-12-01"]


@given(first=SOME_DAY, repeat=st.sampled_from(["month", "month_last"]), number=st.integers(1, 60))
def test_a_monthly_series_keeps_its_weekday_of_the_month(first: date, repeat: str, number: int) -> None:
    found = [slot.on for slot in slots(Rhythm(first, (time(16),), repeat, count=number))]
    assert len(found) == len(set(found)) == number
    months = [on.year * 12 + on.month for on in found]
    assert months == list(range(months[0], months[0] + number))
    assert {on.weekday() for on in found} == {first.weekday()}
    if repeat == "month" and nth_of(first) > 0:
        assert {nth_of(on) for on in found} == {nth_of(first)}
        assert found[0] == first
    else:
        assert all(is_last(on) for on in found)


@given(first=SOME_DAY, weeks=st.integers(1, 12), number=st.integers(1, 60), skipped=st.sets(st.integers(0, 60)))
def test_a_day_that_is_skipped_is_made_up_for_at_the_end(
    first: date, weeks: int, number: int, skipped: set[int]
) -> None:
    skip = {first + timedelta(weeks=weeks * at) for at in skipped}
    found = [slot.on for slot in slots(Rhythm(first, (time(16),), weeks=weeks, count=number), skip)]
    assert len(found) == number
    assert not set(found) & skip
    assert all((on - first).days % (7 * weeks) == 0 for on in found)


def test_an_end_by_date_is_included_and_bounds_the_number() -> None:
    rhythm = Rhythm(date(2027, 1, 14), (time(16),), weeks=3, until=date(2027, 2, 25))
    assert [slot.on.isoformat() for slot in slots(rhythm)] == ["2027-01-14", "2027-02-04", "2027-02-25"]
    assert len(slots(Rhythm(date(2027, 1, 14), (time(16),), until=date(2040, 1, 1)))) == 60


def test_a_series_without_an_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="needs an end"):
        slots(Rhythm(date(2027, 1, 14), (time(16),)))


def test_times_are_used_in_turn() -> None:
    rhythm = Rhythm(date(2027, 1, 14), (time(8), time(20)), count=3)
    assert [slot.local.hour for slot in slots(rhythm)] == [8, 20, 8]


def test_the_weeks_between_two_changes_of_clocks_are_named_for_those_abroad() -> None:
    rhythm = Rhythm(date(2027, 1, 14), (time(16),), weeks=3, count=6)
    instants = [to_instant(slot.local, "Europe/London") for slot in slots(rhythm)]
    found = shifts(instants, "Europe/London", ["America/Toronto", "Europe/Warsaw", "Europe/London"])
    assert [(shift.minutes, shift.zone, shift.at) for shift in found] == [(60, "America/Toronto", (3,))]
    # On 18 March 2027 Toronto has changed its clocks and London has not.
    assert to_local(instants[3], "America/Toronto").strftime("%d %B %H:%M") == "18 March 12:00"


def test_a_zone_without_summer_time_shifts_with_the_series() -> None:
    rhythm = Rhythm(date(2027, 3, 22), (time(9),), count=3)
    instants = [to_instant(slot.local, "Europe/London") for slot in slots(rhythm)]
    assert [(one.minutes, one.at) for one in shifts(instants, "Europe/London", ["Asia/Tokyo"])] == [(-60, (1, 2))]
