"""The words of agreements and commitments."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Theme(TextChoices):
    """The themes of a working agreement, in the order in which it is read."""

    CONFIDENTIALITY = "confidentiality", _("Confidentiality")
    RESPECT = "respect", _("Respect and compassion")
    CONFLICT = "conflict", _("How we handle disagreement")
    RESPONSIBILITIES = "responsibilities", _("How responsibilities are given")
    ACCOUNTABILITY = "accountability", _("Accountability")
    SCOPE = "scope", _("What belongs here")
    FEEDBACK = "feedback", _("How we give feedback")


THEME_ICONS = {
    Theme.CONFIDENTIALITY: "lock",
    Theme.RESPECT: "heart",
    Theme.CONFLICT: "arrows",
    Theme.RESPONSIBILITIES: "people",
    Theme.ACCOUNTABILITY: "check",
    Theme.SCOPE: "circle",
    Theme.FEEDBACK: "speech",
}


class CommitmentStatus(TextChoices):
    OPEN = "open", _("open")
    KEPT = "kept", _("kept")
    PARTLY = "partly", _("kept in part")
    LET_GO = "let_go", _("let go")


class Audience(TextChoices):
    CIRCLE = "circle", _("the circle")
    PARTNER = "partner", _("my partner")
    ME = "me", _("only me")
