"""The words of a circle's life."""

from django.db.models import TextChoices
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


class Answer(TextChoices):
    NONE = "", _("not answered")
    YES = "yes", _("accepted")
    NO = "no", _("declined")
