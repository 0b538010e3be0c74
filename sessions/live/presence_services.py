"""Who is here: signals people give, presence of open pages, attendance. None of it is part of the log."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.selectors import away_at
from accounts.services import row_lock
from circles.models import Membership
from sessions.enums import Attendance, ParticipantKind, Rsvp
from sessions.live import hub
from sessions.live.windows import SEEN_FOR, attendance_open
from sessions.models import CircleSession, Participation
from sessions.services import participation_of


@transaction.atomic
def signal_set(*, session: CircleSession, user: User, signal: str, now: datetime) -> None:
    """A hand up or down, away for a moment or back. Idempotent, never stale, and not part of the log."""
    changes: dict[str, dict[str, datetime | None]] = {
        "hand": {"hand_at": now}, "hand-down": {"hand_at": None}, "away": {"away_at": now}, "back": {"away_at": None},
    }  # fmt: skip
    if not session.is_running:
        raise Refused(_("The session is not running."))
    if Participation.objects.filter(session=session, user=user).update(**changes[signal]):
        version_raise_and_tell(session)


SIGNALS = ("hand", "hand-down", "away", "back")


@transaction.atomic
def attendance_set(*, session: CircleSession, came: Sequence[int], now: datetime) -> None:
    """Correct who came (user ids), for two days after the session. Who said no beforehand stays excused."""
    row_lock(session)
    if not attendance_open(session, now=now):
        raise Refused(_("Attendance can be completed for two days after a session."))
    rows = list(Participation.objects.filter(session=session).select_related("user"))
    for row in rows:
        row.attendance = Attendance.CAME if row.user_id in came else Attendance.EXPECTED
    here, expected = attendance_settle(session, rows, until=session.ended_at or now)
    Participation.objects.bulk_update(rows, ["attendance"])
    CircleSession.objects.filter(pk=session.pk).update(
        came_count=here, expected_count=expected, version=F("version") + 1
    )


def attendance_settle(session: CircleSession, rows: Sequence[Participation], *, until: datetime) -> tuple[int, int]:
    """Say of these what not coming was, on the rows only; how many members came, and of how many.

    Counted on are those who were in the circle from the session's beginning to its end, `until`. Whoever left before,
    or joined since, missed nothing; if they came all the same they count on both sides.
    """
    away = away_from(session, rows)
    stayed = Membership.objects.filter(circle=session.circle_id, joined_at__lte=session.started_at or until)
    counted = set(stayed.filter(Q(left_at=None) | Q(left_at__gte=until)).values_list("user", flat=True))
    for row in rows:
        is_counted = row.kind != ParticipantKind.MEMBER or row.user_id in counted
        if row.attendance != Attendance.CAME and is_counted:
            row.attendance = absence_of(row, away)
    ring = [row for row in members_among(rows) if row.attendance != Attendance.EXPECTED]
    return came_of(ring), expected_of(ring, away)


def away_from(session: CircleSession, rows: Iterable[Participation]) -> set[int]:
    """Who of these is on leave on the day of a session."""
    return away_at([row.user for row in rows], [session.starts_at])[session.starts_at]


def absence_of(row: Participation, away: Collection[int]) -> Attendance:
    """What not coming is: excused for who said so beforehand, or is on leave."""
    return Attendance.EXCUSED if row.rsvp == Rsvp.NO or row.user_id in away else Attendance.MISSED


def expected_of(rows: Sequence[Participation], away: Collection[int]) -> int:
    """How many were counted on: those on leave count only if they came."""
    return sum(row.user_id not in away or row.attendance == Attendance.CAME for row in rows)


def members_among(rows: Iterable[Participation]) -> list[Participation]:
    """Those whose attendance is counted."""
    return [row for row in rows if row.kind == ParticipantKind.MEMBER]


def came_of(rows: Iterable[Participation]) -> int:
    """How many came, among rows that were read already."""
    return sum(row.attendance == Attendance.CAME for row in rows)


@transaction.atomic
def presence_arrive(*, code: UUID, users: set[int], now: datetime) -> None:
    """These people's pages have opened: screens are told once, if that is news; coming while it runs is coming."""
    # Held, so that the press which ends the session counts whoever came until then, and nobody in between.
    session = CircleSession.objects.select_for_update(no_key=True).filter(code=code).first()
    if session is None:
        return
    rows = {row.user_id: row for row in Participation.objects.filter(session=session, user__in=users)}
    missing = [user_id for user_id in users if user_id not in rows]
    for user in User.objects.filter(pk__in=missing):
        rows[user.pk] = participation_of(session=session, user=user)
    news = any(row.last_seen_at is None or row.last_seen_at < now - SEEN_FOR for row in rows.values())
    here = Participation.objects.filter(session=session, user__in=users)
    here.update(last_seen_at=now)
    came = here.filter(attendance=Attendance.EXPECTED).update(attendance=Attendance.CAME) if session.is_running else 0
    # Pages that come back after a short break are no news: else every restart would make all screens fetch anew.
    if news or came:
        version_raise_and_tell(session)


def presence_keep(*, seen: dict[str, set[int]], now: datetime) -> None:
    """Refresh who is here, for all open streams of this process in one write a session."""
    for code, users in seen.items():
        Participation.objects.filter(session__code=code, user_id__in=users).update(last_seen_at=now)


def version_raise_and_tell(session: CircleSession) -> None:
    """Screens fetch their fragment anew once this is committed. No event: steering does not compare `version`."""
    CircleSession.objects.filter(pk=session.pk).update(version=F("version") + 1)
    transaction.on_commit(lambda: hub.publish(session.code), robust=True)
