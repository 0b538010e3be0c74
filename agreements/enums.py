"""The words of agreements and commitments."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Theme(TextChoices):
    """The themes of a working agreement, in the order in which it is read."""

    CONFIDENTIALITY = "confidentiality", _("Confidentiality")
    RESPECT = "respect", _("Respect and compassion")
    CONFLICT = "conflict", _("How we handle disagreement")
    RESPONSIBILITIES = "responsibilities", _("How responsibilities are given")
    ACCOUNTABILITY = "accountability", _("How we hold each other to account")
    SCOPE = "scope", _("What belongs here")
    FEEDBACK = "feedback", _("How we give feedback")
    ATTENDANCE = "attendance", _("Coming, and coming on time")
    RECORDING = "recording", _("Recording")
    BREACH = "breach", _("When we do not keep to this")


THEME_ICONS = {
    Theme.CONFIDENTIALITY: "lock",
    Theme.RESPECT: "heart",
    Theme.CONFLICT: "arrows",
    Theme.RESPONSIBILITIES: "people",
    Theme.ACCOUNTABILITY: "check",
    Theme.SCOPE: "circle",
    Theme.FEEDBACK: "speech",
    Theme.ATTENDANCE: "clock",
    Theme.RECORDING: "stop",
    Theme.BREACH: "warn",
}


class Start(TextChoices):
    """The texts a new circle may start its agreement from."""

    CIRCLE = "circle", _("a circle of equals")
    COMPANY = "company", _("a circle inside one company")
    PAIR = "pair", _("a pair")


class ClauseChange(TextChoices):
    """What a proposal would do to the agreement."""

    ADD = "add", _("add a clause")
    REWORD = "reword", _("change a clause")
    DROP = "drop", _("drop a clause")
    RULE = "rule", _("change how we change it")


class ProposalStatus(TextChoices):
    OPEN = "open", _("open")
    ADOPTED = "adopted", _("adopted")
    DECLINED = "declined", _("not adopted")
    WITHDRAWN = "withdrawn", _("withdrawn")
    OVERTAKEN = "overtaken", _("overtaken by another change")


class Stance(TextChoices):
    """What somebody says to a proposal; a comment alone takes no stance."""

    NONE = "", _("has not said")
    YES = "yes", _("yes")
    CONCERN = "concern", _("a concern")


class CommitmentStatus(TextChoices):
    OPEN = "open", _("open")
    KEPT = "kept", _("kept")
    PARTLY = "partly", _("kept in part")
    LET_GO = "let_go", _("let go")


class Audience(TextChoices):
    CIRCLE = "circle", _("the circle")
    PARTNER = "partner", _("my partner")
    ME = "me", _("only me")


class EntryKind(TextChoices):
    """What is written under a commitment."""

    PROGRESS = "progress", _("progress")
    REWORDED = "reworded", _("earlier wording")
    LET_GO = "let_go", _("why it was let go")


class PlanAnswer(TextChoices):
    """What the reminder of a plan asks, each one press."""

    DONE = "done", _("Done")
    NOT_YET = "not_yet", _("Not yet")
    CHANGED = "changed", _("It has changed")


class Facet(TextChoices):
    """What a circle looks at when it looks at itself, as each could say it."""

    SAID = "said", _("I say here what I would not say elsewhere.")
    ROOM = "room", _("Each of us gets about as much room as the others.")
    HONEST = "honest", _("We tell each other what we really think, and kindly.")
    USE = "use", _("What happens here changes something in my work.")
    PROMISES = "promises", _("When I promise something here, somebody asks me about it.")


class Became(TextChoices):
    """What became of the one change that a circle tried."""

    TRYING = "", _("being tried")
    HELPED = "helped", _("It helped: we keep it")
    NOT = "not", _("It did not help")
    NOT_DONE = "not_done", _("We did not get to it")
