"""What dates and counts say about how a circle is doing: signs, not verdicts. Pure.

No sign looks at a person, and none at a word. Whoever reads them is told why, and what they could do about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from circles.rules.rhythm import has_passed

# Below this share of the seats a session counts as thin.
# Two missing of five; one of three is still above it.
THIN = 0.6


class CadenceKept(Enum):
    """Whether a circle keeps the rhythm it chose."""

    NOT_YET = "not_yet"
    KEPT = "kept"
    SLIPPING = "slipping"
    ON_HOLD = "on_hold"
    CLOSED = "closed"


class Sign(Enum):
    """Why a circle is worth a phone call, the weightiest first."""

    NOBODY_LOOKS_AFTER = "nobody"
    NEVER_MET = "never_met"
    NO_DATE = "no_date"
    FALLING = "falling"
    CANCELLED = "cancelled"
    SMALL = "small"
    UNSIGNED = "unsigned"


@dataclass(frozen=True)
class HeldSession:
    """One session that was held: when, how many came and were expected."""

    at: datetime
    came: int
    expected: int

    @property
    def share(self) -> float:
        """Came of expected, from 0 to 1; where nobody was expected nobody was missing, which is 1."""
        return self.came / self.expected if self.expected else 1.0


@dataclass(frozen=True)
class Dates:
    """What is known of one circle: dates and counts, the sessions in order of time."""

    began_at: datetime
    rhythm: timedelta
    status: str
    least: int
    seated: int
    signed: int
    facilitators: int
    held: Sequence[HeldSession] = ()
    next_at: datetime | None = None
    cancelled_last: int = 0


def cadence_of(dates: Dates, now: datetime) -> CadenceKept:
    """Kept while the last session, or the next one, is not further away than one and a half times the rhythm.

    A circle that has not met has no rhythm to lose; that it ought to have met by now is a sign of its own.
    """
    if dates.status == "closed":
        return CadenceKept.CLOSED
    if dates.status == "on_hold":
        return CadenceKept.ON_HOLD
    if not dates.held:
        return CadenceKept.NOT_YET
    # A date that is set counts as much as one that was held: nobody is rung up about a circle that meets on Tuesday.
    until = dates.next_at if dates.next_at and dates.next_at > now else now
    return CadenceKept.SLIPPING if has_passed(dates.held[-1].at, until, dates.rhythm) else CadenceKept.KEPT


def signs_of(dates: Dates, now: datetime) -> list[Sign]:
    """Why a circle may need somebody to ring, the weightiest first; none for one that is closed or on hold."""
    if dates.status != "open":
        return []
    since = dates.held[-1].at if dates.held else dates.began_at
    overdue = dates.next_at is None and has_passed(since, now, dates.rhythm)
    last = dates.held[-2:]
    found = {
        Sign.NOBODY_LOOKS_AFTER: dates.facilitators == 0,
        Sign.NEVER_MET: overdue and not dates.held,
        Sign.NO_DATE: overdue and bool(dates.held),
        # Two in a row: one thin evening is an evening.
        Sign.FALLING: len(last) == 2 and last[-1].share < THIN and last[-1].share <= last[0].share,
        Sign.CANCELLED: dates.cancelled_last >= 2,
        Sign.SMALL: bool(dates.held) and dates.seated < dates.least,
        Sign.UNSIGNED: len(dates.held) >= 2 and dates.signed < dates.seated,
    }
    return [sign for sign in Sign if found[sign]]


def shade(came: int, expected: int) -> str:
    """The shade of a cell of the heat map: everybody, three quarters or more, half or more, fewer."""
    share = came / expected if expected else 1.0
    return "h4" if share >= 1 else "h3" if share >= 0.75 else "h2" if share >= 0.5 else "h1"


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def share_of(part: int, whole: int) -> int | None:
    """Whole per cent, rounded to the nearest; None of nothing."""
    return round(100 * part / whole) if whole else None
