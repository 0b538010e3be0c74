"""Coaching pairs inside a circle: how often they change, and who is with whom."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from circles.models import Circle


class PairRhythm(models.Model):
    """A circle's choice: its members coach each other in pairs between sessions, others after so many of them."""

    circle = models.OneToOneField(Circle, on_delete=models.CASCADE, related_name="pair_rhythm")
    every = models.PositiveSmallIntegerField()
    chosen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(every__gte=1, every__lte=6), name="pairs_every_1_to_6_sessions")
        ]

    def __str__(self) -> str:
        return f"pairs of circle {self.circle_id}"


class PairRound(models.Model):
    """From when until when the same people were together; the one that has not ended is now."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="pair_rounds")
    number = models.PositiveSmallIntegerField()
    # How many sessions the circle had held by then.
    held = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle", "number"], name="pair_round_number_once"),
            models.UniqueConstraint(fields=["circle"], condition=Q(ended_at=None), name="pair_round_one_now"),
        ]

    def __str__(self) -> str:
        return f"round {self.number} of circle {self.circle_id}"


class PairSeat(models.Model):
    """One person's place in a round of pairs: those with the same group are together."""

    round = models.ForeignKey(PairRound, on_delete=models.CASCADE, related_name="seats")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    group = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "user"], name="pair_seat_one_each")]

    def __str__(self) -> str:
        return f"seat {self.pk}"
