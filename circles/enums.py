"""The words of a circle's life."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class CircleStatus(TextChoices):
    OPEN = "open", _("meeting")
    ON_HOLD = "on_hold", _("on hold")
    CLOSED = "closed", _("closed")


class Cadence(TextChoices):
    WEEKLY = "weekly", _("every week")
    TWO_WEEKS = "two_weeks", _("every two weeks")
    THREE_WEEKS = "three_weeks", _("every three weeks")
    MONTHLY = "monthly", _("every month")

    @property
    def days(self) -> int:
        return {"weekly": 7, "two_weeks": 14, "three_weeks": 21, "monthly": 28}[self.value]


class Retention(IntegerChoices):
    """How many days after a session the issues that were brought to it are deleted."""

    AT_THE_END = 0, _("as soon as the session is over")
    MONTH = 30, _("30 days after the session")
    QUARTER = 90, _("90 days after the session")


class Decision(TextChoices):
    """What a circle may decide after the sessions it promised each other."""

    CARRY_ON = "carry_on", _("Carry on")
    REFORM = "reform", _("Change who is in it")
    CLOSE = "close", _("Close well")


class InvitationAnswer(TextChoices):
    NONE = "", _("not answered")
    YES = "yes", _("accepted")
    NO = "no", _("declined")


class Relied(TextChoices):
    """What everybody in a circle relies on: it is changed before everybody's eyes, or not at all.

    The agreement and its rule for changes go by proposals; everything else that is of this kind is here.
    """

    CONTACT = "contact", _("whom outside the circle you may all turn to")
    RETENTION = "retention", _("how long issues that were brought are kept")
    MANAGERS = "managers", _("whether anyone here manages anyone else here")
    PROMISE = "promise", _("how many sessions you promise each other")
    FACILITATOR = "facilitator", _("who looks after the circle")
    HOSTING = "hosting", _("who hosts, and who may schedule and invite")
    CLOSING = "closing", _("whether the circle goes on")


class Outcome(TextChoices):
    """What became of a change that was announced."""

    OPEN = "", _("announced")
    TAKEN = "taken", _("in force")
    OBJECTED = "objected", _("objected to")
    WITHDRAWN = "withdrawn", _("taken back")
    DECLINED = "declined", _("declined")
    FALLEN = "fallen", _("no longer asked")
