"""Who is asked to take part, and their own yes."""

import json
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import OneTimeToken, User
from accounts.tokens import secret_of
from circles.sealed import SealedManager, SealedModel, SealedTextField, Unreadable
from programmes.enums import EnrolmentStatus
from programmes.models.programme import Programme


class Answers(SealedModel):
    """What somebody, or a file of people, said about a person: sealed under the programme's key, as one text."""

    attributes = SealedTextField(null=True)

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    @property
    def facts(self) -> dict[str, str]:
        """The attributes by name; empty when there are none or they cannot be read now."""
        held = self.attributes
        return {} if not held or isinstance(held, Unreadable) else dict(json.loads(held))

    @facts.setter
    def facts(self, value: dict[str, str]) -> None:
        self.attributes = json.dumps({name: text for name, text in value.items() if text})


class ProgrammeInvitation(OneTimeToken, Answers):
    """A personal invitation to a programme. It is used by the person's own yes."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "email"], condition=Q(revoked_at=None), name="programme_invited_once"
            )
        ]

    @property
    def secret(self) -> str:
        """What its link says; shown on no page, written to no log."""
        return secret_of("programmes.invitation", self.code)

    def __str__(self) -> str:
        return f"invitation {self.code}"

    @property
    def called(self) -> str:
        """What they are called by whoever invited them; empty where nobody said."""
        return self.facts.get("name", "")


class PeopleToInvite(SealedModel):
    """Some people of a large file, sealed as one text until a job has written their invitations, a moment later."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="to_invite")
    people = SealedTextField()
    number = models.PositiveSmallIntegerField()
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    objects: ClassVar[SealedManager] = SealedManager()

    def __str__(self) -> str:
        return f"{self.number} people of programme {self.programme_id}"


class Enrolment(Answers):
    """One person's own yes to a programme, and what they said with it: read by its administrators, nobody else."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="enrolments")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="enrolments")
    status = models.CharField(max_length=9, choices=EnrolmentStatus.choices, default=EnrolmentStatus.ENROLLED)
    may_facilitate = models.BooleanField(default=False)
    # Would like to stay with those of their last circle who say the same.
    stays_together = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    # When they were last asked by mail at what times they can meet.
    hours_asked_at = models.DateTimeField(null=True, blank=True)
    motive = SealedTextField(null=True)
    offers = SealedTextField(null=True)
    # Addresses, one a line. The second is never shown to anybody but its writer.
    together = SealedTextField(null=True)
    apart = SealedTextField(null=True, room=1280)

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        indexes = [models.Index(fields=["programme", "status", "asked_at"], name="enrolment_in_turn")]
        constraints = [models.UniqueConstraint(fields=["programme", "user"], name="enrolled_once")]

    def __str__(self) -> str:
        return f"enrolment {self.code}"
