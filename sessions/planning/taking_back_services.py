"""A session that was called off takes place after all: for a day, and without a word while its mails still wait."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from circles.enums import CircleStatus
from notifications.selectors import heard_of, taken_from
from notifications.services import messages_drop, messages_put
from sessions.enums import SessionStatus
from sessions.kinds import CANCELLED, MOVED, SCHEDULED
from sessions.models import CircleSession, Issue, Participation
from sessions.planning import reminder_services as reminders
from sessions.planning.selectors import sessions_at
from sessions.planning.services import settle, taken_words, tell
from sessions.services import session_lock

# So long the mails that it is off wait, so that a slip of the hand is told to nobody.
UNDO_WITHIN = timedelta(minutes=10)
TAKEN_BACK_FOR = timedelta(days=1)


def told_at(session: CircleSession, *, now: datetime) -> datetime:
    """When people are told that it is off: ten minutes from now, sooner when it would have begun within the hour."""
    return now + min(UNDO_WITHIN, max(timedelta(0), session.starts_at - now) / 6)


def may_take_back(session: CircleSession, *, now: datetime) -> bool:
    """Cancelled, within the last day, and still to come."""
    since = session.changed_at
    cancelled = session.status == SessionStatus.CANCELLED and session.starts_at > now
    return cancelled and since is not None and now < since + TAKEN_BACK_FOR


@transaction.atomic
def session_take_back(*, session: CircleSession, by: User, now: datetime) -> bool:
    """Plan a cancelled session again, as it was. Whether people had heard that it was off, and are told otherwise.

    What was carried on to the next session comes back with it. Refused after a day, when it would have begun, in a
    closed circle, and where the circle has planned another session for that time since.
    """
    session_lock(session)
    if session.circle.status == CircleStatus.CLOSED or not may_take_back(session, now=now):
        raise Refused(_("It cannot be taken back any more. Choose a new date."))
    span = (session.starts_at, session.plans_to_end_at)
    if taken := sessions_at(session.circle, [span], besides=[session.pk]):
        raise Refused(taken_words(taken[0]))
    heard = heard_of(about_code=session.code, kinds=[CANCELLED], revision=session.revision)
    messages_drop(about_code=session.code, kinds=[CANCELLED])
    # Whoever had not heard of the date when it was called off is told of it now.
    untold = taken_from(about_code=session.code, kinds=[SCHEDULED, MOVED], revision=session.revision - 1)
    CircleSession.objects.filter(pk=session.pk, status=SessionStatus.CANCELLED).update(
        status=SessionStatus.PLANNED,
        reason="",
        revision=F("revision") + 1,
        version=F("version") + 1,
        changed_at=now,
    )
    session.refresh_from_db()
    _issues_back(session)
    settle(circle=session.circle, sessions=[session], now=now)
    if heard:
        tell(session, SCHEDULED, now=now)
    else:
        messages_put(kind=SCHEDULED, about=reminders.about_session(session), to=untold, due_at=now, now=now)
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
