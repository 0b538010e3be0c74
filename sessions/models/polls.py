"""Dates that a circle is asked about."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.enums import Level
from accounts.models import User
from circles.models import Circle


class TimePoll(models.Model):
    """Some dates a circle is asked about; it is settled by the session that was scheduled from it."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="polls")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle"], condition=Q(closed_at=None), name="poll_one_open"),
        ]

    def __str__(self) -> str:
        return f"poll {self.code}"


class PollOption(models.Model):
    """One time that is asked about."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    poll = models.ForeignKey(TimePoll, on_delete=models.CASCADE, related_name="options")
    local_date = models.DateField()
    local_time = models.TimeField()
    zone = models.CharField(max_length=64)
    starts_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "starts_at"], name="poll_option_once")]

    def __str__(self) -> str:
        return f"option {self.pk}"


class PollAnswer(models.Model):
    """How well one time suits one member."""

    option = models.ForeignKey(PollOption, on_delete=models.CASCADE, related_name="answers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=8, choices=Level.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["option", "user"], name="poll_answer_one_each")]

    def __str__(self) -> str:
        return f"answer {self.pk}"
