"""Formats, sessions, who takes part in one and in which role, the log of the live session, and what is said."""

from sessions.models.answers import AnswerMail, AnswerToken
from sessions.models.busy import BusyCalendar
from sessions.models.dates import MISSED_AFTER, CircleSession, Series, coming
from sessions.models.formats import READ_AT_MOST, VERSIONS_AT_MOST, CardRead, Format, FormatVersion
from sessions.models.journeys import Journey, JourneyTaken, JourneyVersion, Leg, SheetAnswer
from sessions.models.log import Rehearsal, SessionEvent, Turn
from sessions.models.pairs import PairRhythm, PairRound, PairSeat
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
from sessions.models.shelf import (
    SENTENCE_AT_MOST,
    Sentence,
    SentenceKey,
    SentenceOffer,
    SentenceShelf,
    ShelfAnswer,
    ShelfItem,
)
from sessions.models.words import CheckOut, Issue, Note, ScribeNote

__all__ = [
    "GUEST_READS_FOR",
    "MISSED_AFTER",
    "READ_AT_MOST",
    "SENTENCE_AT_MOST",
    "VERSIONS_AT_MOST",
    "AnswerMail",
    "AnswerToken",
    "BusyCalendar",
    "CardRead",
    "CheckOut",
    "CircleSession",
    "Format",
    "FormatVersion",
    "GuestPass",
    "GuestPassQuerySet",
    "Issue",
    "Journey",
    "JourneyTaken",
    "JourneyVersion",
    "Leg",
    "Note",
    "PairRhythm",
    "PairRound",
    "PairSeat",
    "Participation",
    "PollAnswer",
    "PollOption",
    "Rehearsal",
    "ReminderNote",
    "RoleSwap",
    "ScribeNote",
    "Sentence",
    "SentenceKey",
    "SentenceOffer",
    "SentenceShelf",
    "Series",
    "SessionEvent",
    "SessionRole",
    "SheetAnswer",
    "ShelfAnswer",
    "ShelfItem",
    "TimePoll",
    "Turn",
    "coming",
]
