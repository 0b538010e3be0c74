"""Counting circles: dates and counts only. No query here names a column that holds words.

`seen_of` is what administrators see of one circle, and the very thing its members are shown under “What administrators
can see about us”.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import TruncWeek
from django.utils.translation import gettext as _

from accounts.models import User
from agreements.enums import CommitmentStatus
from agreements.models import Commitment
from agreements.selectors import signatures_in_force
from circles.enums import Cadence as Rhythm
from circles.models import Circle, Membership
from programmes.models import Programme, RoundCircle
from programmes.rules.participation import CadenceKept, Dates, HeldSession, Sign, cadence_of, signs_of, week_of
from sessions.enums import SessionStatus
from sessions.models import CircleSession

SESSIONS_SHOWN = 60
# What is counted of each week.
COUNTS = ("held", "moved", "cut_short", "came", "expected", "made", "due", "kept")
CADENCE_WORDS = {
    CadenceKept.NOT_YET: lambda: _("not yet"),
    CadenceKept.KEPT: lambda: _("as planned"),
    CadenceKept.SLIPPING: lambda: _("behind"),
    CadenceKept.ON_HOLD: lambda: _("on hold"),
    CadenceKept.CLOSED: lambda: _("closed"),
}


SIGN_WORDS = {
    Sign.NOBODY_LOOKS_AFTER: lambda: _("Nobody looks after it"),
    Sign.NEVER_MET: lambda: _("Has not met yet"),
    Sign.NO_DATE: lambda: _("No date set"),
    Sign.FALLING: lambda: _("Falling attendance"),
    Sign.CANCELLED: lambda: _("Sessions fall out"),
    Sign.SMALL: lambda: _("Fewer than they wanted"),
    Sign.UNSIGNED: lambda: _("Not all have signed"),
}


def cadence_words(cadence: CadenceKept) -> str:
    """How a circle keeps to its rhythm, in words that say what is seen and blame nobody."""
    return CADENCE_WORDS[cadence]()


def sign_words(sign: Sign) -> str:
    """Why a circle may be worth a phone call."""
    return SIGN_WORDS[sign]()


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
    signed = signed_by_circle(circles)
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
        held=[HeldSession(one.starts_at, one.came_count, one.expected_count) for one in held],
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


def signed_by_circle(circles: Sequence[Circle]) -> dict[int, int]:
    """How many people with a seat have signed the agreement in force, by circle. One query."""
    seated = Membership.objects.filter(
        circle=OuterRef("version__agreement__circle"), user=OuterRef("user"), left_at=None, takes_part=True
    )
    rows = signatures_in_force().filter(Exists(seated), version__agreement__circle__in=circles)
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


@dataclass(frozen=True)
class Seen:
    """Everything administrators can see of one circle: what their pages and their file are made of."""

    circle: Circle
    at: datetime
    facilitators: list[User]
    seated: int
    rhythm: str
    cadence: str
    signatures_complete: bool
    made: int
    moved: int
    cut_short: int
    # Why it is worth a phone call: the sign that is shown, or nothing.
    sign: str
    # Those held with their counts, those to come or not held with their dates; the latest first.
    sessions: list[CircleSession]


def seen_of(circle: Circle, *, now: datetime) -> Seen:
    """What administrators see of one circle, at this moment, or as it was when its programme ended. Eight queries.

    Commitments are counted once a week has ended, with the programme's other figures.
    """
    row = row_of(circle)
    ended_at = row.round.programme.ended_at if row else None
    dates = CircleSession.objects.filter(circle=circle, practice=False).exclude(status=SessionStatus.CANCELLED)
    dates = dates.only("circle_id", "status", "starts_at", "came_count", "expected_count")
    if row and ended_at:
        dates = dates.filter(starts_at__lte=ended_at)
        seated, cadence, complete = row.seated, CadenceKept(row.cadence), row.all_signed
        made, signs = row.made, [Sign(sign) for sign in row.signs]
        weeks = [{"moved": week.moved, "cut_short": week.cut_short} for week in row.weeks.all()]
    else:
        one = counted([circle], now=now)[circle.pk]
        seated, cadence, signs = one.dates.seated, cadence_of(one.dates, now), signs_of(one.dates, now)
        complete = seated > 0 and one.dates.signed >= seated
        made, weeks = row.made if row else one.made, list(one.weeks.values())
    return Seen(
        circle=circle,
        at=now,
        facilitators=facilitators_of([circle.pk])[circle.pk],
        seated=seated,
        rhythm=circle.get_cadence_display(),
        cadence=cadence_words(cadence),
        signatures_complete=complete,
        made=made,
        moved=sum(week["moved"] for week in weeks),
        cut_short=sum(week["cut_short"] for week in weeks),
        sign=sign_words(signs[0]) if signs else "",
        sessions=list(dates.order_by("-starts_at", "-pk")[:SESSIONS_SHOWN]),
    )


def facilitators_of(circles: Collection[int]) -> dict[int, list[User]]:
    """Who looks after some circles, by circle. One query."""
    found: dict[int, list[User]] = defaultdict(list)
    rows = Membership.objects.filter(circle__in=circles, facilitates=True, left_at=None).select_related("user")
    for row in rows.order_by("joined_at", "pk"):
        found[row.circle_id].append(row.user)
    return found


def row_of(circle: Circle) -> RoundCircle | None:
    """How a circle belongs to a programme, if it does. One query."""
    return RoundCircle.objects.filter(circle=circle).select_related("round__programme").first()


def led_by(circle: Circle) -> Programme | None:
    """The programme a circle belongs to, if any."""
    row = row_of(circle)
    return row.round.programme if row else None
