"""Who takes part in a session: answers, seats, guests, roles."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import OneTimeToken, User
from accounts.tokens import secret_of
from circles.models import Membership
from sessions.enums import Attendance, ParticipantKind, Role, Rsvp, SessionStatus, SwapAnswer, Way
from sessions.models.dates import CircleSession


class Participation(models.Model):
    """One person's part in one session.

    The seat, and the place in the speaking order, are given when the session starts; a hand is up since `hand_at`, and
    somebody is away for a moment since `away_at`. `minutes` are those agreed for
    this person's turn, where they differ from an equal share.
    """

    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="participations")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="participations")
    kind = models.CharField(max_length=11, choices=ParticipantKind.choices, default=ParticipantKind.MEMBER)
    # None until the session starts; then 1…n, and for whoever comes later the next number.
    seat = models.PositiveSmallIntegerField(null=True, blank=True)
    rsvp = models.CharField(max_length=5, choices=Rsvp.choices, blank=True, default=Rsvp.NONE)
    # When they said so and by which way: what was said later holds, in whichever order it is read.
    rsvp_at = models.DateTimeField(null=True, blank=True)
    rsvp_by = models.CharField(max_length=8, choices=Way.choices, blank=True, default=Way.PAGE)
    attendance = models.CharField(max_length=8, choices=Attendance.choices, default=Attendance.EXPECTED)
    # When a page of theirs was open, written every 15 s for all at once; older than 40 s is away.
    last_seen_at = models.DateTimeField(null=True, blank=True)
    presents = models.BooleanField(default=False)
    hand_at = models.DateTimeField(null=True, blank=True)
    away_at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    # Which place in today's order, from 1; what fairness looks back at.
    place = models.PositiveSmallIntegerField(null=True, blank=True)
    floor_seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="participation_once"),
            models.UniqueConstraint(fields=["session", "seat"], name="seat_once"),
        ]

    def __str__(self) -> str:
        return f"participation {self.pk}"


# How long a guest can read what was shared after a session; one that nobody ever opened ends as long after its date.
GUEST_READS_FOR = timedelta(days=1)


class GuestPassQuerySet(models.QuerySet["GuestPass"]):
    def accepted(self) -> Self:
        """Those that somebody said yes to, and that nobody has ended; whoever left the circle since is no guest."""
        left = Membership.objects.filter(
            circle=OuterRef("session__circle"), user=OuterRef("user"), left_at__gte=OuterRef("used_at")
        )
        return self.filter(~Exists(left), used_at__isnull=False, revoked_at=None)

    def standing(self, now: datetime) -> Self:
        """Accepted ones that still let their guest in: by the clock, whatever any task has done or not."""
        since = now - GUEST_READS_FOR
        ended = Q(session__ended_at__gte=since)
        under_way = Q(session__status=SessionStatus.RUNNING)
        coming = Q(session__status=SessionStatus.PLANNED, session__starts_at__gte=since)
        return self.accepted().filter(ended | under_way | coming)


class GuestPass(OneTimeToken):
    """Somebody invited to one session, if no member would rather not. Used by their own yes; revoked ends it."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="guest_passes")
    name = models.CharField(max_length=80)
    email = models.EmailField()
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="guest_passes")

    objects = GuestPassQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "email"], condition=Q(revoked_at=None), name="guest_once_a_session"
            ),
            models.CheckConstraint(
                condition=Q(used_at=None, user=None) | Q(used_at__isnull=False, user__isnull=False),
                name="guest_used_by_somebody",
            ),
        ]

    @property
    def secret(self) -> str:
        """What its link says; shown on no page, written to no log."""
        return secret_of("sessions.guest", self.code)

    def __str__(self) -> str:
        return f"guest pass {self.code}"

    @property
    def is_accepted(self) -> bool:
        return self.used_at is not None and self.revoked_at is None


class SessionRole(models.Model):
    """Who holds a role of a session, and whether the rule or a person chose."""

    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="roles")
    role_key = models.CharField(max_length=12, choices=Role.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # By a person: the rotation never changes it while they can come.
    chosen = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "role_key"], name="role_held_once")]

    def __str__(self) -> str:
        return f"{self.role_key} of session {self.session_id}"


class RoleSwap(models.Model):
    """One holder of a role asks somebody else to take it; whoever says yes hands over the role they held themselves."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="swaps")
    role_key = models.CharField(max_length=12, choices=Role.choices)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=3, choices=SwapAnswer.choices, blank=True, default=SwapAnswer.NONE)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "role_key"], condition=Q(answer=""), name="swap_asked_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"swap {self.code}"


class ReminderNote(models.Model):
    """What a facilitator adds to a coming reminder: logistics, which goes out by mail and is not sealed."""

    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="reminder_notes")
    kind = models.CharField(max_length=40)
    text = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "kind"], name="reminder_note_once")]

    def __str__(self) -> str:
        return f"note {self.pk}"
