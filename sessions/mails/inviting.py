"""What of a mail goes into its reader's calendar: invitations they can answer, a file, or nothing, as they wish."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from icalendar import STATUS

from accounts.enums import CalendarBy
from accounts.models import FeedToken, User
from notifications.calendars import CalendarPart, invitation_part
from notifications.models import Message
from sessions.calendars import CALLED_OFF, session_entry, sessions_file
from sessions.enums import ANSWERS
from sessions.models import AnswerToken, CircleSession, Participation
from sessions.replies.addresses import answer_address
from sessions.replies.links import link_of
from sessions.replies.services import answer_row, answer_token

# A mail about more dates invites to the first of them; each of the others is invited to by the mail that asks about it.
INVITED_AT_ONCE = 12
SAID = {"yes": "ACCEPTED", "maybe": "TENTATIVE", "no": "DECLINED"}


def calendar_for(message: Message, sessions: Sequence[CircleSession], *, now: datetime) -> dict[str, Any]:
    """What goes with a mail about these sessions. Invitations are made when it is rendered: they write a token each."""
    user = message.user
    if user is None or answer_address() is None:
        return {"calendar": sessions_file(sessions)}
    how = calendar_of(user)
    if how == CalendarBy.FILES:
        return {"calendar": sessions_file(sessions)}
    if how == CalendarBy.INVITATIONS:
        return {"invitations": lambda: invitations(list(sessions)[:INVITED_AT_ONCE], user, now=now)}
    return {}


def calendar_of(user: User) -> CalendarBy:
    """How somebody's dates come to them, where the site sends invitations. Whoever subscribes to a feed, and has not
    said what else they want, gets files as before: no date stands in their calendar twice."""
    if user.calendar_by:
        return CalendarBy(user.calendar_by)
    subscribed = FeedToken.objects.filter(user=user, revoked_at=None).exists()
    return CalendarBy.FILES if subscribed else CalendarBy.INVITATIONS


def invitations(sessions: Sequence[CircleSession], user: User, *, now: datetime) -> list[CalendarPart]:
    """One invitation for each session, each with the address that answers to it go to."""
    at = answer_address()
    if at is None:
        return []
    said = dict(Participation.objects.filter(session__in=sessions, user=user).values_list("session", "rsvp"))
    return [
        invitation_part(
            session_entry(one),
            organizer=at.with_token(answer_token(user=user, session=one, now=now)),
            attendee=user.email,
            said=SAID.get(said.get(one.pk, ""), "NEEDS-ACTION"),
            off=one.status in CALLED_OFF,
        )
        for one in sessions
    ]


def answers_for(message: Message, session: CircleSession, *, now: datetime) -> dict[str, Any]:
    """Three links that answer without signing in, where nobody is invited by calendar. Made when it is rendered."""
    user = message.user
    if user is None or answer_address() is not None:
        return {}

    def answers() -> list[tuple[str, str]]:
        row = answer_row(user=user, session=session, now=now)
        return [(answer.button, link_of(row, answer)) for answer in ANSWERS]

    return {"answers": answers}


def taken_back(tokens: Sequence[AnswerToken], user: User, *, now: datetime) -> list[CalendarPart]:
    """For somebody who is no longer in the circle: what takes its dates out of their calendar, and says no more."""
    at = answer_address()
    if at is None:
        return []
    parts = []
    for row in tokens:
        event = session_entry(row.session)
        for name in ("DESCRIPTION", "LOCATION", "URL", "STATUS", "DTSTAMP"):
            event.pop(name, None)
        event.add("status", STATUS.CANCELLED)
        event.add("dtstamp", now)
        address = at.with_token(answer_token(user=user, session=row.session, now=now))
        parts.append(invitation_part(event, organizer=address, attendee=user.email, said="DECLINED", off=True))
    return parts
