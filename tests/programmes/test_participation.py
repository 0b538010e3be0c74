"""Signs, cadence, shades, the chart and the file: the pure rules of participation."""

import csv
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from programmes.rules.chart import ChartLine, chart_svg, interval_svg
from programmes.rules.exports import csv_text
from programmes.rules.participation import CadenceKept, Dates, HeldSession, Sign, cadence_of, shade, share_of, signs_of

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
WEEK = timedelta(weeks=1)
DATES = Dates(
    began_at=NOW - 10 * WEEK, rhythm=3 * WEEK, status="open", least=3, seated=5, signed=5, facilitators=1,
    held=[HeldSession(NOW - 7 * WEEK, 5, 5), HeldSession(NOW - 4 * WEEK, 4, 5), HeldSession(NOW - WEEK, 4, 5)], next_at=NOW + 2 * WEEK,
)  # fmt: skip


def held(*came: int) -> list[HeldSession]:
    return [HeldSession(NOW - 3 * WEEK * (len(came) - at), here, 5) for at, here in enumerate(came)]


def test_a_circle_that_is_well_shows_no_sign() -> None:
    assert signs_of(DATES, NOW) == []
    assert cadence_of(DATES, NOW) is CadenceKept.KEPT


@pytest.mark.parametrize(
    ("changes", "signs"),
    [
        ({"facilitators": 0}, [Sign.NOBODY_LOOKS_AFTER]),
        ({"held": [], "next_at": None}, [Sign.NEVER_MET]),
        ({"held": [], "next_at": NOW + WEEK}, []),
        ({"next_at": None, "held": held(5, 5)[:1]}, [Sign.NO_DATE]),
        ({"next_at": None}, []),
        ({"held": held(5, 3, 2)}, [Sign.FALLING]),
        ({"held": held(2, 3)}, []),
        ({"held": held(5, 5), "cancelled_last": 2}, [Sign.CANCELLED]),
        ({"seated": 2, "signed": 2}, [Sign.SMALL]),
        ({"signed": 4}, [Sign.UNSIGNED]),
        ({"signed": 4, "held": held(5)}, []),
        ({"facilitators": 0, "status": "closed"}, []),
        ({"facilitators": 0, "status": "on_hold"}, []),
        ({"facilitators": 0, "signed": 3}, [Sign.NOBODY_LOOKS_AFTER, Sign.UNSIGNED]),
    ],
)
def test_signs(changes: dict[str, object], signs: list[Sign]) -> None:
    assert signs_of(replace(DATES, **changes), NOW) == signs  # type: ignore[arg-type]


def test_cadence_slips_at_one_and_a_half_times_the_rhythm_and_not_before() -> None:
    last = replace(DATES, held=[HeldSession(NOW - 3 * WEEK * 1.5, 5, 5)], next_at=None)
    assert cadence_of(last, NOW) is CadenceKept.KEPT
    assert cadence_of(last, NOW + timedelta(seconds=1)) is CadenceKept.SLIPPING
    assert cadence_of(replace(last, next_at=NOW + WEEK), NOW) is CadenceKept.SLIPPING
    assert cadence_of(replace(last, status="on_hold"), NOW + WEEK) is CadenceKept.ON_HOLD
    assert cadence_of(replace(last, status="closed"), NOW + WEEK) is CadenceKept.CLOSED


def test_a_circle_that_has_not_met_has_lost_no_rhythm() -> None:
    """Not a minute after it was made, with a first date that is far off; nor later, which is a sign of its own."""
    fresh = replace(DATES, held=[], began_at=NOW, next_at=NOW + 6 * WEEK)
    assert cadence_of(fresh, NOW + timedelta(minutes=1)) is CadenceKept.NOT_YET
    missed = replace(fresh, next_at=None)
    assert cadence_of(missed, NOW + 6 * WEEK) is CadenceKept.NOT_YET
    assert signs_of(missed, NOW + 6 * WEEK) == [Sign.NEVER_MET]


def test_shades_and_shares_at_their_edges() -> None:
    assert [shade(came, 8) for came in (8, 9, 7, 6, 5, 4, 3, 0)] == ["h4", "h4", "h3", "h3", "h2", "h2", "h1", "h1"]
    assert shade(0, 0) == "h4"
    assert (share_of(1, 3), share_of(0, 0)) == (33, None)


def test_the_file_is_rfc_4180_with_a_mark_and_runs_no_formula() -> None:
    text = csv_text(
        [["=1+1", "@x", " -2", "ok, so", 'a "b"', -3, "two\nlines"], ["+", "\t=1", "＝1", "", None, 0, "é"]]
    )
    assert text.startswith("\ufeff")
    assert text.endswith("\r\n")
    back = list(csv.reader(StringIO(text.removeprefix("\ufeff"))))
    assert back[0] == ["'=1+1", "'@x", "' -2", "ok, so", 'a "b"', "-3", "two\nlines"]
    assert back[1] == ["'+", "'\t=1", "'＝1", "", "", "0", "é"]


def test_the_chart_draws_gaps_and_keeps_its_words_apart() -> None:
    drawn = chart_svg([ChartLine([90, None, 80], "Seats"), ChartLine([None, 82, 79], "Kept")], ["a", "b", "c"], "label")
    assert drawn.count("<polyline") == 2
    heights = [float(part.split('"')[0]) for part in drawn.split('class="lab" x="454" y="')[1:]]
    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) >= 20
    assert chart_svg([ChartLine([None], "Seats")], ["a"], "label").count("<polyline") == 0
    assert 'x1="35" x2="60"' in interval_svg(40, 25, 50)


def test_the_chart_stands_where_its_scale_says() -> None:
    """From 46 to 440 from left to right, and from 100 % at 20 down to the lowest line at 190."""
    drawn = chart_svg([ChartLine([100, 75, 50], "Seats")], ["a", "b", "c"], "label")
    assert '<polyline class="l1" points="46.0,20.0 243.0,76.7 440.0,133.3"/>' in drawn
    assert re.findall(r'class="grid-line" x1="46" x2="440" y1="([\d.]+)"', drawn) == ["190.0", "133.3", "76.7", "20.0"]
    assert re.findall(r'y="([\d.]+)">(\d+)%<', drawn) == [
        ("194.0", "25"),
        ("137.3", "50"),
        ("80.7", "75"),
        ("24.0", "100"),
    ]
    assert '<text class="lab" x="454" y="137.3">Seats, 50%</text>' in drawn
    assert '<polyline class="l1" points="243.0,20.0"/>' in chart_svg([ChartLine([100], "Seats")], ["a"], "label")
    names = re.findall(r'x="([\d.]+)" y="218" text-anchor="middle">(\w)<', chart_svg([], "abcdefgh", "label"))
    assert names == [("46.0", "a"), ("158.6", "c"), ("271.1", "e"), ("383.7", "g")]
