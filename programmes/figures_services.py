"""Counting what circles did, into rows that the pages of a programme add up. Dates and counts, never a word."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q

from accounts.each import together
from programmes.counting_selectors import COUNTS, Counted, counted
from programmes.models import Programme, RoundCircle, WeekFigures
from programmes.rules.participation import cadence_of, signs_of

KNOWN = ("seated", "signed", "made", "lately", "last_at", "next_at", "cadence", "signs", "worth_a_call", "counted_at")
# Small programmes are counted each time, large ones once an hour.
SMALL = 100
LARGE_EVERY = timedelta(hours=1)
AT_ONCE = 250
LATELY = 3
# How long after its week each of these is counted. What fell due is settled at the next check-in, a month later at
# most.
WEEK = timedelta(days=7)
COUNTED_ONCE = {"made": timedelta(0), "due": timedelta(days=35), "kept": timedelta(days=35)}


def figures_keep(*, now: datetime) -> int:
    """Count the circles of every programme that has not ended and is due. How many programmes."""
    due = [one for one in Programme.objects.filter(ended_at=None) if _is_due(one, now)]
    for programme in due:
        figures_count(programme=programme, now=now)
    return len(due)


def _is_due(programme: Programme, now: datetime) -> bool:
    rows = RoundCircle.objects.filter(round__programme=programme)
    fresh = not rows.filter(Q(counted_at=None) | Q(counted_at__lte=now - LARGE_EVERY)).exists()
    return not (rows.count() > SMALL and fresh)


def figures_count(*, programme: Programme, now: datetime) -> None:
    """Count all circles of a programme afresh; only what differs is written."""
    rows = RoundCircle.objects.filter(round__programme=programme).select_related("circle").order_by("pk")
    together("count circles", rows, lambda some: _count(some, now))


def _count(rows: Sequence[RoundCircle], now: datetime) -> None:
    found = counted([row.circle for row in rows], now=now)
    for row in rows:
        _keep(row, found[row.circle_id], now)
    _keep_weeks(rows, found, now)
    RoundCircle.objects.bulk_update(rows, list(KNOWN), batch_size=AT_ONCE)


def _keep(row: RoundCircle, one: Counted, now: datetime) -> None:
    signs = signs_of(one.dates, now)
    row.seated, row.signed = one.dates.seated, one.dates.signed
    row.lately = [[session.came, session.expected] for session in reversed(one.dates.held[-LATELY:])]
    row.last_at = one.dates.held[-1].at if one.dates.held else None
    row.next_at, row.cadence = one.dates.next_at, cadence_of(one.dates, now).value
    row.signs, row.worth_a_call, row.counted_at = [sign.value for sign in signs], bool(signs), now


def _keep_weeks(rows: Sequence[RoundCircle], found: dict[int, Counted], now: datetime) -> None:
    before: dict[int, dict[date, WeekFigures]] = defaultdict(dict)
    for week in WeekFigures.objects.filter(of__in=rows):
        before[week.of_id][week.week] = week
    fresh, changed, gone = [], [], []
    for row in rows:
        weeks = found[row.circle_id].weeks
        had = before[row.pk]
        # Added up from weeks that are counted once, and not from commitments: a number that moved at each press would
        # tell who pressed.
        row.made = 0
        for day in sorted(weeks.keys() | had.keys()):
            old = had.get(day)
            counts = _once(weeks.get(day, {}), old, day, now)
            row.made += counts["made"] or 0
            if not any(counts.values()):
                gone += [old.pk] if old else []
            elif old is None:
                fresh.append(WeekFigures(of=row, week=day, **counts))
            elif any(getattr(old, name) != counts[name] for name in COUNTS):
                changed.append(WeekFigures(pk=old.pk, of=row, week=day, **counts))
    WeekFigures.objects.bulk_create(fresh, batch_size=500)
    WeekFigures.objects.bulk_update(changed, list(COUNTS), batch_size=500)
    WeekFigures.objects.filter(pk__in=gone).delete()


def _once(counts: Mapping[str, int], old: WeekFigures | None, day: date, now: datetime) -> dict[str, int | None]:
    """The counts of a week, those of commitments once only, when the time for it has come: a number that followed
    each press would show to whoever looks often who pressed, and when."""
    found: dict[str, int | None] = {name: counts.get(name, 0) for name in COUNTS}
    for name, after in COUNTED_ONCE.items():
        held = getattr(old, name) if old else None
        if held is not None:
            found[name] = held
        elif now.date() < day + WEEK + after:
            found[name] = None
    return found
