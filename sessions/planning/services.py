"""Writes about the date of a session: planned, changed, called off, not held.

Series are in `series_services`, roles in `roles_services`, reminders in `reminder_services`; what people say to a date
and bring to it is in `bringing_services`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.each import each
from accounts.refusals import Refused
from accounts.rules.zones import to_instant
from circles.enums import CircleStatus
from circles.models import Circle, Membership
from circles.services import circle_lock
from notifications.services import messages_carry, messages_drop, messages_put, messages_wait
from sessions import kinds
from sessions.enums import OVER, Fit, Rsvp, SessionStatus, Way
from sessions.kinds import ABOUT_DATES, CANCELLED, MOVED, SCHEDULED
from sessions.models import CircleSession, FormatVersion, GuestPass, Issue, Participation, Series
from sessions.planning import reminder_services as reminders
from sessions.planning.reminder_selectors import told_of
from sessions.planning.roles_services import roles_ahead
from sessions.planning.selectors import sessions_at
from sessions.services import must_be_dated, participation_of, session_lock

# What everybody is told of when it changes.
TOLD = ("starts_at", "place", "call_link")


@dataclass(frozen=True)
class SessionDetails:
    """When, where and how a session is to be held. `local_start` is wall time, without a zone."""

    local_start: datetime
    zone: str
    format: FormatVersion
    minutes: int
    fit: str = Fit.ASK
    place: str = ""
    call_link: str = ""
    practice: bool = False


@transaction.atomic
def session_schedule(*, circle: Circle, details: SessionDetails, now: datetime) -> CircleSession:
    """Plan one session: its members are told by mail, roles are proposed, reminders planned.

    Refused in the past, and where another session of the circle is.
    """
    session = session_make(circle=circle, details=details, now=now)
    sessions_settle(circle=circle, sessions=[session], now=now)
    session_tell(session, SCHEDULED, now=now)
    return session


def session_make(
    *, circle: Circle, details: SessionDetails, now: datetime, series: Series | None = None, slot_on: date | None = None
) -> CircleSession:
    """The row of a session, alone or in a slot of a series. Refused in the past, onto another, in a closed circle."""
    circle_lock(circle)
    if circle.status == CircleStatus.CLOSED:
        raise Refused(_("This circle is closed. Its sessions are over."))
    starts_at = _future(circle, details.local_start, details.zone, details.minutes, now)
    return CircleSession.objects.create(
        circle=circle,
        series=series,
        slot_on=slot_on,
        practice=details.practice,
        changed_at=now,
        **_columns(details, starts_at),
    )


def _columns(details: SessionDetails, starts_at: datetime) -> dict[str, Any]:
    """What of a wish stands in the session's row, and can be changed while it is planned."""
    return {
        "local_date": details.local_start.date(),
        "local_time": details.local_start.time(),
        "zone": details.zone,
        "starts_at": starts_at,
        "format_version": details.format,
        "minutes": details.minutes,
        "fit": details.fit,
        "place": details.place,
        "call_link": details.call_link,
    }


def sessions_settle(*, circle: Circle, sessions: Sequence[CircleSession], now: datetime) -> None:
    """After dates have changed: roles are proposed for all that is to come, reminders planned for these.

    What somebody brought and could not tell finds its next session.
    """
    roles_ahead(circle=circle, now=now)
    issues_carry(circle=circle, now=now)
    for session in sessions:
        reminders.reminders_plan_for(session=session, now=now)


def _future(
    circle: Circle,
    local: datetime,
    zone: str,
    minutes: int,
    now: datetime,
    besides: Collection[int] = (),
) -> datetime:
    starts_at = to_instant(local, zone)
    if starts_at <= now:
        raise Refused(_("The session must be in the future."))
    span = (starts_at, starts_at + timedelta(minutes=minutes))
    if taken := sessions_at(circle, [span], besides=besides):
        raise Refused(taken_words(taken[0]))
    return starts_at


def taken_words(taken: CircleSession) -> str:
    """That a time is taken by another session of the circle."""
    return _("The circle has a session then already: %(day)s, %(time)s. Choose another time.") % {
        "day": date_format(taken.local_date, "j F"),
        "time": taken.local_time.strftime("%H:%M"),
    }


@transaction.atomic
def session_update(
    *, session: CircleSession, details: SessionDetails, now: datetime, seen: int | None = None
) -> CircleSession:
    """Change a planned session. A new time or place is mailed, earlier reminders are dropped and planned afresh.

    `seen` is the revision that the person had before them; Refused when somebody has changed it since.
    """
    seen = session.revision if seen is None else seen
    session_change(session=session, details=details, now=now, seen=seen)
    sessions_settle(circle=session.circle, sessions=[session], now=now)
    return session


def session_change(
    *,
    session: CircleSession,
    details: SessionDetails,
    now: datetime,
    seen: int,
    series: Series | None = None,
    slot_on: date | None = None,
    besides: Collection[int] = (),
    telling: bool = True,
) -> bool:
    """Write one changed session, and drop what was said of the old date. Whether people are told (or would be)."""
    session_lock(session)
    starts_at = _future(
        session.circle, details.local_start, details.zone, details.minutes, now, besides={session.pk, *besides}
    )
    was, moved = as_told(session), starts_at != session.starts_at
    changed = CircleSession.objects.filter(pk=session.pk, status=SessionStatus.PLANNED, revision=seen).update(
        series=series or session.series,
        slot_on=slot_on or session.slot_on,
        revision=F("revision") + 1,
        version=F("version") + 1,
        changed_at=now,
        **_columns(details, starts_at),
    )
    if not changed:
        raise Refused(_("Somebody else has just changed this session. Look at it again."))
    # Asked before mails are dropped: whether one still waits says which date people know.
    heard = _heard_of(session, moved)
    session.refresh_from_db()
    differs = was != as_told(session)
    _mails_follow(session, differs, moved)
    _series_edited(session)
    # A guest's link lives as long as what it is for, wherever that moves to.
    GuestPass.objects.filter(session=session, revoked_at=None).update(expires_at=session.plans_to_end_at)
    if moved:
        _date_anew(session, now)
    CircleSession.objects.filter(pk=session.pk).update(moved_from=heard)
    session.moved_from = heard
    if differs:
        session_tell(session, MOVED, now=now, members=telling)
    return differs


def as_told(session: CircleSession) -> dict[str, Any]:
    """What people are told of it: another format, or some minutes less, change nothing of where they have to be."""
    return {name: getattr(session, name) for name in TOLD}


def _date_anew(session: CircleSession, now: datetime) -> None:
    """It has another date: roles are announced afresh, and nobody has answered.

    A yes was to that evening: taken over to another it would count on people who have not said so. Another place or
    link is told and asks for no answer.
    """
    CircleSession.objects.filter(pk=session.pk).update(
        roles_announced_at=None, moves=F("moves") + 1, dated_revision=F("revision"), dated_at=now
    )
    Participation.objects.filter(session=session).update(rsvp=Rsvp.NONE, rsvp_at=None, rsvp_by=Way.PAGE)


def _heard_of(session: CircleSession, moved: bool) -> datetime | None:
    """The other time that people know of, if any: while a mail about the last move waits, the one before that."""
    if messages_wait(about_code=session.code, kinds=[SCHEDULED]):
        return None
    if messages_wait(about_code=session.code, kinds=[MOVED]):
        return session.moved_from
    return session.starts_at if moved else None


def _mails_follow(session: CircleSession, differs: bool, moved: bool) -> None:
    """What waits about another date is no longer true and is told afresh; the rest says how things are when it goes."""
    untrue = ABOUT_DATES if moved else (SCHEDULED, MOVED) if differs else ()
    messages_drop(about_code=session.code, kinds=untrue)
    messages_carry(about=reminders.about_session(session), kinds=set(ABOUT_DATES) - set(untrue))


@transaction.atomic
def session_cancel(
    *,
    session: CircleSession,
    now: datetime,
    reason: str = "",
    telling: bool = True,
    told_at: datetime | None = None,
    dated: str = "",
) -> None:
    """Cancel a planned session: everybody is told, with the reason if one is given, and nothing more is sent.

    Refused where it is another date by now than the one that was to be called off (`dated`, see `must_be_dated`).
    They are told at once, or at `told_at`: until then it can be taken back without a word (`taking_back_services`).
    Where its members hear of it in another mail (`telling` is false) its guests, who do not, are still told.
    """
    session_lock(session)
    must_be_dated(session, dated)
    _close(session, SessionStatus.CANCELLED, now, reason=reason)
    messages_drop(about_code=session.code, kinds=ABOUT_DATES)
    session.refresh_from_db()
    session_tell(session, CANCELLED, now=now, members=telling, due_at=told_at)
    sessions_settle(circle=session.circle, sessions=[], now=now)


@transaction.atomic
def session_not_held(*, session: CircleSession, now: datetime) -> None:
    """Say honestly, afterwards, that a planned session did not happen. Nobody is written to."""
    session_lock(session)
    if session.starts_at > now:
        raise Refused(_("This session is still to come."))
    _close(session, SessionStatus.NOT_HELD, now)
    sessions_settle(circle=session.circle, sessions=[], now=now)


def _series_edited(session: CircleSession) -> None:
    """Count an edit of the series, so that somebody who has an older state before them is told."""
    if session.series_id:
        Series.objects.filter(pk=session.series_id).update(edits=F("edits") + 1)


def _close(session: CircleSession, status: SessionStatus, now: datetime, **changes: str) -> None:
    closed = CircleSession.objects.filter(pk=session.pk, status=SessionStatus.PLANNED).update(
        status=status, revision=F("revision") + 1, version=F("version") + 1, changed_at=now, **changes
    )
    if not closed:
        raise Refused(_("This session has started or was cancelled already."))
    _series_edited(session)


def session_tell(
    session: CircleSession, kind: str, *, now: datetime, members: bool = True, due_at: datetime | None = None
) -> None:
    """Write one mail to everybody who is told about a session: its guests, and its members unless they hear of more."""
    people = told_of([session])[session.pk]
    messages_put(
        kind=kind,
        about=reminders.about_session(session),
        to=[user for user, member in people if members or member is None],
        due_at=due_at or now,
        now=now,
    )


def starts_recompute(*, now: datetime) -> int:
    """Where the zone database has changed, planned sessions keep their wall time and get a new instant. How many."""
    planned = CircleSession.objects.filter(status=SessionStatus.PLANNED, starts_at__gt=now).select_related("circle")
    return each("zones that changed", planned.iterator(chunk_size=500), lambda session: _start_recompute(session, now))


def _start_recompute(session: CircleSession, now: datetime) -> bool:
    session_lock(session)
    starts_at = to_instant(datetime.combine(session.local_date, session.local_time), session.zone)
    if starts_at == session.starts_at:
        return False
    CircleSession.objects.filter(pk=session.pk, status=SessionStatus.PLANNED).update(
        starts_at=starts_at,
        moved_from=session.starts_at,
        revision=F("revision") + 1,
        version=F("version") + 1,
        changed_at=now,
    )
    session.refresh_from_db()
    messages_carry(about=reminders.about_session(session), kinds=[kinds.ROLE_NEXT])
    messages_drop(about_code=session.code, kinds=set(ABOUT_DATES) - {kinds.ROLE_NEXT})
    if starts_at > now:
        session_tell(session, MOVED, now=now)
        reminders.reminders_plan_for(session=session, now=now)
    return True


@transaction.atomic
def issues_carry(*, circle: Circle, now: datetime) -> int:
    """What was brought and not told goes on to the circle's next session, while its owner is in the circle. How many.

    It stays where it is while nothing is planned, and where its owner brings something else next time.
    """
    coming = CircleSession.objects.filter(circle=circle, status=SessionStatus.PLANNED, starts_at__gt=now)
    following = coming.order_by("starts_at", "pk").first()
    if following is None:
        return 0
    member = Membership.objects.filter(circle=circle, user=OuterRef("owner"), left_at=None, takes_part=True)
    brings = Issue.objects.filter(session=following, owner=OuterRef("owner"))
    waiting = Issue.objects.filter(Exists(member), ~Exists(brings), session__circle=circle, told=False)
    carried = 0
    for issue in waiting.filter(session__status__in=OVER).order_by("-session__starts_at", "-pk"):
        if not Issue.objects.filter(session=following, owner=issue.owner).exists():
            carried += Issue.objects.filter(pk=issue.pk).update(session=following)
            part = participation_of(session=following, user=issue.owner)
            Participation.objects.filter(pk=part.pk).update(presents=True)
    return carried
