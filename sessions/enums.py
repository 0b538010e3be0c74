"""The words of a session."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SessionStatus(TextChoices):
    PLANNED = "planned", _("planned")
    RUNNING = "running", _("in session")
    ENDED = "ended", _("held")
    CANCELLED = "cancelled", _("cancelled")
    NOT_HELD = "not_held", _("did not happen")


# What has begun keeps its date, and its place in a journey.
BEGUN = (SessionStatus.RUNNING, SessionStatus.ENDED)
# Nothing more happens in these.
OVER = (SessionStatus.ENDED, SessionStatus.CANCELLED, SessionStatus.NOT_HELD)


class ParticipantKind(TextChoices):
    MEMBER = "member", _("member")
    FACILITATOR = "facilitator", _("facilitator from outside")
    GUEST = "guest", _("guest")


class Rsvp(TextChoices):
    NONE = "", _("has not said")
    YES = "yes", _("comes")
    MAYBE = "maybe", _("not sure")
    NO = "no", _("cannot come")

    @property
    def button(self) -> str:
        """The words on the button, or the link, that says it."""
        words = {Rsvp.YES: _("I come"), Rsvp.MAYBE: _("Not sure"), Rsvp.NO: _("I cannot")}
        return str(words[self])


# What one can say, in the order in which it is offered everywhere.
ANSWERS = (Rsvp.YES, Rsvp.MAYBE, Rsvp.NO)


class Way(TextChoices):
    """By which way somebody said whether they come."""

    PAGE = "page", _("on the page")
    CALENDAR = "calendar", _("by calendar")
    LINK = "link", _("by the link in a mail")


class Repeat(TextChoices):
    """How a series goes on."""

    WEEKS = "weeks", _("every so many weeks")
    MONTH = "month", _("every month, on the same weekday of the month")
    MONTH_LAST = "month_last", _("every month, on the last such weekday")


class SwapAnswer(TextChoices):
    NONE = "", _("not answered")
    YES = "yes", _("takes it")
    NO = "no", _("not this time")


class Attendance(TextChoices):
    EXPECTED = "expected", _("expected")
    CAME = "came", _("came")
    EXCUSED = "excused", _("said beforehand")
    MISSED = "missed", _("did not come")


class Role(TextChoices):
    HOST = "host", _("host")
    TIMEKEEPER = "timekeeper", _("timekeeper")
    SCRIBE = "scribe", _("scribe")
    MODERATOR = "moderator", _("moderator")
    CLERK = "clerk", _("clerk")
    LEADER = "leader", _("leader")


# Roles that a format gives to somebody who has learnt them: they go to the host until somebody is chosen, not in turn.
LEARNT = (Role.CLERK, Role.LEADER)
# Whoever holds one of these may steer a running session.
STEERING = (Role.HOST, Role.TIMEKEEPER, Role.MODERATOR, *LEARNT)


class Ask(TextChoices):
    """What a presenter asks of the circle."""

    LISTEN = "listen", _("Just listen")
    QUESTIONS = "questions", _("Ask me questions")
    EXPERIENCE = "experience", _("Tell me your experience")
    OPTIONS = "options", _("Help me find options")


class Fit(TextChoices):
    """What gives when a session does not fit into its time."""

    ASK = "", _("ask at the start")
    WITHOUT = "without", _("leave out what is optional")
    SHORTER = "shorter", _("shorter turns")
    FEWER = "fewer", _("fewer people present")
    LONGER = "longer", _("a longer session")


class ShelfKind(TextChoices):
    """What a circle can lend to others."""

    FORMAT = "format", _("format")
    JOURNEY = "journey", _("journey")
    CLAUSE = "clause", _("clause of an agreement")


class CalendarTrouble(TextChoices):
    """Why a calendar could not be looked into, in words for its owner."""

    NONE = "", ""
    NOWHERE = "nowhere", _("There is nothing at this address that can be reached from here.")
    SLOW = "slow", _("It took longer than five seconds.")
    LARGE = "large", _("It is larger than two megabytes.")
    REFUSED = "refused", _("The calendar’s server did not hand it out. The address may have been changed there.")
    UNSAFE = "certificate", _("The certificate of the calendar’s server is not right.")
    UNREADABLE = "unreadable", _("What lies there could not be read as a calendar.")
