"""The journey that a programme takes for its circles, and what became of it in each of them."""

import uuid

from django.db import models
from django.db.models import Q

from programmes.models.forming import RoundCircle
from programmes.models.programme import Programme
from sessions.models import JourneyVersion


class ProgrammeJourney(models.Model):
    """Taken for the circles there are, from a day that they are told before, and for those that are made later."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="journeys")
    version = models.ForeignKey(JourneyVersion, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField()
    begins_at = models.DateTimeField()
    # Another took its place, or it was taken back: circles that are on it stay on it.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme"], condition=Q(ended_at=None), name="programme_one_journey")
        ]

    def __str__(self) -> str:
        return f"journey {self.version_id} of programme {self.programme_id}"


class JourneyOffer(models.Model):
    """What a circle was told of it. No page of the programme says what became of that: it is the circle's own."""

    journey = models.ForeignKey(ProgrammeJourney, on_delete=models.CASCADE, related_name="offers")
    of = models.ForeignKey(RoundCircle, on_delete=models.CASCADE, related_name="journeys")
    # The circle said no, or it began there, or the circle was on another by then.
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "of"], name="journey_offered_once")]

    def __str__(self) -> str:
        return f"offer {self.pk}"
