"""Formats: the library's and a circle's own, each version for ever."""

import uuid
from functools import cached_property

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from accounts.models import User
from circles.models import Circle
from sessions.rules.format import FormatRule
from sessions.rules.reading import read_format


class Format(models.Model):
    """A session format: one of the library's (its text is a file) or a circle's own.

    `draft` is a definition that is being changed; it counts once it is saved as a version. `draft_seq` rises with each
    step, so that two people who change it at once do not undo each other.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    library_key = models.CharField(max_length=40, unique=True, null=True, blank=True)
    circle = models.ForeignKey(Circle, null=True, blank=True, on_delete=models.CASCADE, related_name="formats")
    draft = models.JSONField(null=True, blank=True)
    draft_seq = models.PositiveIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(library_key__isnull=False, circle=None) | Q(library_key=None, circle__isnull=False),
                name="format_has_one_owner",
            )
        ]

    def __str__(self) -> str:
        return self.library_key or f"format {self.pk}"

    @property
    def ref(self) -> str:
        """How addresses and forms name it: a library key, or its code."""
        return self.library_key or str(self.code)


# Of a format, or a journey: whoever needs more goes on with a copy. Their number has room for thirty times as many.
VERSIONS_AT_MOST = 1000

# Formats kept read, a few kilobytes each. When they are too many all go: what is used comes back at once.
READ_AT_MOST = 500
_read: dict[tuple[int | None, str], FormatRule] = {}


class FormatVersion(models.Model):
    """One definition of a format, never changed: a session keeps the version it was planned with."""

    format = models.ForeignKey(Format, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["format", "number"], name="format_number_once")]

    def __str__(self) -> str:
        return f"{self.format} {self.number}"

    @cached_property
    def rule(self) -> FormatRule:
        """The definition as a rule. Reading one takes milliseconds and a version never changes: it is read once."""
        if len(_read) > READ_AT_MOST:
            _read.clear()
        key = (self.pk, self.digest)
        if key not in _read:
            _read[key] = read_format(self.definition)
        return _read[key]

    @property
    def name(self) -> str:
        return self.rule.text("name", get_language() or "en")


class CardRead(models.Model):
    """That a person has read a training card."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="cards_read")
    card_key = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "card_key"], name="card_read_once")]

    def __str__(self) -> str:
        return self.card_key
