"""Circles by sessions, who came of how many expected: for the heat map and for the file."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules.zones import to_local
from programmes.counting_selectors import SESSIONS_SHOWN, cadence_words, facilitators_of
from programmes.models import Programme, RoundCircle
from programmes.participation_selectors import Filter, circles_in
from programmes.rules.participation import CadenceKept, shade
from sessions.enums import SessionStatus
from sessions.models import CircleSession

CIRCLES_A_PAGE = 20


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
    for session in (
        _within(rows, programme, asked)
        .exclude(status=SessionStatus.CANCELLED)
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
            cadence_words(CadenceKept(row.cadence)),
        )
        for row in shown
    ]
    return Heat(page, columns, made)


def _within(rows: QuerySet[CircleSession], programme: Programme, asked: Filter) -> QuerySet[CircleSession]:
    """Sessions of the period that is looked at; of a programme that has ended none from after its end."""
    if asked.first:
        rows = rows.filter(local_date__gte=asked.first)
    if asked.last:
        rows = rows.filter(local_date__lte=asked.last)
    return rows.filter(starts_at__lte=programme.ended_at) if programme.ended_at else rows


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
            cadence_words(CadenceKept(row.cadence)), _("yes") if row.all_signed else _("no"), row.made,
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
    found: dict[int, list[tuple[date, int, int]]] = defaultdict(list)
    columns = ("circle_id", "local_date", "came_count", "expected_count")
    for circle, on, came, expected in _within(rows, programme, asked).order_by("starts_at", "pk").values_list(*columns):
        found[circle].append((on, came, expected))
    return found
