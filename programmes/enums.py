"""The words of programmes."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EnrolmentStatus(TextChoices):
    ENROLLED = "enrolled", _("has asked to take part")
    WAITING = "waiting", _("on the waiting list")
    PLACED = "placed", _("was offered a circle")
    WITHDRAWN = "withdrawn", _("has withdrawn")


class Asked(TextChoices):
    """What a programme may ask of people besides their motive, what they can offer and when they can meet."""

    FUNCTION = "function", _("function or department")
    LOCATION = "location", _("location")
    LEVEL = "level", _("level")
    MANAGER = "manager", _("email address of the line manager")
    LANGUAGES = "languages", _("languages")
    TOGETHER = "together", _("with whom somebody would like to be")
    APART = "apart", _("with whom rather not, in confidence")


# What stands in a file of people, and what is compared when circles are made.
ATTRIBUTES = (Asked.FUNCTION, Asked.LOCATION, Asked.LEVEL, Asked.MANAGER, Asked.LANGUAGES)


class Scope(TextChoices):
    """Whom circles are proposed for."""

    EVERYBODY = "all", _("everybody")
    WAITING = "waiting", _("those who wait")


class RunState(TextChoices):
    """Where the working out of circles stands."""

    QUEUED = "queued", _("about to begin")
    RUNNING = "running", _("being worked out")
    DONE = "done", _("worked out")
    LOST = "lost", _("ended without an answer")


class Moment(TextChoices):
    """When a pulse is taken."""

    START = "start", _("at the start")
    MIDDLE = "middle", _("in the middle")
    END = "end", _("at the end")


class Statement(TextChoices):
    """What a pulse asks about: one statement each, answered on a scale of five."""

    SAFETY = "safety", _("In this circle I can say what is really the matter.")
    TRUST = "trust", _("What I say here stays here.")
    COLLABORATION = "collaboration", _("We help each other think, rather than tell each other what to do.")
    VOICE = "voice", _("Everybody has about the same share of the time, and is heard.")
    PROMISES = "promises", _("What I promise here, I go on to do.")
    WORTH = "worth", _("The time I give to this circle is well spent.")


# Whether the time is well spent is asked at the end only: nobody rates a circle before its last session.
ONLY_AT_THE_END = (Statement.WORTH,)


def statements_of(moment: str) -> list[Statement]:
    """The statements of a pulse, in order."""
    return [one for one in Statement if moment == Moment.END or one not in ONLY_AT_THE_END]
