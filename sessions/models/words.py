"""What is brought and said: sealed for its circle, or for one person of it."""

from typing import ClassVar

from django.db import models

from accounts.models import User
from agreements.models import Commitment
from circles.sealed import SealedManager, SealedModel, SealedTextField
from sessions.enums import Ask
from sessions.models.dates import CircleSession
from sessions.models.people import Participation


class Issue(SealedModel):
    """What someone brings to a session. Its lines are theirs alone until their turn begins (`access.reads_issue`).

    `told` is written when the session ends; what was not told stays its owner's, and goes on to the next session.
    """

    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="issues")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    title = SealedTextField()
    text = SealedTextField()
    ask = models.CharField(max_length=10, choices=Ask.choices, default=Ask.QUESTIONS)
    told = models.BooleanField(default=False)

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "owner"], name="issue_one_each")]

    def __str__(self) -> str:
        return f"issue {self.code}"


class Note(SealedModel):
    """What someone writes for themselves during a session; nobody else reads it."""

    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = SealedTextField()

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "author"], name="note_one_each")]

    def __str__(self) -> str:
        return f"note {self.code}"


class ScribeNote(SealedModel):
    """What the scribe writes for a presenter: theirs alone once the session is over, deleted after two days."""

    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="scribe_notes")
    reader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = SealedTextField()

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "reader"], name="scribe_note_one_each")]

    def __str__(self) -> str:
        return f"scribe's note {self.code}"


class CheckOut(SealedModel):
    """What someone takes with them: an insight, a commitment, both, or nothing this time."""

    participation = models.OneToOneField(Participation, on_delete=models.CASCADE, related_name="check_out")
    insight = SealedTextField()
    commitment = models.OneToOneField(
        Commitment, null=True, blank=True, on_delete=models.SET_NULL, related_name="check_out"
    )
    at = models.DateTimeField()

    objects: ClassVar[SealedManager] = SealedManager()

    def __str__(self) -> str:
        return f"check-out {self.code}"
