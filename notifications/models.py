"""The outbox: one row a message to a person. It says what the mail is about, never what it will say."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.models import User
from notifications.enums import Channel, MessageState


class Message(models.Model):
    """One mail to one person about one thing, written in the transaction that caused it, rendered when sent."""

    kind = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_code = models.UUIDField()
    circle_code = models.UUIDField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    # Unique over what it is about and to whom, so that planning twice writes once.
    # Long enough for the longest kind, part and address: 40 + 36 + 10 + 80 + 254 and what divides them.
    key = models.CharField(max_length=440, unique=True)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(blank=True)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=MessageState.choices, default=MessageState.WAITING)
    claimed_until = models.DateTimeField(null=True, blank=True)
    claim_token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    # Mail and bell are two states of one row: when it was heard of, and when it was read in the app.
    heard_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=40, blank=True)
    # Not before then, though it is due: it was tried and put off, or (`held`) the mail server is in trouble.
    again_at = models.DateTimeField(null=True, blank=True)
    held = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at"], name="message_due"),
            models.Index(fields=["user", "-heard_at"], name="message_heard", condition=Q(heard_at__isnull=False)),
            models.Index(fields=["subject_code"], name="message_about"),
            # For the question how often an address was written to lately.
            models.Index(fields=["email", "created_at"], name="message_to_address", condition=~Q(email="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, email="") | (Q(user=None) & ~Q(email="")),
                name="message_to_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def to(self) -> str:
        return self.user.email if self.user else self.email


class Relay(models.Model):
    """The mail server: since when it is in trouble, what it answered last, and when it is tried next."""

    name = models.CharField(max_length=40, unique=True)
    since = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=40, blank=True)
    failures = models.PositiveIntegerField(default=0)
    try_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When each moving part was last seen working."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str, *, now: datetime) -> None:
        if not cls.objects.filter(name=name).update(at=now):
            cls.objects.get_or_create(name=name, defaults={"at": now})


EVERY_CIRCLE = uuid.UUID(int=0)


# Stands for the kinds of message that there were not yet when somebody chose for all of them.
LATER_KINDS = "later"


class Preference(models.Model):
    """How one person wants to hear of one kind of thing, in one circle or (`EVERY_CIRCLE`) in all.

    With `LATER_KINDS` in place of a kind: of those that a later version of the program adds (`levels.unsaid`).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="preferences")
    kind = models.CharField(max_length=40)
    circle_code = models.UUIDField(default=EVERY_CIRCLE)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    # How long before, in minutes; empty is the kind's own default.
    lead = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "circle_code"], name="preference_once")]

    def __str__(self) -> str:
        return f"preference {self.pk}"
