"""The shelf: what circles lend to others, and sentences that stand there without anybody's name."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from accounts.models import User
from agreements.enums import Theme
from agreements.models import StanceTaken
from circles.models import Circle
from circles.sealed import SealedManager, SealedModel, SealedTextField
from circles.vault import Vault
from sessions.enums import ShelfKind
from sessions.rules.format import FormatRule
from sessions.rules.journey import JourneyRule
from sessions.rules.journey_reading import read_journey
from sessions.rules.reading import read_format

SENTENCE_AT_MOST = 240


class ShelfItem(SealedModel):
    """Something of a circle's that it is asked to lend, or lends: as it was when it was asked.

    A format or a journey is its definition, a journey with the circle's own formats it names (`formats`, by the names
    it has for them); a clause is its words. Sealed with the circle's key: with that they are gone. A row goes when it
    is taken back, and when the circle says no.
    """

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="shelf")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7, choices=ShelfKind.choices)
    definition = models.JSONField(null=True, blank=True)
    formats = models.JSONField(default=dict, blank=True)
    theme = models.CharField(max_length=16, choices=Theme.choices, blank=True)
    text = SealedTextField()
    helped = SealedTextField()
    # Of what is lent, with the circle's key: the same is there once.
    digest = models.CharField(max_length=64)
    days = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField()
    talked_at = models.DateTimeField(null=True, blank=True)
    lent_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        indexes = [models.Index(fields=["lent_at"], name="shelf_lent")]
        constraints = [
            models.UniqueConstraint(fields=["circle", "digest"], name="shelf_the_same_once"),
            models.CheckConstraint(
                condition=(Q(kind="clause", definition=None) & ~Q(theme=""))
                | (~Q(kind="clause") & Q(definition__isnull=False, theme="")),
                name="shelf_item_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"on the shelf {self.code}"

    @property
    def rule(self) -> FormatRule | JourneyRule | None:
        """What a definition says; None for a clause."""
        if self.definition is None:
            return None
        read = read_journey if self.kind == ShelfKind.JOURNEY else read_format
        return read(self.definition)

    @property
    def name(self) -> str:
        """What it is called; a clause is known by its theme."""
        rule = self.rule
        return rule.text("name", get_language() or "en") if rule else str(self.get_theme_display())


class ShelfAnswer(StanceTaken):
    """What one member says to lending something."""

    item = models.ForeignKey(ShelfItem, on_delete=models.CASCADE, related_name="answers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "user"], name="shelf_answer_one_each")]

    def __str__(self) -> str:
        return f"answer {self.code}"


class SentenceOffer(SealedModel):
    """A sentence that somebody would let out of their circle, while each of its members can say no, and until it is
    published; then the row goes. Saying no deletes it as well, and leaves nothing that tells who did."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="sentence_offers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = SealedTextField(room=SENTENCE_AT_MOST)
    offered_at = models.DateTimeField()

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["circle", "user"], name="sentence_offer_one_each")]

    def __str__(self) -> str:
        return f"sentence offer {self.code}"


class SentenceKey(SealedModel):
    """A secret of one person's, sealed in a vault of their own: with it they find the sentences they may take away.

    It is made when a sentence is offered in a circle of theirs, for all of its members, and never written again.
    """

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="+")
    secret = SealedTextField()

    objects: ClassVar[SealedManager] = SealedManager()

    def __str__(self) -> str:
        return f"sentence key {self.pk}"


class SentenceShelf(models.Model):
    """The one place of all published sentences, with the vault they are sealed in; who writes them holds its row."""

    vault = models.OneToOneField(Vault, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(default=1, unique=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(number=1), name="sentence_shelf_is_one")]

    def __str__(self) -> str:
        return "the sentences"


class Sentence(SealedModel):
    """A published sentence: a random key, no circle, no person and no time, and always as many marks.

    A mark is made from the sentence's code with somebody's `SentenceKey`: one for whoever wrote it, one for each who
    could say no, and random ones for the rest. All rows are written anew, shuffled, whenever some are added.
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    text = SealedTextField(room=SENTENCE_AT_MOST)
    marks = models.JSONField(default=list)

    objects: ClassVar[SealedManager] = SealedManager()

    def __str__(self) -> str:
        return "a sentence"
