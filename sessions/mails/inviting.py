"""What of a mail goes into its reader's calendar: invitations they can answer, a file, or nothing, as they wish."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from icalendar import STATUS

from accounts.enums import CalendarBy
from accounts.models import FeedToken, User
from notifications.calendars import CalendarPart, invitation_part
from notifications.models import Message
from notifications.services import About, messages_put
from sessions.calendars import CALLED_OFF, session_entry, sessions_file
from sessions.enums import ANSWERS
from sessions.kinds import CALENDAR_DATE
from sessions.models import AnswerToken, CircleSession, Participation
from sessions.replies.addresses import answer_address
from sessions.replies.links import link_of
from sessions.replies.services import answer_row, answer_token

# Of more dates the first are invited to at once; each of the others is by the mail that asks about it.
INVITED_AT_ONCE = 6
SAID = {"yes": "ACCEPTED", "maybe": "TENTATIVE", "no": "DECLINED"}


def calendar_for(message: Message, sessions: Sequence[CircleSession], *, now: datetime) -> dict[str, Any]:
    """What goes with a mail about these sessions. Invitations are made when it is rendered: they write a token each.

    A mail carries one at most. Of several, programs show one and answer another, and take one out of a calendar: each
    goes in a mail of its own.
    """
    user = message.user
    if user is None or answer_address() is None:
        return {"calendar": sessions_file(sessions)}
    how = calendar_of(user)
    if how == CalendarBy.FILES:
        return {"calendar": sessions_file(sessions)}
    if how == CalendarBy.INVITATIONS:
        made = invitation if len(sessions) == 1 else _each_by_itself
        return {"invited": True, "invitation": partial(made, *sessions, user=user, now=now)}
    return {}


def calendar_of(user: User) -> CalendarBy:
    """How somebody's dates come to them, where the site sends invitations. Whoever subscribes to a feed, and has not
    said what else they want, gets files as before: no date stands in their calendar twice."""
    if user.calendar_by:
        return CalendarBy(user.calendar_by)
    subscribed = FeedToken.objects.filter(user=user, revoked_at=None).exists()
    return CalendarBy.FILES if subscribed else CalendarBy.INVITATIONS


def is_invited(user: User) -> bool:
    """Whether somebody's dates come as invitations that they answer in their calendar."""
    return answer_address() is not None and calendar_of(user) == CalendarBy.INVITATIONS


def invitation(session: CircleSession, *, user: User, now: datetime) -> CalendarPart | None:
    """The invitation of one person to one session, with the address that answers to it go to."""
    at = answer_address()
    if at is None:
        return None
    said = Participation.objects.filter(session=session, user=user).values_list("rsvp", flat=True).first() or ""
    return invitation_part(
        session_entry(session),
        organizer=at.with_token(answer_token(user=user, session=session, now=now)),
        attendee=user.email,
        said=SAID.get(said, "NEEDS-ACTION"),
        off=session.status in CALLED_OFF,
    )


def _each_by_itself(*sessions: CircleSession, user: User, now: datetime) -> None:
    """Write a mail of its own for the next dates, and for every other that was in an invitation before."""
    sent = set(AnswerToken.objects.filter(user=user, session__in=sessions).values_list("session", flat=True))
    for at, one in enumerate(sessions):
        if at < INVITED_AT_ONCE or one.pk in sent:
            about = About("session", one.code, one.revision, one.circle.code)
            messages_put(kind=CALENDAR_DATE, about=about, to=[user], due_at=now, now=now)


def answers_for(message: Message, session: CircleSession, *, now: datetime) -> dict[str, Any]:
    """Three links that answer without signing in, where nobody is invited by calendar. Made when it is rendered."""
    user = message.user
    if user is None or answer_address() is not None:
        return {}

    def answers() -> list[tuple[str, str]]:
        row = answer_row(user=user, session=session, now=now)
        return [(answer.button, link_of(row, answer)) for answer in ANSWERS]

    return {"answers": answers}


def taken_back(row: AnswerToken, user: User, *, now: datetime) -> CalendarPart | None:
    """For somebody who is no longer in the circle: what takes a date of it out of their calendar, and says no more."""
    at = answer_address()
    if at is None:
        return None
    event = session_entry(row.session)
    for name in ("DESCRIPTION", "LOCATION", "URL", "STATUS", "DTSTAMP"):
        event.pop(name, None)
    event.add("status", STATUS.CANCELLED)
    event.add("dtstamp", now)
    address = at.with_token(answer_token(user=user, session=row.session, now=now))
    return invitation_part(event, organizer=address, attendee=user.email, said="DECLINED", off=True)
