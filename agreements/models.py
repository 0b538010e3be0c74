"""What a circle promises each other: the working agreement with its signatures, and commitments."""

import uuid
from itertools import groupby
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from agreements.enums import THEME_ICONS, Audience, CommitmentStatus, Theme
from circles.models import Circle
from circles.sealed import SealedManager, SealedModel, SealedTextField


class Agreement(models.Model):
    """The working agreement of a circle; its text stands in its versions."""

    circle = models.OneToOneField(Circle, on_delete=models.CASCADE, related_name="agreement")

    def __str__(self) -> str:
        return f"agreement of circle {self.circle_id}"


class AgreementVersion(models.Model):
    """One text of the agreement, never changed once adopted; the digest is an HMAC under the circle's key."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    adopted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "number"], name="version_number_once")]

    def __str__(self) -> str:
        return f"version {self.number}"


class Clause(SealedModel):
    """One sentence or two of a version."""

    version = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="clauses")
    theme = models.CharField(max_length=16, choices=Theme.choices)
    position = models.PositiveSmallIntegerField()
    text = SealedTextField()

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="clause_position_once")]

    def __str__(self) -> str:
        return f"clause {self.position}"


class Signature(models.Model):
    """That a person signed one exact text: its version and digest, and when. Never carried over."""

    version = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="signatures")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="signed_once")]

    def __str__(self) -> str:
        return f"signature {self.pk}"


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def readable_by(self, user: User) -> Self:
        """Those whose audience includes the person, given that they are a member of the circle."""
        mine = Q(owner=user) | Q(audience=Audience.PARTNER, partner=user)
        return self.filter(mine | Q(audience=Audience.CIRCLE))


class CommitmentManager(SealedManager.from_queryset(CommitmentQuerySet)):  # type: ignore[misc]
    pass


class Commitment(SealedModel):
    """What someone will do, by when, and who will ask how it went."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="commitments")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.CIRCLE)
    text = SealedTextField()
    due_on = models.DateField()
    status = models.CharField(max_length=8, choices=CommitmentStatus.choices, default=CommitmentStatus.OPEN)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects: ClassVar[CommitmentManager] = CommitmentManager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "status", "due_on"], name="commitment_mine"),
            models.Index(fields=["status", "due_on"], name="commitment_due"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(partner=None) | ~Q(partner=F("owner")), name="partner_is_somebody_else"),
            models.CheckConstraint(
                condition=Q(status="open", settled_at=None) | (~Q(status="open") & Q(settled_at__isnull=False)),
                name="commitment_settled_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"commitment {self.code}"


def by_theme(clauses: list[Clause]) -> list[tuple[str, str, list[Clause]]]:
    """Clauses grouped for reading: the theme's name, its icon, and its clauses in order."""
    return [
        (str(Theme(theme).label), THEME_ICONS[Theme(theme)], list(group))
        for theme, group in groupby(clauses, key=lambda clause: clause.theme)
    ]
