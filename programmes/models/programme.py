"""A programme and who administers it."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from accounts.models import OneTimeToken, User
from accounts.rules.zones import to_local
from accounts.tokens import secret_of
from agreements.enums import Start
from circles.enums import Cadence
from circles.vault import Vault

# How long session 0 is, which is not one of those promised.
PRACTICE_MINUTES = 120


class Programme(models.Model):
    """A cohort of circles in an organisation. It knows its circles; a circle knows nothing of it."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=600, blank=True)
    welcome = models.CharField(max_length=2000, blank=True)
    is_pilot = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64)
    starts_on = models.DateField()
    ends_on = models.DateField()
    # What its circles are like.
    sessions = models.PositiveSmallIntegerField(default=6)
    cadence = models.CharField(max_length=12, choices=Cadence.choices, default=Cadence.THREE_WEEKS)
    min_size = models.PositiveSmallIntegerField(default=4)
    max_size = models.PositiveSmallIntegerField(default=6)
    agreement = models.CharField(max_length=10, choices=Start.choices, default=Start.COMPANY)
    format_key = models.CharField(max_length=40, default="council")
    minutes = models.PositiveSmallIntegerField(default=120)
    practice = models.BooleanField(default=True)
    cards = models.JSONField(default=list)
    # How people come in.
    is_open = models.BooleanField(default=True)
    enrol_until = models.DateField(null=True, blank=True)
    places = models.PositiveSmallIntegerField(null=True, blank=True)
    asks = models.JSONField(default=list)
    # Whether it asks, or ever asked, with whom somebody would rather not be: what was told then still holds.
    in_confidence = models.BooleanField(default=False)
    # What circles are proposed by: a word for each rule, where it is not the usual one.
    forming = models.JSONField(default=dict)
    # A first meeting of everybody.
    kickoff_date = models.DateField(null=True, blank=True)
    kickoff_time = models.TimeField(null=True, blank=True)
    kickoff_place = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    vault = models.OneToOneField(Vault, on_delete=models.PROTECT, related_name="programme")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(min_size__gte=2) & Q(max_size__gte=F("min_size")) & Q(max_size__lte=12),
                name="programme_sizes",
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="programme_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(sessions__gte=1, sessions__lte=24), name="programme_1_to_24_sessions"),
            models.CheckConstraint(condition=Q(minutes__gte=15, minutes__lte=480), name="programme_session_minutes"),
            models.CheckConstraint(
                condition=Q(kickoff_date=None, kickoff_time=None)
                | Q(kickoff_date__isnull=False, kickoff_time__isnull=False),
                name="programme_kickoff_whole_or_none",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_over(self, now: datetime) -> bool:
        """Whether somebody has ended it, or its last day has passed where it is: nobody comes in any more."""
        return self.ended_at is not None or to_local(now, self.time_zone).date() > self.ends_on

    @property
    def hours(self) -> int:
        """What it takes of a person, in whole hours, rounded up: the sessions promised, and the one to practise."""
        practice = PRACTICE_MINUTES if self.practice else 0
        return -(-(self.sessions * self.minutes + practice) // 60)


class ProgrammeAdmin(models.Model):
    """An administrator of a programme: sees dates and counts, never what was said."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="admins")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="programmes_led")
    # From when on they read: those who wrote something are told before.
    since = models.DateTimeField()
    # Empty until everybody was told, by the job that writes the letters.
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "user"], name="programme_admin_once")]

    def __str__(self) -> str:
        return f"administrator {self.user_id} of programme {self.programme_id}"


class AdminAct(models.Model):
    """What an administrator did in a programme, and when: insert and prune only, how many and never who or what."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="acts")
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=40)
    number = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["programme", "at"], name="admin_act_in_turn")]

    def __str__(self) -> str:
        return f"{self.verb} in programme {self.programme_id}"


class AdminInvitation(OneTimeToken):
    """The question whether somebody would administer a programme too. It is used by the person's own yes or no."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="admin_invitations")
    email = models.EmailField()
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "email"],
                condition=Q(used_at=None, revoked_at=None),
                name="programme_admin_asked_once",
            )
        ]

    @property
    def secret(self) -> str:
        """What its link says; shown on no page, written to no log."""
        # The salt of an invitation to take part, once by mistake: hashes of open links stand on it, so it stays. The
        # two never meet, since the codes they are worked out from are drawn at random.
        return secret_of("programmes.invitation", self.code)

    def __str__(self) -> str:
        return f"question {self.code}"
