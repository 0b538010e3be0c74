"""A session that was called off takes place after all: for a day, and without a word while its mails still wait."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused
from circles.enums import CircleStatus
from circles.services import circle_lock
from notifications.selectors import heard_when
from notifications.services import messages_drop
from sessions.enums import SessionStatus
from sessions.kinds import CANCELLED, SCHEDULED, SERIES_CANCELLED, SERIES_SCHEDULED
from sessions.models import CircleSession, Issue, Participation
from sessions.planning.reminder_services import news_again
from sessions.planning.selectors import made_instead, sessions_at
from sessions.planning.series_services import family_of, series_tell
from sessions.planning.services import session_cancel, session_tell, sessions_settle, taken_words
from sessions.services import session_lock

# So long the mails that it is off wait, so that a slip of the hand is told to nobody.
UNDO_WITHIN = timedelta(minutes=10)
TAKEN_BACK_FOR = timedelta(days=1)
GONE = _("It cannot be taken back any more. Choose a new date.")


def told_at(session: CircleSession, *, now: datetime) -> datetime:
    """When people are told that it is off: ten minutes from now, sooner when it would have begun within the hour."""
    return now + min(UNDO_WITHIN, max(timedelta(0), session.starts_at - now) / 6)


def may_take_back(session: CircleSession, *, now: datetime) -> bool:
    """Cancelled, within the last day, and still to come."""
    since = session.changed_at
    cancelled = session.status == SessionStatus.CANCELLED and session.starts_at > now
    return cancelled and since is not None and now < since + TAKEN_BACK_FOR


def called_off_with(session: CircleSession) -> list[CircleSession]:
    """What was cancelled in the same moment in the same series, this one among it. Two queries."""
    if session.series is None:
        return [session]
    rows = CircleSession.objects.filter(
        series__in=family_of(session.series), status=SessionStatus.CANCELLED, changed_at=session.changed_at
    )
    return list(rows.select_related("circle", "format_version", "series").order_by("starts_at", "pk"))


def was_told(session: CircleSession, *, now: datetime) -> bool:
    """Whether anybody has heard, or hears at this moment, that a cancelled session is off: alone or with its series."""
    about = [session.code]
    if session.series is not None:
        about += [one.code for one in family_of(session.series)]
    kinds = [CANCELLED, SERIES_CANCELLED]
    return heard_when(about_codes=about, kinds=kinds, written_at=session.changed_at or now, now=now)


@transaction.atomic
def session_take_back(*, session: CircleSession, now: datetime) -> bool:
    """Plan a cancelled session again, as it was. Whether people had heard that it was off, and are told otherwise.

    What was carried on to the next session comes back with it, and a date that was made at the end of the series in
    its place is called off. Refused after a day, when it would have begun, in a closed circle, and where the circle
    has planned another session for that time since.
    """
    session_lock(session)
    instead = made_instead(session)
    before, called_off_at = session.revision, session.changed_at or now
    heard = _plan_again(session, now)
    if instead:
        # Whoever has heard of the one has heard of the other in the same mail.
        session_cancel(session=instead, now=now, telling=heard)
    news_again(session, was=before - 1, since=called_off_at, now=now)
    sessions_settle(circle=session.circle, sessions=[session], now=now)
    if heard:
        session_tell(session, SCHEDULED, now=now)
    return heard


@transaction.atomic
def series_take_back(*, session: CircleSession, now: datetime) -> tuple[int, bool]:
    """Plan again all that was cancelled together with a session: how many, and whether people had heard of it.

    They hear of all in one mail then. Refused as one session is, and then nothing is written.
    """
    circle_lock(session.circle)
    session.refresh_from_db()
    together = called_off_with(session)
    if session.pk not in [one.pk for one in together]:
        raise Refused(GONE)
    heard = was_told(session, now=now)
    for one in together:
        before, called_off_at = one.revision, one.changed_at or now
        guests = heard_when(about_codes=[one.code], kinds=[CANCELLED], written_at=called_off_at, now=now)
        _plan_again(one, now)
        if guests:
            session_tell(one, SCHEDULED, now=now, members=False)
        if not heard:
            news_again(one, was=before - 1, since=called_off_at, now=now)
    sessions_settle(circle=session.circle, sessions=together, now=now)
    if heard:
        for series in {one.series_id: one.series for one in together if one.series}.values():
            series_tell(series, [one for one in together if one.series_id == series.pk], SERIES_SCHEDULED, now)
    return len(together), heard


def _plan_again(session: CircleSession, now: datetime) -> bool:
    """The row of a cancelled session as it was, with what people had brought. Whether they had heard that it is off."""
    if session.circle.status == CircleStatus.CLOSED or not may_take_back(session, now=now):
        raise Refused(GONE)
    span = (session.starts_at, session.plans_to_end_at)
    if taken := sessions_at(session.circle, [span], besides=[session.pk]):
        raise Refused(taken_words(taken[0]))
    # What is said of several in one mail looks, when it goes, at what is still off.
    messages_drop(about_code=session.code, kinds=[CANCELLED])
    heard = was_told(session, now=now)
    taken_back = CircleSession.objects.filter(
        pk=session.pk, status=SessionStatus.CANCELLED, revision=session.revision
    ).update(
        status=SessionStatus.PLANNED,
        reason="",
        revision=F("revision") + 1,
        version=F("version") + 1,
        changed_at=now,
    )
    if not taken_back:
        raise Refused(GONE)
    session.refresh_from_db()
    _issues_back(session)
    return heard


def _issues_back(session: CircleSession) -> None:
    """What people had brought to it, and went on to a later session when it was called off."""
    later = CircleSession.objects.filter(
        circle=session.circle_id, status=SessionStatus.PLANNED, starts_at__gt=session.starts_at
    )
    brought = Participation.objects.filter(session=session, presents=True)
    owners = brought.exclude(user__in=Issue.objects.filter(session=session).values("owner")).values("user")
    for issue in Issue.objects.filter(owner__in=owners, told=False, session__in=later).order_by("session__starts_at"):
        if Issue.objects.filter(session=session, owner=issue.owner).exists():
            continue
        Participation.objects.filter(session=issue.session_id, user=issue.owner).update(presents=False)
        Issue.objects.filter(pk=issue.pk).update(session=session)
