"""Reads about how circles are doing: dates and counts only. No query here names a column that holds words.

`seen_of` is what administrators see of one circle, and the very thing its members are shown under “What administrators
can see about us”.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.zones import to_local
from agreements.enums import CommitmentStatus
from agreements.models import AgreementVersion, Commitment, Signature
from circles.enums import Cadence as Rhythm
from circles.models import Circle, Membership
from programmes.anonymity import FEWEST_CIRCLES
from programmes.enums import EnrolmentStatus
from programmes.models import Enrolment, Programme, RoundCircle, WeekFigures
from programmes.participation import Cadence, Dates, Held, Sign, cadence_of, shade, share_of, week_of
from sessions.enums import SessionStatus
from sessions.models import CircleSession

CIRCLES_A_PAGE = 20
CALLS_SHOWN = 8
WEEKS_SHOWN = 26
SESSIONS_SHOWN = 60
# What is counted of each week.
COUNTS = ("held", "moved", "cut_short", "came", "expected", "made", "due", "kept")
CHOICES_SHOWN = 300


@dataclass(frozen=True)
class Counted:
    """One circle, counted: its dates, commitments made, and counts by week."""

    dates: Dates
    made: int
    weeks: dict[date, dict[str, int]]


def _nothing() -> dict[str, int]:
    return dict.fromkeys(COUNTS, 0)


def counted(circles: Sequence[Circle], *, now: datetime) -> dict[int, Counted]:
    """Dates and counts of some circles, by their id. Five queries, however many circles."""
    sessions: dict[int, list[CircleSession]] = defaultdict(list)
    rows = CircleSession.objects.filter(circle__in=circles, practice=False).only(
        "circle_id", "status", "starts_at", "local_date", "came_count", "expected_count", "moves", "stopped"
    )
    for session in rows.order_by("starts_at", "pk"):
        sessions[session.circle_id].append(session)
    people = _people(circles)
    signed = signed_in(circles)
    promises = _promises(circles, now)
    found = {}
    for circle in circles:
        weeks = _weeks(sessions[circle.pk], promises[circle.pk])
        seated, facilitators = people.get(circle.pk, (0, 0))
        dates = _dates(circle, sessions[circle.pk], seated, facilitators, signed.get(circle.pk, 0), now)
        found[circle.pk] = Counted(dates, sum(week["made"] for week in weeks.values()), weeks)
    return found


def _dates(
    circle: Circle, sessions: Sequence[CircleSession], seated: int, facilitators: int, signed: int, now: datetime
) -> Dates:
    held = [one for one in sessions if one.status == SessionStatus.ENDED]
    planned = [one.starts_at for one in sessions if one.status == SessionStatus.PLANNED and one.starts_at > now]
    fell_out = 0
    for one in reversed([one for one in sessions if one.starts_at <= now]):
        if one.status not in (SessionStatus.CANCELLED, SessionStatus.NOT_HELD):
            break
        fell_out += 1
    return Dates(
        began_at=circle.created_at,
        rhythm=timedelta(days=Rhythm(circle.cadence).days),
        status=circle.status,
        least=circle.min_size,
        seated=seated,
        signed=signed,
        facilitators=facilitators,
        held=[Held(one.starts_at, one.came_count, one.expected_count) for one in held],
        next_at=planned[0] if planned else None,
        cancelled_last=fell_out,
    )


def _people(circles: Sequence[Circle]) -> dict[int, tuple[int, int]]:
    """How many have a seat, and how many look after the circle and can still sign in."""
    rows = Membership.objects.filter(circle__in=circles, left_at=None).order_by().values("circle_id")
    facilitates = Q(user__is_active=True) & (Q(facilitates=True) | Q(circle__self_run=True, takes_part=True))
    found = rows.annotate(
        seated=Count("pk", filter=Q(takes_part=True)), facilitators=Count("pk", filter=facilitates)
    ).values_list("circle_id", "seated", "facilitators")
    return {pk: (seated, facilitators) for pk, seated, facilitators in found}


def signed_in(circles: Sequence[Circle]) -> dict[int, int]:
    """How many people with a seat have signed the agreement in force, by circle. One query."""
    newer = AgreementVersion.objects.filter(
        agreement=OuterRef("version__agreement"), number__gt=OuterRef("version__number")
    )
    seated = Membership.objects.filter(
        circle=OuterRef("version__agreement__circle"), user=OuterRef("user"), left_at=None, takes_part=True
    )
    rows = Signature.objects.filter(~Exists(newer), Exists(seated), version__agreement__circle__in=circles)
    return dict(rows.order_by().values_list("version__agreement__circle").annotate(signed=Count("pk")))


def _promises(circles: Sequence[Circle], now: datetime) -> dict[int, dict[date, dict[str, int]]]:
    """Commitments made, fallen due and kept, by circle and week. Two queries."""
    found: dict[int, dict[date, dict[str, int]]] = defaultdict(lambda: defaultdict(_nothing))
    rows = Commitment.objects.filter(circle__in=circles).order_by()
    made = rows.values_list("circle_id").annotate(week=TruncWeek("made_at"), number=Count("pk"))
    for circle, week, number in made:
        found[circle][week.date()]["made"] += number
    kept = Count("pk", filter=Q(status=CommitmentStatus.KEPT))
    due = rows.filter(due_on__lte=now.date()).values_list("circle_id").annotate(week=TruncWeek("due_on"))
    for circle, week, number, well in due.annotate(number=Count("pk"), well=kept):
        found[circle][week]["due"] += number
        found[circle][week]["kept"] += well
    return found


def _weeks(sessions: Sequence[CircleSession], promises: dict[date, dict[str, int]]) -> dict[date, dict[str, int]]:
    weeks: dict[date, dict[str, int]] = defaultdict(_nothing, promises)
    for one in sessions:
        if one.status != SessionStatus.ENDED and not one.moves:
            continue
        week = weeks[week_of(one.local_date)]
        week["moved"] += one.moves
        if one.status == SessionStatus.ENDED:
            week["held"] += 1
            week["cut_short"] += one.stopped
            week["came"] += one.came_count
            week["expected"] += one.expected_count
    return dict(weeks)


# What is known of one circle


@dataclass(frozen=True)
class Seen:
    """Everything administrators can see of one circle: the list of MISSION.md."""

    circle: Circle
    rhythm: str
    cadence: str
    signatures_complete: bool
    made: int
    sessions: list[Any]


def seen_of(circle: Circle, *, now: datetime) -> Seen:
    """What administrators see of one circle, at this moment. Six queries."""
    one = counted([circle], now=now)[circle.pk]
    rows = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED, practice=False)
    latest = rows.order_by("-starts_at", "-pk").values("starts_at", "came_count", "expected_count")
    return Seen(
        circle,
        circle.get_cadence_display(),
        cadence_words(cadence_of(one.dates, now)),
        one.dates.seated > 0 and one.dates.signed >= one.dates.seated,
        one.made,
        list(latest[:SESSIONS_SHOWN]),
    )


def led_by(circle: Circle) -> Programme | None:
    """The programme a circle belongs to, if any."""
    row = RoundCircle.objects.filter(circle=circle).select_related("round__programme").first()
    return row.round.programme if row else None


# A programme


@dataclass(frozen=True)
class Filter:
    """Which part of a programme's participation is looked at."""

    first: date | None = None
    last: date | None = None
    facilitator: str = ""
    circle: str = ""

    @property
    def is_part(self) -> bool:
        """Whether some circles are left out: the share of kept promises is shown for the whole programme only."""
        return bool(self.facilitator or self.circle)


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
    # Whether promises of at least two circles fell due in one of the weeks.
    kept_of_several: bool = False

    @property
    def filled(self) -> int | None:
        return share_of(self.came, self.expected)

    @property
    def kept_share(self) -> int | None:
        """Of two circles or more: of one, it would become a target."""
        return share_of(self.kept, self.due) if self.kept_of_several else None


def totals_of(programme: Programme, asked: Filter, weeks: Sequence["WeekSums"] | None = None) -> Totals:
    """Sums over the circles and weeks that a filter leaves. Two queries, one with the weeks at hand."""
    found = (
        circles_in(programme, asked)
        .order_by()
        .aggregate(
            circles=Count("pk"),
            people=Sum("seated", default=0),
            complete=Count("pk", filter=Q(seated__gt=0, signed__gte=F("seated"))),
            slipping=Count("pk", filter=Q(cadence=Cadence.SLIPPING.value)),
            calls=Count("pk", filter=Q(worth_a_call=True)),
            counted_at=Max("counted_at"),
        )
    )
    lines = weeks_of(programme, asked) if weeks is None else weeks
    sums = {name: sum(getattr(line, name) for line in lines) for name in COUNTS}
    return Totals(**found, **sums, kept_of_several=any(line.due_in >= FEWEST_CIRCLES for line in lines))


def _weeks_in(programme: Programme, asked: Filter) -> QuerySet[WeekFigures]:
    rows = WeekFigures.objects.filter(of__round__programme=programme)
    if asked.is_part:
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
    due: int
    kept: int
    # Of how many circles promises fell due.
    due_in: int

    @property
    def filled(self) -> int | None:
        """Seats filled, in per cent."""
        return share_of(self.came, self.expected)

    @property
    def kept_share(self) -> int | None:
        """Promises kept of those that fell due, in per cent; of two circles or more."""
        return share_of(self.kept, self.due) if self.due_in >= FEWEST_CIRCLES else None


def weeks_of(programme: Programme, asked: Filter) -> list[WeekSums]:
    """Every week in which anything happened, in order. One query, whatever the number of circles."""
    sums = {f"all_{name}": Sum(name) for name in COUNTS}
    due_in = Count("pk", filter=Q(due__gt=0))
    rows: Any = _weeks_in(programme, asked).order_by().values("week").annotate(due_in=due_in, **sums).order_by("week")
    return [
        WeekSums(week=row["week"], due_in=row["due_in"], **{name: row[f"all_{name}"] for name in COUNTS})
        for row in rows
    ]


def weeks_shown(weeks: Sequence[WeekSums]) -> list[WeekSums]:
    """The latest weeks of which there is a share to draw."""
    return [week for week in weeks if week.filled is not None or week.kept_share is not None][-WEEKS_SHOWN:]


# Circles that somebody should ring


@dataclass(frozen=True)
class Call:
    """A circle worth a phone call: why, in words, who looks after it, and what one could do."""

    row: RoundCircle
    tag: str
    why: str
    do: str
    facilitator: User | None


def calls_of(programme: Programme, asked: Filter, *, now: datetime) -> list[Call]:
    """The circles that have waited longest first. Two queries."""
    rows = list(
        circles_in(programme, asked)
        .filter(worth_a_call=True)
        .order_by(F("last_at").asc(nulls_first=True), "pk")[:CALLS_SHOWN]
    )
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
            _("Nobody looks after it"),
            _("Its facilitator has left, or can no longer sign in."),
            _("Name somebody who looks after it; the circle is told who."),
        ),
        Sign.NEVER_MET: (
            _("Has not met yet"),
            _("%(n)s days since it was made, and no date.") % {"n": since},
            _("Ask what they need for a first date."),
        ),
        Sign.NO_DATE: (
            _("No date set"),
            _("%(n)s days since they last met.") % {"n": since},
            _("Ask whether they want to go on, and offer help with finding a time."),
        ),
        Sign.FALLING: (
            _("Falling attendance"),
            _("Who came last: %s.") % came,
            _("Ask how it is going. A new time, or a new person, may help."),
        ),
        Sign.CANCELLED: (
            _("Sessions fall out"),
            _("The last two dates or more were cancelled or not held."),
            _("Ask whether the rhythm still suits them."),
        ),
        Sign.SMALL: (
            _("Fewer than they wanted"),
            _("%(n)s people are in it, and they wanted %(least)s at least.")
            % {"n": row.seated, "least": row.circle.min_size},
            _("Offer somebody from the waiting list, or to join another circle."),
        ),
        Sign.UNSIGNED: (
            _("Not all have signed"),
            _("Somebody’s signature is still open, after two sessions or more."),
            _("Ask whether they have read their agreement together."),
        ),
    }[sign]
    return Call(row, *said, who)


def facilitators_of(circles: Collection[int]) -> dict[int, list[User]]:
    """Who looks after some circles, by circle. One query."""
    found: dict[int, list[User]] = defaultdict(list)
    rows = Membership.objects.filter(circle__in=circles, facilitates=True, left_at=None).select_related("user")
    for row in rows.order_by("joined_at", "pk"):
        found[row.circle_id].append(row.user)
    return found


# The heat map


@dataclass(frozen=True)
class Cell:
    """One session of one circle in the heat map: its shade and what stands in it."""

    shade: str
    text: str
    said: str = ""


@dataclass(frozen=True)
class HeatRow:
    """One circle in the heat map and in the tables under it."""

    row: RoundCircle
    cells: list[Cell]
    facilitators: list[User]
    cadence: str


CADENCE_WORDS = {
    Cadence.NOT_YET: lambda: _("not yet"),
    Cadence.KEPT: lambda: _("kept"),
    Cadence.SLIPPING: lambda: _("slipping"),
    Cadence.ON_HOLD: lambda: _("on hold"),
    Cadence.CLOSED: lambda: _("closed"),
}


def cadence_words(cadence: Cadence) -> str:
    return CADENCE_WORDS[cadence]()


@dataclass(frozen=True)
class Heat:
    """A page of the heat map."""

    page: Page[RoundCircle]
    columns: range
    rows: list[HeatRow]


def heat_of(
    programme: Programme, asked: Filter, number: str | None, *, now: datetime, size: int = CIRCLES_A_PAGE
) -> Heat:
    """Circles by sessions: came of expected, or when it is to be. Four queries for each page."""
    page = Paginator(circles_in(programme, asked), size).get_page(number)
    shown = list(page.object_list)
    sessions: dict[int, list[CircleSession]] = defaultdict(list)
    rows = CircleSession.objects.filter(circle__in=[row.circle_id for row in shown], practice=False)
    if asked.first:
        rows = rows.filter(local_date__gte=asked.first)
    if asked.last:
        rows = rows.filter(local_date__lte=asked.last)
    for session in (
        rows.exclude(status=SessionStatus.CANCELLED)
        .only("circle_id", "status", "starts_at", "came_count", "expected_count", "zone")
        .order_by("starts_at", "pk")
    ):
        sessions[session.circle_id].append(session)
    widest = max([programme.sessions, *(len(sessions[row.circle_id]) for row in shown)])
    columns = range(1, min(widest, SESSIONS_SHOWN) + 1)
    facilitators = facilitators_of([row.circle_id for row in shown])
    made = [
        HeatRow(
            row,
            _cells(sessions[row.circle_id], len(columns), now, programme.time_zone),
            facilitators[row.circle_id],
            cadence_words(Cadence(row.cadence)),
        )
        for row in shown
    ]
    return Heat(page, columns, made)


def _cells(sessions: Sequence[CircleSession], width: int, now: datetime, zone: str) -> list[Cell]:
    cells = [_cell(session, now, zone) for session in sessions[:width]]
    return cells + [Cell("h0", "", _("Not yet"))] * (width - len(cells))


def _cell(session: CircleSession, now: datetime, zone: str) -> Cell:
    if session.status == SessionStatus.ENDED:
        said = _("%(came)s of %(expected)s") % {"came": session.came_count, "expected": session.expected_count}
        return Cell(shade(session.came_count, session.expected_count), said)
    local, today = to_local(session.starts_at, zone), to_local(now, zone).date()
    if session.status == SessionStatus.RUNNING or local.date() == today:
        return Cell("h0", _("today"))
    if session.status == SessionStatus.NOT_HELD or session.starts_at < now:
        return Cell("h0", _("not held"))
    return Cell("h0", date_format(local, "j M"))


# Facilitators and choices


@dataclass(frozen=True)
class Carries:
    """Somebody who looks after circles of a programme, and how many."""

    user: User
    circles: int
    worth_a_call: int


def carried(programme: Programme) -> list[Carries]:
    """Who looks after how many circles of the programme that are not closed, the most first. One query."""
    ours = RoundCircle.objects.filter(round__programme=programme)
    looks_after = Q(
        memberships__facilitates=True, memberships__left_at=None, memberships__circle__in=ours.values("circle")
    )
    calls = Q(memberships__circle__in=ours.filter(worth_a_call=True).values("circle"))
    rows = User.objects.filter(looks_after, memberships__circle__closed_at=None).annotate(
        carries=Count("memberships"), calls=Count("memberships", filter=calls)
    )
    found = rows.order_by("-carries", "name", "pk")[:CHOICES_SHOWN]
    return [Carries(user, user.carries, user.calls) for user in found]


def people_in(programme: Programme) -> dict[str, int]:
    """How many were asked, said yes, wait, have a circle, withdrew. One query."""
    rows = Enrolment.objects.filter(programme=programme).order_by().values_list("status").annotate(number=Count("pk"))
    found = dict(rows)
    return {status: found.get(status, 0) for status in EnrolmentStatus.values}


def export_rows(programme: Programme, asked: Filter) -> Iterator[list[object]]:
    """The heat map and what is known of each circle, a row a session, for a file. Two queries."""
    yield [
        _("circle"), _("round"), _("cadence"), _("how it keeps it"), _("all have signed"), _("commitments made"),
        _("session"), _("date"), _("came"), _("expected"),
    ]  # fmt: skip
    held = _held_of(programme, asked)
    for row in circles_in(programme, asked):
        known = [
            row.circle.name, row.round.number, str(row.circle.get_cadence_display()),
            cadence_words(Cadence(row.cadence)), _("yes") if row.all_signed else _("no"), row.made,
        ]  # fmt: skip
        sessions = held.get(row.circle_id, [])
        if not sessions:
            yield [*known, "", "", "", ""]
        for number, (on, came, expected) in enumerate(sessions, start=1):
            yield [*known, number, on.isoformat(), came, expected]


def _held_of(programme: Programme, asked: Filter) -> dict[int, list[tuple[date, int, int]]]:
    """Day, came and expected of every held session that a filter leaves, by circle. One query."""
    rows = CircleSession.objects.filter(
        circle__in=circles_in(programme, asked).order_by().values("circle"),
        status=SessionStatus.ENDED,
        practice=False,
    )
    if asked.first:
        rows = rows.filter(local_date__gte=asked.first)
    if asked.last:
        rows = rows.filter(local_date__lte=asked.last)
    found: dict[int, list[tuple[date, int, int]]] = defaultdict(list)
    columns = ("circle_id", "local_date", "came_count", "expected_count")
    for circle, on, came, expected in rows.order_by("starts_at", "pk").values_list(*columns):
        found[circle].append((on, came, expected))
    return found
