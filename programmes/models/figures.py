"""Counts week by week, and pulses: who was asked, what was answered, what may be shown."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from circles.models import Circle
from circles.sealed import SealedManager, SealedModel, SealedTextField
from programmes.enums import Moment
from programmes.models.forming import Round, RoundCircle
from programmes.models.programme import Programme


class WeekFigures(models.Model):
    """What happened in one circle in one week, in counts."""

    of = models.ForeignKey(RoundCircle, on_delete=models.CASCADE, related_name="weeks")
    week = models.DateField()
    held = models.PositiveSmallIntegerField(default=0)
    moved = models.PositiveSmallIntegerField(default=0)
    cut_short = models.PositiveSmallIntegerField(default=0)
    came = models.PositiveSmallIntegerField(default=0)
    expected = models.PositiveSmallIntegerField(default=0)
    # Empty until they are counted, once: whoever looks often would otherwise see somebody press.
    made = models.PositiveSmallIntegerField(null=True)
    due = models.PositiveSmallIntegerField(null=True)
    kept = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "week"], name="week_of_circle_once")]

    def __str__(self) -> str:
        return f"week {self.week} of {self.of_id}"


class Pulse(models.Model):
    """One short survey of a round: open for some days, then fixed for good."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="pulses")
    moment = models.CharField(max_length=6, choices=Moment.choices)
    opens_on = models.DateField()
    closes_on = models.DateField()
    opened_at = models.DateTimeField(null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    # How many were asked and how many answered, fixed with the reports.
    asked = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "moment"], name="pulse_moment_once"),
            models.CheckConstraint(condition=Q(closes_on__gt=F("opens_on")), name="pulse_closes_after_it_opens"),
            models.CheckConstraint(
                condition=Q(frozen_at=None) | Q(opened_at__isnull=False), name="pulse_opened_before_frozen"
            ),
        ]

    def __str__(self) -> str:
        return f"pulse {self.code}"


class PulseTicket(models.Model):
    """That somebody may answer a pulse once, for one circle. It knows that they did, never what."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pulse = models.ForeignKey(Pulse, on_delete=models.CASCADE, related_name="tickets")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="pulse_tickets")
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="+")
    answered = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pulse", "user"], name="ticket_one_each")]

    def __str__(self) -> str:
        return f"ticket {self.pk}"


class PulseAnswer(SealedModel):
    """What somebody answered: a random key, no person and no time. Scores go when the pulse is fixed."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pulse = models.ForeignKey(Pulse, on_delete=models.CASCADE, related_name="answers")
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="+")
    scores = models.JSONField(default=dict)
    helps = SealedTextField(null=True)
    change = SealedTextField(null=True)
    # Whether its writer let the programme read that sentence.
    helps_released = models.BooleanField(default=False)
    change_released = models.BooleanField(default=False)

    objects: ClassVar[SealedManager] = SealedManager()

    def __str__(self) -> str:
        return "a pulse answer"


class PulseReport(models.Model):
    """Figures of a pulse, fixed when it closed: of one circle, or (no circle) of the programme."""

    pulse = models.ForeignKey(Pulse, on_delete=models.CASCADE, related_name="reports")
    circle = models.ForeignKey(Circle, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    respondents = models.PositiveIntegerField()
    # By statement: how many and a band of three, or (of eight and more) the mean and the standard deviation.
    figures = models.JSONField()
    shared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pulse", "circle"], name="report_of_circle_once"),
            models.UniqueConstraint(fields=["pulse"], condition=Q(circle=None), name="report_of_programme_once"),
            models.CheckConstraint(condition=Q(respondents__gte=5), name="report_of_five_at_least"),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class Quote(SealedModel):
    """A sentence a member offers for the programme's evaluation, shown exactly so, until they take it back."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="quotes")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = SealedTextField()
    with_name = models.BooleanField(default=False)
    offered_at = models.DateTimeField()

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "user"], name="quote_one_each")]

    def __str__(self) -> str:
        return f"quote {self.code}"

    @property
    def shown_as(self) -> Any:
        """Under which name it stands in the evaluation."""
        return str(self.user) if self.with_name else _("a member of a circle")
