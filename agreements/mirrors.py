"""The circle looks at itself: counts without names, and the one change that it tries. Part of `models.py`."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import User
from agreements.enums import Became
from circles.models import Circle
from circles.sealed import SealedManager, SealedModel, SealedTextField

# So often a change stands on the screen while a session opens; at the opening after that it is asked about.
TOLD_TIMES = 3


class Mirror(SealedModel):
    """One look of a circle at itself. While it is open there are counts for all together; afterwards only what differs.

    No row and no column is about one answer: each is added to the counts, which are written anew.
    """

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="mirrors")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # How many gave each score to each statement. With room, so that its length tells nothing; gone once it is closed.
    sums = SealedTextField(room=240)
    # The statements about which people differed most, the widest first; nothing of fewer than five answers.
    widest = models.JSONField(default=list)

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle"], condition=Q(closed_at=None), name="mirror_one_open"),
        ]

    def __str__(self) -> str:
        return f"mirror {self.code}"


class MirrorTicket(models.Model):
    """That somebody may answer once while a mirror is open. It knows that they did, never what, and not when."""

    mirror = models.ForeignKey(Mirror, on_delete=models.CASCADE, related_name="tickets")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mirror", "user"], name="mirror_ticket_one_each")]

    def __str__(self) -> str:
        return f"ticket {self.pk}"


class OneChange(SealedModel):
    """The one change a circle agreed to try: on the screen at the next three openings, and then asked about."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="changes_tried")
    text = SealedTextField()
    decided_at = models.DateTimeField()
    # At how many openings it has stood; one more than that many, and it is asked about.
    told = models.PositiveSmallIntegerField(default=0)
    became = models.CharField(max_length=8, choices=Became.choices, blank=True, default=Became.TRYING)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle"], condition=Q(became=""), name="one_change_at_a_time"),
            models.CheckConstraint(
                condition=Q(became="", settled_at=None) | (~Q(became="") & Q(settled_at__isnull=False)),
                name="one_change_settled_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"one change {self.code}"

    @property
    def is_asked(self) -> bool:
        """Whether it has stood at its openings, and the circle says what became of it."""
        return self.became == Became.TRYING and self.told > TOLD_TIMES
