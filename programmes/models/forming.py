"""Rounds: the board on which circles are made, and the circles that were."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import User
from circles.models import Circle
from programmes.enums import RunState, Scope
from programmes.models.enrolment import Enrolment
from programmes.models.programme import Programme


class Round(models.Model):
    """One making of circles within a programme: a board that is published in one step."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    first_on = models.DateField()
    published_at = models.DateTimeField(null=True, blank=True)
    # When those in circles were asked whether they would like to be in the next round too.
    again_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="round_number_once"),
            models.UniqueConstraint(fields=["programme"], condition=Q(published_at=None), name="round_one_open"),
        ]

    def __str__(self) -> str:
        return f"round {self.number} of programme {self.programme_id}"


class DraftCircle(models.Model):
    """A circle on the board: a name, who looks after it, when it first meets."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="drafts")
    name = models.CharField(max_length=80)
    facilitator = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    first_on = models.DateField(null=True, blank=True)
    first_at = models.TimeField(null=True, blank=True)
    # Stays as it is, whatever is proposed.
    locked = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "name"], name="draft_name_once")]

    def __str__(self) -> str:
        return f"draft {self.code}"


class FacilitatorAsked(models.Model):
    """The question whether somebody would look after circles of a round, or one circle that nobody looks after.

    Nobody looks after a circle without their own yes.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="asked")
    circle = models.ForeignKey(Circle, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    yes = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "user"], condition=Q(circle=None), name="facilitator_asked_once_a_round"
            ),
            models.UniqueConstraint(
                fields=["circle", "user"], condition=Q(circle__isnull=False), name="facilitator_asked_once_a_circle"
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.code}"


class Placement(models.Model):
    """Somebody's place on the board of a round: in one circle of it, never in two."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="placements")
    draft = models.ForeignKey(DraftCircle, on_delete=models.CASCADE, related_name="placements")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="placements")
    # Stays in this circle, whoever else is proposed for it.
    pinned = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "enrolment"], name="placed_once_a_round")]

    def __str__(self) -> str:
        return f"placement {self.pk}"


class BoardStep(models.Model):
    """What was moved on a board in one go, so that it can be undone: [enrolment, draft before, draft after], by key."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="steps")
    moves = models.JSONField()

    def __str__(self) -> str:
        return f"step {self.pk}"


class FormingRun(models.Model):
    """One working out of circles for a board: what was asked, how far it is, and up to three proposals.

    People stand in it by the keys of their enrolments, and facts as numbers: nothing of what they wrote. `input_mark`
    is a keyed digest of all that went in. It would change with a wish told in confidence, so no page shows it.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="runs")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    scope = models.CharField(max_length=8, choices=Scope.choices)
    seconds = models.PositiveSmallIntegerField()
    seed = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    begun_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    stop_asked = models.BooleanField(default=False)
    version = models.PositiveSmallIntegerField(default=0)
    input_mark = models.CharField(max_length=64, blank=True)
    progress = models.JSONField(default=dict)
    choices = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round"], condition=Q(state__in=["queued", "running"]), name="forming_one_run_a_round"
            )
        ]

    def __str__(self) -> str:
        return f"run {self.code}"

    @property
    def is_going_on(self) -> bool:
        """Whether something is still being worked out."""
        return self.state in (RunState.QUEUED, RunState.RUNNING)


class RoundCircle(models.Model):
    """A circle that a round of a programme made, with what is known of it from dates and counts, as of `counted_at`."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="circles")
    circle = models.OneToOneField(Circle, on_delete=models.CASCADE, related_name="+")
    seated = models.PositiveSmallIntegerField(default=0)
    signed = models.PositiveSmallIntegerField(default=0)
    made = models.PositiveIntegerField(default=0)
    # Who came to the latest three sessions, of how many expected; the latest first.
    lately = models.JSONField(default=list)
    last_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    cadence = models.CharField(max_length=8, default="not_yet")
    signs = models.JSONField(default=list)
    worth_a_call = models.BooleanField(default=False)
    counted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"circle {self.circle_id} of round {self.round_id}"

    @property
    def all_signed(self) -> bool:
        """Whether everybody with a seat has signed the agreement in force."""
        return self.seated > 0 and self.signed >= self.seated


class LatePlace(models.Model):
    """The question to those who look after a circle whether somebody who came late may be invited into it."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    of = models.ForeignKey(RoundCircle, on_delete=models.CASCADE, related_name="late")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="late")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    yes = models.BooleanField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment"], condition=Q(yes=None), name="late_place_asked_of_one"),
            models.UniqueConstraint(fields=["of", "enrolment"], name="late_place_asked_once"),
        ]

    def __str__(self) -> str:
        return f"question {self.code}"
