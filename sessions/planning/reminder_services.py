"""The reminders of sessions are written here, when their time comes near, and the notes that go out with them.

A reminder is written when its time comes within eight days, and at any change inside that. Its key holds the session's
revision, not its time: moved there and back, it reminds again. Whether somebody wants it, still belongs to the circle
and has not said no is read when it is sent.
"""

from dataclasses import replace
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.each import each, together
from accounts.models import User
from accounts.refusals import Refused
from agreements.selectors import has_signed
from circles.enums import CircleStatus
from circles.models import Circle, Membership
from notifications.models import Message
from notifications.registry import longest_lead
from notifications.selectors import Leads
from notifications.services import PLANNED_AHEAD, About, message_rows, messages_put, messages_return, messages_write
from sessions.enums import SessionStatus
from sessions.kinds import ABOUT_DATES, BEFORE, FADING, QUORUM, REMINDERS, SCHEDULED, TO_SIGN, WITHOUT_A_SEAT_TOO
from sessions.models import CircleSession, ReminderNote, coming
from sessions.planning.reminder_selectors import has_faded, last_met_at, reminders_of, told_of


def about_session(session: CircleSession) -> About:
    """What a message about a session is about, in its present revision."""
    return About("session", session.code, session.revision, session.circle.code)


def _wanted(kind: str, member: Membership | None) -> bool:
    if kind == QUORUM:
        return member is not None and member.facilitates
    return kind in BEFORE or (member is not None and (member.takes_part or kind in WITHOUT_A_SEAT_TOO))


def _rows(sessions: list[CircleSession], *, now: datetime) -> list[Message]:
    told = told_of(sessions)
    leads = Leads(user.pk for people in told.values() for user, _member in people)
    rows: list[Message] = []
    kinds = reminders_of(sessions)
    for session in sessions:
        about = about_session(session)
        for kind in kinds[session.pk]:
            for user, member in told[session.pk]:
                due_at = session.starts_at - leads.of(user, kind, session.circle.code)
                if now < due_at <= now + PLANNED_AHEAD and _wanted(kind, member):
                    rows += message_rows(kind=kind, about=about, to=[user], due_at=due_at, now=now)
    return rows


def reminders_plan_for(*, session: CircleSession, now: datetime) -> None:
    """Write the reminders of one session that come due within eight days; passed ones are not made up for."""
    messages_write(_rows([session], now=now))


def _near(now: datetime) -> QuerySet[CircleSession]:
    """Those of which a reminder can be due within the days that are planned ahead."""
    last = now + PLANNED_AHEAD + longest_lead(REMINDERS)
    return CircleSession.objects.filter(status=SessionStatus.PLANNED, starts_at__gt=now, starts_at__lte=last)


def reminders_plan(*, now: datetime) -> int:
    """Plan the reminders of all sessions of the coming days, for newcomers too. How many were looked at."""
    near = _near(now).select_related("circle")
    return together("reminders of sessions", near, lambda sessions: messages_write(_rows(sessions, now=now)))


def reminders_plan_for_person(*, user: User, now: datetime) -> None:
    """Write afresh what somebody is reminded of, after they chose another lead."""
    mine = Q(circle__memberships__user=user, circle__memberships__left_at=None)
    near = CircleSession.objects.filter(
        mine,
        status=SessionStatus.PLANNED,
        starts_at__gt=now,
        starts_at__lte=now + PLANNED_AHEAD + longest_lead(REMINDERS),
    ).select_related("circle")
    messages_write([row for row in _rows(list(near), now=now) if row.user_id == user.pk])


def news_again(session: CircleSession, *, was: int, since: datetime, now: datetime) -> None:
    """It stands after all: what people had not heard of it in revision `was` they hear now, and so do newcomers."""
    about = about_session(session)
    messages_return(about=about, kinds=ABOUT_DATES, was=was)
    # While it was off, or ran, a welcome did not name it.
    people = told_of([session])[session.pk]
    came = [user for user, member in people if member and member.joined_at > since]
    messages_put(kind=SCHEDULED, about=about, to=came, due_at=now, now=now)


def reminder_note_write(*, session: CircleSession, kind: str, text: str) -> None:
    """What goes out with a coming reminder; an empty text takes it back. It stays with the session when that moves."""
    if not session.is_planned:
        raise Refused(_("The session has started or is over."))
    if text:
        ReminderNote.objects.update_or_create(session=session, kind=kind, defaults={"text": text})
    else:
        ReminderNote.objects.filter(session=session, kind=kind).delete()


def sign_remind(*, session: CircleSession, now: datetime) -> int:
    """Somebody who looks after the circle reminds all who have not signed; once a day is enough. How many they are.

    Whoever has signed by the time it goes gets nothing.
    """
    rows = Membership.objects.filter(~has_signed(), circle=session.circle, left_at=None, user__is_active=True)
    unsigned = [row.user for row in rows.select_related("user")]
    about = replace(about_session(session), part=f"asked {now:%Y-%m-%d}")
    messages_put(kind=TO_SIGN, about=about, to=unsigned, due_at=now, now=now)
    return len(unsigned)


def fading_tell(*, now: datetime) -> int:
    """Tell facilitators of circles in which nothing is planned any more; once each time. How many circles."""
    dates = CircleSession.objects.filter(coming(now), circle=OuterRef("pk"))
    circles = Circle.objects.filter(~Exists(dates), status=CircleStatus.OPEN).prefetch_related("memberships__user")

    def tell(circle: Circle) -> bool:
        last = last_met_at(circle)
        if not has_faded(circle, last, now):
            return False
        about = About("circle", circle.code, last.toordinal(), circle.code)
        to = [one.user for one in circle.memberships.all() if one.facilitates and one.left_at is None]
        messages_put(kind=FADING, about=about, to=to, due_at=now, now=now)
        return True

    return each("tell of fading circles", circles.iterator(chunk_size=200), tell)
