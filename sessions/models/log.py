"""The log of a live session, what its end writes for reports, and the log of a rehearsal."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import User
from sessions.models.dates import CircleSession
from sessions.models.formats import FormatVersion
from sessions.models.people import Participation


class SessionEvent(models.Model):
    """The log of a live session: insert only. Facts of time, seats; never words or names."""

    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    by_seat = models.PositiveSmallIntegerField()
    # Milliseconds since 1970, UTC: what is folded is whole numbers, and no zone is read.
    at = models.BigIntegerField()
    # Results and not requests, with the version of their shape (`v`): no later rule changes an old log.
    payload = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "seq"], name="event_seq_once")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class Turn(models.Model):
    """The ledger of who spoke when: written when a session ends, read to be fair later."""

    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="turns")
    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="turns")
    position = models.PositiveSmallIntegerField()
    presented = models.BooleanField(default=False)
    seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "position"], name="turn_position_once")]

    def __str__(self) -> str:
        return f"turn {self.position}"


class Rehearsal(models.Model):
    """A format tried alone, with simulated members: its own log, no circle, no words, gone after a day."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="rehearsals")
    format_version = models.ForeignKey(FormatVersion, on_delete=models.CASCADE, related_name="+")
    people = models.PositiveSmallIntegerField()
    speed = models.PositiveSmallIntegerField(default=1)
    seq = models.PositiveIntegerField(default=0)
    # All in one row: nobody but its owner ever asks for one, and it goes as a whole.
    events = models.JSONField(default=list)
    begun_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(speed__gte=1, speed__lte=60), name="rehearsal_speed_1_to_60")]

    def __str__(self) -> str:
        return f"rehearsal {self.code}"
