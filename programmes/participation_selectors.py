"""How a programme is doing: sums over its circles, circles worth a phone call, who looks after how many. No words."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from circles.models import Membership
from programmes.counting_selectors import COUNTS, facilitators_of, sign_words
from programmes.enums import EnrolmentStatus
from programmes.models import Enrolment, Programme, RoundCircle, WeekFigures
from programmes.rules.anonymity import blocks
from programmes.rules.participation import CadenceKept, Sign, share_of, week_of

CALLS_A_PAGE = 8
CARRIERS_A_PAGE = 60
WEEKS_SHOWN = 26


@dataclass(frozen=True)
class Filter:
    """Which part of a programme's participation is looked at."""

    first: date | None = None
    last: date | None = None
    facilitator: str = ""
    circle: str = ""

    @property
    def is_part(self) -> bool:
        """Whether circles or weeks are left out. Kept promises are shown of the whole only: of two parts, what one has
        and the other lacks could be a single circle's."""
        return bool(self.facilitator or self.circle or self.first or self.last)


def circles_in(programme: Programme, asked: Filter) -> QuerySet[RoundCircle]:
    """The programme's circles that a filter leaves, by name."""
    rows = RoundCircle.objects.filter(round__programme=programme).select_related("circle", "round")
    if asked.circle:
        rows = rows.filter(circle__name__icontains=asked.circle)
    if asked.facilitator:
        rows = rows.filter(Exists(_looks_after(asked.facilitator)))
    return rows.order_by("circle__name", "pk")


def _looks_after(name: str) -> QuerySet[Membership]:
    return Membership.objects.filter(
        circle=OuterRef("circle"), user__name__icontains=name, facilitates=True, left_at=None
    )


@dataclass(frozen=True)
class Totals:
    """A programme, or a part of it, in numbers."""

    circles: int = 0
    people: int = 0
    complete: int = 0
    slipping: int = 0
    held: int = 0
    moved: int = 0
    cut_short: int = 0
    came: int = 0
    expected: int = 0
    made: int = 0
    due: int = 0
    kept: int = 0
    calls: int = 0
    counted_at: datetime | None = None

    @property
    def filled(self) -> int | None:
        """Came of expected, in whole per cent; None where nobody was expected."""
        return share_of(self.came, self.expected)

    @property
    def kept_share(self) -> int | None:
        """Of two circles or more, none of which makes up most of it: of one, it would become a target."""
        return share_of(self.kept, self.due)


def totals_of(programme: Programme, asked: Filter, weeks: "Sequence[WeekSums] | None" = None) -> Totals:
    """Sums over the circles and weeks that a filter leaves. Two queries, one with the weeks at hand."""
    found = (
        circles_in(programme, asked)
        .order_by()
        .aggregate(
            circles=Count("pk"),
            people=Sum("seated", default=0),
            complete=Count("pk", filter=Q(seated__gt=0, signed__gte=F("seated"))),
            slipping=Count("pk", filter=Q(cadence=CadenceKept.SLIPPING.value)),
            calls=Count("pk", filter=Q(worth_a_call=True)),
            counted_at=Max("counted_at"),
        )
    )
    lines = weeks_of(programme, asked) if weeks is None else weeks
    sums = {name: sum(getattr(line, name) for line in lines) for name in COUNTS}
    return Totals(**found, **sums)


def _weeks_in(programme: Programme, asked: Filter) -> QuerySet[WeekFigures]:
    rows = WeekFigures.objects.filter(of__round__programme=programme)
    if asked.facilitator or asked.circle:
        rows = rows.filter(of__in=circles_in(programme, asked).order_by().values("pk"))
    if asked.first:
        rows = rows.filter(week__gte=week_of(asked.first))
    if asked.last:
        rows = rows.filter(week__lte=asked.last)
    return rows


@dataclass(frozen=True)
class WeekSums:
    """What happened in one week, over all circles that are looked at."""

    week: date
    held: int
    moved: int
    cut_short: int
    came: int
    expected: int
    made: int
    # Of the block of weeks that ends with this one; nothing where none does, or a part is looked at.
    due: int
    kept: int

    @property
    def filled(self) -> int | None:
        """Seats filled, in per cent."""
        return share_of(self.came, self.expected)

    @property
    def kept_share(self) -> int | None:
        """Promises kept of those that fell due since the last share, in per cent, where that tells nothing of one."""
        return share_of(self.kept, self.due)


def weeks_of(programme: Programme, asked: Filter) -> list[WeekSums]:
    """Every week in which anything happened, in order. Two queries, whatever the number of circles."""
    sums = {f"all_{name}": Sum(name, default=0) for name in COUNTS if name not in ("due", "kept")}
    # Its order is taken off first: Django would group by those columns as well.
    rows: Any = list(_weeks_in(programme, asked).order_by().values("week").annotate(**sums).order_by("week"))
    told = {} if asked.is_part else _kept_by_block(programme, [row["week"] for row in rows])
    found = []
    for row in rows:
        due, kept = told.get(row["week"], (0, 0))
        happened = {name: row[f"all_{name}"] for name in COUNTS if name not in ("due", "kept")}
        found.append(WeekSums(week=row["week"], due=due, kept=kept, **happened))
    return found


def _kept_by_block(programme: Programme, weeks: Sequence[date]) -> dict[date, tuple[int, int]]:
    """How many promises fell due and how many were kept, by the last week of each block that may be told. One query."""
    rows = WeekFigures.objects.filter(of__round__programme=programme, due__gt=0).order_by("week", "pk")
    due: dict[date, dict[int, int]] = defaultdict(dict)
    kept: dict[date, int] = defaultdict(int)
    for week, circle, number, well in rows.values_list("week", "of", "due", "kept"):
        due[week][circle] = number or 0
        kept[week] += well or 0
    found = {}
    for block in blocks([due.get(week, {}) for week in weeks]):
        within = [weeks[at] for at in block]
        found[within[-1]] = (sum(sum(due[week].values()) for week in within), sum(kept[week] for week in within))
    return found


def weeks_shown(weeks: Sequence[WeekSums]) -> list[WeekSums]:
    """The latest weeks of which there is a share to draw."""
    return [week for week in weeks if week.filled is not None or week.kept_share is not None][-WEEKS_SHOWN:]


@dataclass(frozen=True)
class Call:
    """A circle worth a phone call: why, in words, who looks after it, and what one could do."""

    row: RoundCircle
    tag: str
    why: str
    do: str
    facilitator: User | None


def calls_page(programme: Programme, asked: Filter, number: str | None) -> Page[RoundCircle]:
    """The circles worth a phone call, those that have waited longest first. One query, and one for its rows."""
    rows = circles_in(programme, asked).filter(worth_a_call=True)
    # Said, since the two databases put what is empty at different ends: who has never met comes first.
    return Paginator(rows.order_by(F("last_at").asc(nulls_first=True), "pk"), CALLS_A_PAGE).get_page(number)


def calls_of(page: Page[RoundCircle], *, now: datetime) -> list[Call]:
    """What is said of the circles of a page. Two queries."""
    rows = list(page.object_list)
    facilitators = facilitators_of([row.circle_id for row in rows])
    found = []
    for row in rows:
        who = next((user for user in facilitators[row.circle_id] if user.is_active), None)
        found.append(_call(row, who, now))
    return found


def _call(row: RoundCircle, who: User | None, now: datetime) -> Call:
    sign = Sign(row.signs[0])
    since = (now - (row.last_at or row.circle.created_at)).days
    came = ", ".join(_("%(came)s of %(expected)s") % {"came": a, "expected": b} for a, b in reversed(row.lately))
    said = {
        Sign.NOBODY_LOOKS_AFTER: (
            _("Its facilitator has left, or can no longer sign in."),
            _("Name somebody who looks after it; the circle is told who."),
        ),
        Sign.NEVER_MET: (
            _("%(n)s days since it was made, and no date.") % {"n": since},
            _("Ask what they need for a first date."),
        ),
        Sign.NO_DATE: (
            _("%(n)s days since they last met.") % {"n": since},
            _("Ask whether they want to go on, and offer help with finding a time."),
        ),
        Sign.FALLING: (
            _("Who came last: %s.") % came,
            _("Ask how it is going. A new time, or a new person, may help."),
        ),
        Sign.CANCELLED: (
            _("The last two dates or more were cancelled or not held."),
            _("Ask whether the rhythm still suits them."),
        ),
        Sign.SMALL: (
            _("%(n)s people are in it, and they wanted %(least)s at least.")
            % {"n": row.seated, "least": row.circle.min_size},
            _("Offer somebody from the waiting list, or to join another circle."),
        ),
        Sign.UNSIGNED: (
            _("Somebody’s signature is still open, after two sessions or more."),
            _("Ask whether they have read their agreement together."),
        ),
    }[sign]
    return Call(row, sign_words(sign), *said, who)


@dataclass(frozen=True)
class Carries:
    """Somebody who looks after circles of a programme, and how many."""

    user: User
    circles: int
    worth_a_call: int


# From so many on, those who look after circles are offered one of their own.
FELLOWS = 4


def fellows_of(programme: Programme) -> int:
    """How many can have a circle of facilitators: who look after a circle of the programme and can sign in; else 0."""
    number = carrying(programme).filter(is_active=True).count()
    return number if number >= FELLOWS else 0


def carrying(programme: Programme) -> QuerySet[User]:
    """Who looks after circles of the programme that are not closed, the most first: `carries`, and `calls` of those."""
    ours = RoundCircle.objects.filter(round__programme=programme)
    looks_after = Q(
        memberships__facilitates=True, memberships__left_at=None, memberships__circle__in=ours.values("circle")
    )
    calls = Q(memberships__circle__in=ours.filter(worth_a_call=True).values("circle"))
    rows = User.objects.filter(looks_after, memberships__circle__closed_at=None).annotate(
        carries=Count("memberships"), calls=Count("memberships", filter=calls)
    )
    return rows.order_by("-carries", "name", "pk")


def carried(people: Iterable[User]) -> list[Carries]:
    """The same, as a page shows it. One query."""
    counted = ((user, vars(user)) for user in people)  # what a query adds to a row stands beside its columns
    return [Carries(user, row["carries"], row["calls"]) for user, row in counted]


def people_in(programme: Programme) -> dict[str, int]:
    """How many were asked, said yes, wait, have a circle, withdrew. One query."""
    rows = Enrolment.objects.filter(programme=programme).order_by().values_list("status").annotate(number=Count("pk"))
    found = dict(rows)
    return {status: found.get(status, 0) for status in EnrolmentStatus.values}
