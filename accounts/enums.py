"""Words for what suits a person."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CalendarBy(TextChoices):
    """How the dates of somebody's circles come into their own calendar."""

    UNSAID = "", _("as it is usual")
    INVITATIONS = "invitations", _("as invitations that I answer in my calendar")
    FEED = "feed", _("by the address that my calendar subscribes to")
    FILES = "files", _("as files that go with mails")
    NOTHING = "nothing", _("not at all")


class Level(TextChoices):
    """How well a time suits somebody."""

    GOOD = "good", _("good")
    POSSIBLE = "possible", _("possible")
    NO = "no", _("no")
