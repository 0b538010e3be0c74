"""Words for what suits a person."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Level(TextChoices):
    """How well a time suits somebody."""

    GOOD = "good", _("good")
    POSSIBLE = "possible", _("possible")
    NO = "no", _("no")
