"""Journeys: the shipped ones and a circle's own, each version for ever; which circle is on one, and how far it is."""

import uuid
from functools import cached_property
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from accounts.models import User
from circles.models import Circle
from circles.sealed import SealedManager, SealedModel, SealedTextField
from sessions.models.dates import CircleSession
from sessions.models.formats import READ_AT_MOST
from sessions.rules.journey import JourneyRule, JourneyStep
from sessions.rules.journey_reading import read_journey


class Journey(models.Model):
    """A journey: one that is shipped (its text is a file) or a circle's own."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    library_key = models.CharField(max_length=40, unique=True, null=True, blank=True)
    circle = models.ForeignKey(Circle, null=True, blank=True, on_delete=models.CASCADE, related_name="journeys")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(library_key__isnull=False, circle=None) | Q(library_key=None, circle__isnull=False),
                name="journey_has_one_owner",
            )
        ]

    def __str__(self) -> str:
        return self.library_key or f"journey {self.pk}"

    @property
    def ref(self) -> str:
        """How addresses and forms name it: a key of the shipped, or its code."""
        return self.library_key or str(self.code)


_read: dict[tuple[int | None, str], JourneyRule] = {}


class JourneyVersion(models.Model):
    """One definition of a journey, never changed: a session keeps the version it was taken with."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "number"], name="journey_number_once")]

    def __str__(self) -> str:
        return f"{self.journey} {self.number}"

    @cached_property
    def rule(self) -> JourneyRule:
        """The definition as a rule: read once a process, as a version never changes and a room asks again and again."""
        if len(_read) > READ_AT_MOST:
            _read.clear()
        key = (self.pk, self.digest)
        if key not in _read:
            _read[key] = read_journey(self.definition)
        return _read[key]

    @property
    def name(self) -> str:
        return self.rule.text("name", get_language() or "en")


class JourneyTaken(models.Model):
    """That a circle is on a journey, or was; it is on one at a time."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="journeys_taken")
    version = models.ForeignKey(JourneyVersion, on_delete=models.RESTRICT, related_name="+")
    taken_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle"], condition=Q(left_at=None), name="journey_one_at_a_time")
        ]

    def __str__(self) -> str:
        return f"journey of circle {self.circle_id}"

    @property
    def since(self) -> str:
        """What a form carries to say which journey of its circle it is about."""
        return self.taken_at.isoformat()


class Leg(models.Model):
    """One session of a journey that a circle is on: in which place, on which date if it has one yet.

    `number` is its place in the definition, from 0, and never changes; `place` is when it comes, and does when two are
    swapped. `laid` is the format that was chosen for its date, so that one chosen by a person is left alone.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    taken = models.ForeignKey(JourneyTaken, on_delete=models.CASCADE, related_name="legs")
    version = models.ForeignKey(JourneyVersion, on_delete=models.RESTRICT, related_name="+")
    number = models.PositiveSmallIntegerField()
    place = models.PositiveSmallIntegerField()
    session = models.OneToOneField(CircleSession, null=True, blank=True, on_delete=models.SET_NULL, related_name="leg")
    laid = models.CharField(max_length=40, blank=True)
    skipped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["taken", "number"], name="leg_once")]

    def __str__(self) -> str:
        return f"leg {self.code}"

    @property
    def step(self) -> JourneyStep:
        """What the journey says of it."""
        return self.version.rule.steps[self.number]

    @property
    def moved_from(self) -> int:
        """Which one it is in the journey, where it comes in another place there; else 0."""
        return self.number + 1 if self.place != self.number else 0

    @property
    def is_earlier(self) -> bool:
        """Whether it was brought forward."""
        return self.place < self.number

    @property
    def theme(self) -> str:
        return self.step.text("theme", get_language() or "en")

    @property
    def question(self) -> str:
        return self.step.text("question", get_language() or "en")


class SheetAnswer(SealedModel):
    """What somebody wrote for themselves under one question of a preparation sheet; nobody else reads it."""

    leg = models.ForeignKey(Leg, on_delete=models.CASCADE, related_name="answers")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    question = models.PositiveSmallIntegerField()
    text = SealedTextField()
    written_at = models.DateTimeField()

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["leg", "owner", "question"], name="sheet_answer_once")]

    def __str__(self) -> str:
        return f"answer {self.code}"
