"""What a lot about the line of a plan has shown so far: counts of two halves of a programme, never of a circle."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agreements.models import Commitment
from circles.enums import CircleStatus
from circles.models import Circle
from programmes.models import PlanLot, PlanLotCircle, Programme, RoundCircle, WeekFigures
from programmes.rules.anonymity import blocks
from programmes.rules.lots import FEWEST_DRAWN, Side, side_change, told_together
from programmes.rules.uncertainty import MeanChange


@dataclass(frozen=True)
class LotShown:
    """What the evaluation says of the lot; sides and change are empty until there is enough on both sides.

    `may_draw` where none was drawn and there are circles enough.
    """

    may_draw: bool
    lot: PlanLot | None = None
    drawn_with: int = 0
    drawn_without: int = 0
    with_it: Side | None = None
    without: Side | None = None
    change: MeanChange | None = None

    @property
    def percent(self) -> tuple[int, int, int] | None:
        """By how many points of a hundred more were kept, and between which that probably lies."""
        one = self.change
        return (round(one.by * 100), round(one.low * 100), round(one.high * 100)) if one else None


def plan_lot_shown(programme: Programme, *, now: datetime) -> LotShown:
    """The lot of a programme, and what both halves kept in the weeks that are told of each. Six queries at most."""
    lot = PlanLot.objects.filter(programme=programme).first()
    if lot is None:
        rows = RoundCircle.objects.filter(round__programme=programme).exclude(circle__status=CircleStatus.CLOSED)
        return LotShown(may_draw=not programme.is_over(now) and rows.count() >= FEWEST_DRAWN)
    offered = dict(PlanLotCircle.objects.filter(lot=lot).values_list("of_id", "offered"))
    halves = [frozenset(pk for pk, one in offered.items() if one is said) for said in (True, False)]
    shown = LotShown(False, lot, len(halves[0]), len(halves[1]))
    due, kept = _by_week(programme)
    weeks = _weeks_told(lot, halves, due)
    if not weeks:
        return shown
    with_it, without = (_side(half, weeks, due, kept) for half in halves)
    if not (with_it.may_be_told and without.may_be_told):
        return shown
    change = side_change(without, with_it)
    return LotShown(False, lot, shown.drawn_with, shown.drawn_without, with_it, without, change)


Counts = dict[date, dict[int, int]]


def _by_week(programme: Programme) -> tuple[Counts, Counts]:
    """How many promises fell due and were kept, by week and circle, as they were counted once."""
    due: Counts = defaultdict(dict)
    kept: Counts = defaultdict(dict)
    rows = WeekFigures.objects.filter(of__round__programme=programme, due__gt=0).order_by("week", "pk")
    for week, circle, number, well in rows.values_list("week", "of_id", "due", "kept"):
        due[week][circle], kept[week][circle] = number or 0, well or 0
    return due, kept


def _weeks_told(lot: PlanLot, halves: list[frozenset[int]], due: Counts) -> list[date]:
    weeks = list(due)
    # The blocks in which the share of the whole programme is told, that begin after the draw counts.
    whole = [block for block in blocks([due[week] for week in weeks]) if weeks[block[0]] >= lot.counts_from]
    summed = [_summed([due[weeks[at]] for at in block]) for block in whole]
    everybody = frozenset(circle for block in summed for circle in block)
    told = told_together(summed, halves, everybody - halves[0] - halves[1])
    return [weeks[at] for block in whole[:told] for at in block]


def _summed(some: list[dict[int, int]]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for one in some:
        for circle, number in one.items():
            found[circle] += number
    return found


def _side(half: frozenset[int], weeks: list[date], due: Counts, kept: Counts) -> Side:
    by_circle = [
        (sum(due[week].get(pk, 0) for week in weeks), sum(kept[week].get(pk, 0) for week in weeks))
        for pk in sorted(half)
    ]
    rows = Commitment.objects.filter(
        circle__in=RoundCircle.objects.filter(pk__in=half).values("circle"),
        due_on__gte=weeks[0],
        due_on__lt=weeks[-1] + timedelta(days=7),
    )
    return Side(tuple(by_circle), rows.order_by().values("owner").distinct().count())


def drawn_by(circle: Circle) -> bool | None:
    """What a circle drew in a lot that still holds: offered or not; None where there was no lot, or it is over."""
    rows = PlanLotCircle.objects.filter(of__circle=circle, lot__programme__ended_at=None)
    return rows.values_list("offered", flat=True).first()
