"""Formats, sessions, who takes part in one and in which role, the log of the live session, and what is said."""

from sessions.models.answers import AnswerMail, AnswerToken
from sessions.models.dates import MISSED_AFTER, CircleSession, Series, coming
from sessions.models.formats import READ_AT_MOST, CardRead, Format, FormatVersion
from sessions.models.log import Rehearsal, SessionEvent, Turn
from sessions.models.people import (
    GUEST_READS_FOR,
    GuestPass,
    GuestPassQuerySet,
    Participation,
    ReminderNote,
    RoleSwap,
    SessionRole,
)
from sessions.models.polls import PollAnswer, PollOption, TimePoll
from sessions.models.words import CheckOut, Issue, Note, ScribeNote

__all__ = [
    "GUEST_READS_FOR",
    "MISSED_AFTER",
    "READ_AT_MOST",
    "AnswerMail",
    "AnswerToken",
    "CardRead",
    "CheckOut",
    "CircleSession",
    "Format",
    "FormatVersion",
    "GuestPass",
    "GuestPassQuerySet",
    "Issue",
    "Note",
    "Participation",
    "PollAnswer",
    "PollOption",
    "Rehearsal",
    "ReminderNote",
    "RoleSwap",
    "ScribeNote",
    "Series",
    "SessionEvent",
    "SessionRole",
    "TimePoll",
    "Turn",
    "coming",
]
