"""Quiet hours and the hour of the daily mail, in hours of the clock as somebody would say them."""

from datetime import datetime

import pytest

from accounts.rules.quiet import after_quiet, is_quiet, next_at


@pytest.mark.parametrize(
    ("begins", "ends", "quiet"),
    [
        (22, 7, [22, 23, 0, 1, 2, 3, 4, 5, 6]),
        (23, 1, [23, 0]),
        (0, 6, [0, 1, 2, 3, 4, 5]),
        (12, 14, [12, 13]),
        (20, 0, [20, 21, 22, 23]),
        (9, 9, []),
        (None, 7, []),
        (22, None, []),
        (None, None, []),
    ],
)
def test_which_hours_are_quiet(begins: int | None, ends: int | None, quiet: list[int]) -> None:
    assert {hour for hour in range(24) if is_quiet(hour, begins, ends)} == set(quiet)


@pytest.mark.parametrize(
    ("at", "begins", "ends", "out"),
    [
        ("2027-01-11 21:59", 22, 7, "2027-01-11 21:59"),
        ("2027-01-11 22:00", 22, 7, "2027-01-12 07:00"),
        ("2027-01-11 23:30", 22, 7, "2027-01-12 07:00"),
        ("2027-01-12 00:00", 22, 7, "2027-01-12 07:00"),
        ("2027-01-12 06:59", 22, 7, "2027-01-12 07:00"),
        ("2027-01-12 07:00", 22, 7, "2027-01-12 07:00"),
        ("2027-01-31 23:10", 22, 7, "2027-02-01 07:00"),
        ("2027-01-11 12:15", 12, 14, "2027-01-11 14:00"),
        ("2027-01-11 20:15", 20, 0, "2027-01-12 00:00"),
        ("2027-01-11 03:00", None, 7, "2027-01-11 03:00"),
        ("2027-01-11 23:00", 22, None, "2027-01-11 23:00"),
    ],
)
def test_a_mail_goes_out_when_quiet_hours_are_over(at: str, begins: int | None, ends: int | None, out: str) -> None:
    assert after_quiet(datetime.fromisoformat(at), begins, ends) == datetime.fromisoformat(out)


@pytest.mark.parametrize(
    ("at", "hour", "found"),
    [
        ("2027-01-11 06:59:59", 7, "2027-01-11 07:00"),
        ("2027-01-11 07:00", 7, "2027-01-12 07:00"),
        ("2027-01-11 07:00:01", 7, "2027-01-12 07:00"),
        ("2027-02-28 20:30", 0, "2027-03-01 00:00"),
    ],
)
def test_when_it_is_next_an_hour_of_the_day(at: str, hour: int, found: str) -> None:
    assert next_at(datetime.fromisoformat(at), hour) == datetime.fromisoformat(found)
