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
