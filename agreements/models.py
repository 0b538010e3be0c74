"""What a circle promises each other: the working agreement with its signatures, and commitments."""

import uuid
from datetime import datetime
from itertools import groupby
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from agreements.enums import (
    THEME_ICONS,
    Audience,
    ClauseChange,
    CommitmentStatus,
    EntryKind,
    ProposalStatus,
    Stance,
    Theme,
)
from agreements.mirrors import TOLD_TIMES as TOLD_TIMES
from agreements.mirrors import Mirror as Mirror
from agreements.mirrors import MirrorTicket as MirrorTicket
from agreements.mirrors import OneChange as OneChange
from agreements.rules.plans import PLAN_AT_MOST, Cue
from circles.models import Circle
from circles.sealed import SealedManager, SealedModel, SealedQuerySet, SealedTextField


class Agreement(models.Model):
    """The working agreement of a circle; its text stands in its versions."""

    circle = models.OneToOneField(Circle, on_delete=models.CASCADE, related_name="agreement")

    def __str__(self) -> str:
        return f"agreement of circle {self.circle_id}"


class AgreementVersion(models.Model):
    """One text of the agreement, never changed once adopted; the digest is an HMAC under the circle's key.

    `adopt_days` is its rule for changing it: after so many days without an open concern. Texts from before there was
    such a rule have none in what was signed; the usual one applies.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    adopt_days = models.PositiveSmallIntegerField(null=True, blank=True)
    adopted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="version_number_once"),
            models.CheckConstraint(
                condition=Q(adopt_days=None) | Q(adopt_days__gte=3, adopt_days__lte=60), name="adopt_3_to_60_days"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class Clause(SealedModel):
    """One sentence or two of a version. `line` is what stays the same when a later version words it differently."""

    line = models.UUIDField(default=uuid.uuid4, editable=False)
    version = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="clauses")
    theme = models.CharField(max_length=16, choices=Theme.choices)
    position = models.PositiveSmallIntegerField()
    text = SealedTextField()

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="clause_position_once")]

    def __str__(self) -> str:
        return f"clause {self.position}"


class Proposal(SealedModel):
    """A change somebody proposes to the agreement: of which version, of which clause, to which words, and why.

    `talked_at` is when the circle met after a concern had been raised; from then on those who were there decide.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="proposals")
    base = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    change = models.CharField(max_length=6, choices=ClauseChange.choices)
    line = models.UUIDField(null=True, blank=True)
    theme = models.CharField(max_length=16, choices=Theme.choices, blank=True)
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    text = SealedTextField()
    why = SealedTextField()
    made_at = models.DateTimeField()
    talked_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=9, choices=ProposalStatus.choices, default=ProposalStatus.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    adopted_as = models.ForeignKey(
        AgreementVersion, null=True, blank=True, on_delete=models.CASCADE, related_name="proposals"
    )

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        indexes = [models.Index(fields=["agreement", "status"], name="proposal_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", settled_at=None) | (~Q(status="open") & Q(settled_at__isnull=False)),
                name="proposal_settled_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status="adopted", adopted_as__isnull=False) | (~Q(status="adopted") & Q(adopted_as=None)),
                name="proposal_adopted_has_version",
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.code}"

    @property
    def is_open(self) -> bool:
        return self.status == ProposalStatus.OPEN


class StanceTaken(SealedModel):
    """What one member says to what their circle decides, and whether they were there when it was talked about."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stance = models.CharField(max_length=7, choices=Stance.choices, blank=True, default=Stance.NONE)
    comment = SealedTextField()
    was_there = models.BooleanField(default=False)
    at = models.DateTimeField()

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        abstract = True


class ProposalResponse(StanceTaken):
    """What one member says to a proposal."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="responses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "user"], name="response_one_each")]

    def __str__(self) -> str:
        return f"response {self.code}"


class Review(SealedModel):
    """How those who were at a session think they kept to the agreement: counts only, of nobody in particular.

    With fewer than five people there are no counts, only a sentence that all agreed on. Once `closed`, nothing is
    added, so that no single answer can be told from the difference of two totals.
    """

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="reviews")
    session = models.UUIDField(unique=True)
    held_on = models.DateField()
    answered = models.PositiveSmallIntegerField(default=0)
    kept = models.PositiveSmallIntegerField(default=0)
    asked = models.PositiveSmallIntegerField(default=0)
    got = models.PositiveSmallIntegerField(default=0)
    closed = models.BooleanField(default=False)
    sentence = SealedTextField()

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        indexes = [models.Index(fields=["circle", "held_on"], name="review_of_circle")]
        constraints = [
            models.CheckConstraint(condition=Q(kept__lte=F("answered"), got__lte=F("asked")), name="review_counts")
        ]

    def __str__(self) -> str:
        return f"review {self.code}"


class Slip(models.Model):
    """How many said, after one session, that the circle slipped on a theme. Nobody in particular."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="slips")
    theme = models.CharField(max_length=16, choices=Theme.choices)
    times = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "theme"], name="slip_once_a_theme")]

    def __str__(self) -> str:
        return f"{self.theme} {self.times}"


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


class CommitmentQuerySet(SealedQuerySet):
    def readable_by(self, user: User, *, came: datetime) -> Self:
        """Those whose audience includes the person, a member of the circle since `came`: nothing from before is theirs.

        What they were asked to ask about they read in any case.
        """
        mine = Q(owner=user) | Q(audience__in=[Audience.PARTNER, Audience.CIRCLE], partner=user)
        return self.filter(mine | Q(audience=Audience.CIRCLE, made_at__gte=came))


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
    # The partner's own yes; until then they were only asked.
    partner_yes_at = models.DateTimeField(null=True, blank=True)
    # Days before the date on which to be reminded; none for no reminder at all.
    remind_days = models.PositiveSmallIntegerField(null=True, blank=True, default=1)
    # Its owner's alone, whoever may see the rest. Rows from before these columns hold nothing.
    plan = SealedTextField(room=PLAN_AT_MOST, default=b"")
    hurdle = SealedTextField(room=PLAN_AT_MOST, default=b"")
    # The cue of the plan where it is a time: wall time in a zone.
    cue_on = models.DateField(null=True, blank=True)
    cue_at = models.TimeField(null=True, blank=True)
    cue_zone = models.CharField(max_length=64, blank=True)

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
            models.CheckConstraint(
                condition=Q(cue_on=None, cue_at=None, cue_zone="")
                | (Q(cue_on__isnull=False, cue_at__isnull=False) & ~Q(cue_zone="")),
                name="commitment_cue_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"commitment {self.code}"

    @property
    def cue(self) -> Cue | None:
        """When its owner means to do it, if they named a time."""
        return Cue(self.cue_on, self.cue_at, self.cue_zone) if self.cue_on and self.cue_at else None

    def cue_set(self, cue: Cue | None) -> None:
        """Take over a time, or none; the caller saves `cue_on`, `cue_at` and `cue_zone`."""
        self.cue_on, self.cue_at, self.cue_zone = (cue.on, cue.at, cue.zone) if cue else (None, None, "")


class CommitmentEntry(SealedModel):
    """What its owner wrote under a commitment: how it goes, an earlier wording, why it was let go."""

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=8, choices=EntryKind.choices)
    text = SealedTextField()
    at = models.DateTimeField()

    objects: ClassVar[SealedManager] = SealedManager()

    def __str__(self) -> str:
        return f"entry {self.code}"


class CommitmentStep(SealedModel):
    """A small step under a commitment."""

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="steps")
    text = SealedTextField()
    done = models.BooleanField(default=False)

    objects: ClassVar[SealedManager] = SealedManager()

    def __str__(self) -> str:
        return f"step {self.code}"


class Appointment(models.Model):
    """When the owner of a commitment and their partner talk: wall time in a zone, and the instant derived from it.

    `partner` is whom it was made with; the commitment may have another since, and the appointment is off then.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="appointments")
    partner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    local_date = models.DateField()
    local_time = models.TimeField()
    zone = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    cancelled = models.BooleanField(default=False)
    talked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["commitment"], condition=Q(cancelled=False, talked_at=None), name="appointment_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"appointment {self.code}"

    def other(self, reader: User) -> User:
        """Whom one of the two talks with."""
        return self.partner if reader == self.commitment.owner else self.commitment.owner


class Nudge(models.Model):
    """That a partner has sent their one kind sentence about a commitment."""

    commitment = models.OneToOneField(Commitment, on_delete=models.CASCADE, related_name="nudge")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"nudge {self.pk}"


def by_theme(clauses: list[Clause]) -> list[tuple[str, str, list[Clause]]]:
    """Clauses grouped for reading: the theme's name, its icon, and its clauses in order."""
    return [
        (str(Theme(theme).label), THEME_ICONS[Theme(theme)], list(group))
        for theme, group in groupby(clauses, key=lambda clause: clause.theme)
    ]
