"""Circles, who belongs to them, who was invited, and the promise of so many sessions."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import OneTimeToken, User
from circles.audit_trail import sentence
from circles.enums import Cadence, CircleStatus, Decision, InvitationAnswer, Outcome, Relied, Retention
from circles.sealed import SealedManager, SealedModel, SealedTextField, Unreadable
from circles.vault import Vault

# Longest line of a plan for coming, in characters; each is stored as long as that.
COMING_PLAN_AT_MOST = 200

__all__ = [
    "Announcement",
    "AuditEntry",
    "Circle",
    "ComingPlan",
    "Covenant",
    "CovenantVote",
    "Farewell",
    "Goal",
    "Invitation",
    "Membership",
    "RemovalRequest",
    "SelfRunVoice",
    "Vault",
]  # fmt: skip


class Circle(models.Model):
    """A group of two to twelve equals who meet regularly."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64)
    language = models.CharField(max_length=10, default="en-gb")
    cadence = models.CharField(max_length=12, choices=Cadence.choices, default=Cadence.THREE_WEEKS)
    min_size = models.PositiveSmallIntegerField(default=3)
    max_size = models.PositiveSmallIntegerField(default=8)
    managers_here = models.CharField(max_length=300, blank=True)
    self_run = models.BooleanField(default=False)
    # How many days before a session its roles are announced.
    roles_days = models.PositiveSmallIntegerField(default=3)
    # Whether calendar entries carry the link of the call.
    call_in_calendar = models.BooleanField(default=True)
    # Whether they carry the circle's name: others may look into a calendar.
    name_in_calendar = models.BooleanField(default=True)
    status = models.CharField(max_length=8, choices=CircleStatus.choices, default=CircleStatus.OPEN)
    vault = models.OneToOneField(Vault, on_delete=models.PROTECT, related_name="circle")
    # Somebody outside the circle whom every member may ask for a word.
    contact_name = models.CharField(max_length=80, blank=True)
    contact_email = models.EmailField(blank=True)
    # How long after a session the issues brought to it stay.
    retention_days = models.PositiveSmallIntegerField(choices=Retention.choices, default=Retention.MONTH)
    # Whether forms of commitments here offer the line of a plan; a programme may decide it by lot.
    offers_plans = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    # Closed for good: what was said is deleted some time after this.
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(min_size__gte=2) & Q(max_size__gte=models.F("min_size")) & Q(max_size__lte=12),
                name="circle_sizes",
            ),
            models.CheckConstraint(
                condition=Q(roles_days__gte=1, roles_days__lte=14), name="roles_1_to_14_days_before"
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) | (~Q(status="closed") & Q(closed_at=None)),
                name="circle_closed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Someone's time in a circle: with the rights of a facilitator, as one who takes part, or both."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    facilitates = models.BooleanField(default=False)
    takes_part = models.BooleanField(default=True)
    # Nobody reads words of before this moment (`Seat.saw`); whoever comes back has a row of their own.
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    # It ended because somebody said that its person has left the organisation: a mistake gives it back.
    ended_with_account = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle", "user"], condition=Q(left_at=None), name="member_once"),
            models.CheckConstraint(
                condition=Q(facilitates=True) | Q(takes_part=True), name="membership_means_something"
            ),
            models.CheckConstraint(
                condition=Q(ended_with_account=False) | Q(left_at__isnull=False), name="membership_ended_has_time"
            ),
        ]

    def __str__(self) -> str:
        return f"membership {self.code}"

    @property
    def runs(self) -> bool:
        """Whether they may schedule, invite and change: facilitators, and everybody with a seat once it is self-run."""
        return self.facilitates or (self.circle.self_run and self.takes_part)


class Invitation(OneTimeToken, SealedModel):
    """An invitation to one address by mail, or a printed slip (no address) that is handed over."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(blank=True)
    # As whoever invites calls them: it stands in the list, and in the field for their name until they change it.
    name = SealedTextField(null=True)
    # `token_hash` is of the secret that is only mailed; this is of the one that is shown, which proves nothing.
    shown_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    # How often a shown link was tried with an address that has an account: a link tells that of a few only.
    taken_tries = models.PositiveSmallIntegerField(default=0)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    answer = models.CharField(max_length=3, choices=InvitationAnswer.choices, blank=True, default=InvitationAnswer.NONE)
    word = SealedTextField(null=True)
    # A slip joins whoever holds it, so the facilitator confirms the person first.
    claimed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "email"],
                condition=Q(used_at=None, revoked_at=None) & ~Q(email=""),
                name="invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.code}"

    @property
    def is_slip(self) -> bool:
        return not self.email

    @property
    def called(self) -> str:
        """What they are called here; empty where nobody said, or where it cannot be read now."""
        held = self.name
        return "" if not held or isinstance(held, Unreadable) else str(held)

    @classmethod
    def is_known(cls, token: str) -> bool:
        return cls.held_by(token) is not None

    @classmethod
    def held_by(cls, token: str) -> "tuple[Invitation, bool] | None":
        """The invitation that a secret opens, and whether the secret proves the mailbox it was sent to."""
        digest = cls.hash_of(token)
        rows = cls.objects.filter(Q(token_hash=digest) | Q(shown_hash=digest))
        found = rows.select_related("circle__vault", "vault", "invited_by", "claimed_by").first()
        return (found, found.token_hash == digest and not found.is_slip) if found else None

    def awaits_confirmation(self) -> bool:
        return self.claimed_by_id is not None and self.settled_at is None

    def state(self, now: datetime) -> str:
        """`open`, `expired`, `revoked`, `accepted`, `declined` or `waiting` (a slip to be confirmed)."""
        if self.revoked_at:
            return "revoked"
        if self.awaits_confirmation():
            return "waiting"
        if self.used_at:
            return "accepted" if self.answer == InvitationAnswer.YES else "declined"
        return "open" if now < self.expires_at else "expired"


class Covenant(models.Model):
    """The promise of so many sessions before the circle judges itself; one row a cycle."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="covenants")
    # The first promise of a circle is 1; the one that follows a decision the next.
    number = models.PositiveSmallIntegerField(default=1)
    sessions = models.PositiveSmallIntegerField(default=6)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle"], condition=Q(decided_at=None), name="covenant_one_open"),
            models.CheckConstraint(condition=Q(sessions__gte=1, sessions__lte=24), name="covenant_one_to_24_sessions"),
        ]

    def __str__(self) -> str:
        return f"covenant {self.number} of circle {self.circle_id}"


class Goal(SealedModel):
    """One line of what a member wants from these sessions; read out at the first, the middle and the last."""

    covenant = models.ForeignKey(Covenant, on_delete=models.CASCADE, related_name="goals")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = SealedTextField()
    written_at = models.DateTimeField()
    # When it was read out last, at the start of a session: whoever came since has not heard it.
    told_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["covenant", "user"], name="goal_one_each")]

    def __str__(self) -> str:
        return f"goal {self.code}"


class ComingPlan(SealedModel):
    """What somebody does if something comes up on the day of a session: one line, theirs alone."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="coming_plans")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # With room: its length tells nothing.
    text = SealedTextField(room=COMING_PLAN_AT_MOST)
    written_at = models.DateTimeField()

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["circle", "user"], name="coming_plan_one_each")]

    def __str__(self) -> str:
        return f"plan for coming {self.code}"


class CovenantVote(models.Model):
    """What one member would like to do after the promised sessions; it can be changed until it is settled."""

    covenant = models.ForeignKey(Covenant, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=8, choices=Decision.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["covenant", "user"], name="covenant_vote_one_each")]

    def __str__(self) -> str:
        return f"vote {self.pk}"


class Farewell(SealedModel):
    """What a member thanks the others for, and takes with them, when a circle closes well."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="farewells")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    thanks = SealedTextField()
    takes = SealedTextField()
    written_at = models.DateTimeField()

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["circle", "user"], name="farewell_one_each")]

    def __str__(self) -> str:
        return f"farewell {self.code}"


class RemovalRequestQuerySet(models.QuerySet["RemovalRequest"]):
    def still_asked(self) -> "RemovalRequestQuerySet":
        """Neither settled nor fallen: both the one it is about and whoever asked are in the circle."""
        present = Membership.objects.filter(
            circle=models.OuterRef("membership__circle"), user=models.OuterRef("asked_by"), left_at=None
        )
        return self.filter(models.Exists(present), settled_at=None, membership__left_at=None)


class RemovalRequest(models.Model):
    """That a facilitator asks for somebody to leave the circle; it takes one more member to agree."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="removals")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    agreed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = RemovalRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership"], condition=Q(settled_at=None), name="removal_asked_once"),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | (~Q(agreed_by=F("asked_by")) & Q(settled_at__isnull=False)),
                name="removal_takes_two",
            ),
        ]

    def __str__(self) -> str:
        return f"removal {self.code}"


class Announcement(models.Model):
    """Something that all rely on, and one person changes: told to everybody, and in force from a moment on.

    `before` and `after` hold the columns it changes. It waits for the yes of the person it is about while it has no
    `takes_effect_at`. One that is settled stays as a record of who changed what, and when.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="changes")
    what = models.CharField(max_length=12, choices=Relied.choices)
    about = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    # Both sides in full, so that those who were told of it can compare, and objecting needs no undoing.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    takes_effect_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True, default=Outcome.OPEN)
    objected_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "what"], condition=Q(settled_at=None, about=None), name="change_open_once"
            ),
            models.UniqueConstraint(
                fields=["about", "what"],
                condition=Q(settled_at=None, about__isnull=False),
                name="change_about_open_once",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, outcome="") | (Q(settled_at__isnull=False) & ~Q(outcome="")),
                name="change_settled_says_how",
            ),
            models.CheckConstraint(
                condition=Q(takes_effect_at=None) | Q(takes_effect_at__gte=F("asked_at")), name="change_not_backdated"
            ),
        ]

    def __str__(self) -> str:
        return f"change {self.code}"

    @property
    def waits_for_yes(self) -> bool:
        return self.takes_effect_at is None


class SelfRunVoice(models.Model):
    """One member's yes, or not yet, to the circle running itself."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="self_run_voices")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    yes = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["circle", "user"], name="self_run_voice_one_each")]

    def __str__(self) -> str:
        return f"voice {self.pk}"


class AuditEntry(models.Model):
    """Who joined, left or was removed, and when: insert and prune only, never content."""

    circle = models.ForeignKey(Circle, null=True, on_delete=models.CASCADE, related_name="audit")
    # None where nobody did it: a rule took effect, or a clock.
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=40)
    about = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return sentence(self.verb, self.actor, self.about)
