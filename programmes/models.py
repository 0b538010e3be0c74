"""Programmes, who asks to take part, how circles are made of them, what is counted, and pulses without names."""

import json
import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import OneTimeToken, User
from accounts.rules.zones import to_local
from agreements.enums import Start
from circles.enums import Cadence
from circles.models import Circle
from circles.sealed import SealedManager, SealedModel, SealedTextField, Unreadable
from circles.vault import Vault
from programmes.enums import EnrolmentStatus, Moment

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

    def __str__(self) -> str:
        return f"question {self.code}"


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

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "email"], condition=Q(revoked_at=None), name="programme_invited_once"
            )
        ]

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
    asked_at = models.DateTimeField()
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


class Round(models.Model):
    """One making of circles within a programme: a board that is published in one step."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    first_on = models.DateField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="round_number_once"),
            models.UniqueConstraint(fields=["programme"], condition=Q(published_at=None), name="round_one_open"),
        ]

    def __str__(self) -> str:
        return f"round {self.number} of programme {self.programme_id}"


class DraftCircle(models.Model):
    """A circle on the board: a name, who looks after it, when it first meets."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="drafts")
    name = models.CharField(max_length=80)
    facilitator = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    first_on = models.DateField(null=True, blank=True)
    first_at = models.TimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "name"], name="draft_name_once")]

    def __str__(self) -> str:
        return f"draft {self.code}"


class FacilitatorAsked(models.Model):
    """The question whether somebody would look after circles of a round, or one circle that nobody looks after.

    Nobody looks after a circle without their own yes.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="asked")
    circle = models.ForeignKey(Circle, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    yes = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "user"], condition=Q(circle=None), name="facilitator_asked_once_a_round"
            ),
            models.UniqueConstraint(
                fields=["circle", "user"], condition=Q(circle__isnull=False), name="facilitator_asked_once_a_circle"
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.code}"


class Placement(models.Model):
    """Somebody's place on the board of a round: in one circle of it, never in two."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="placements")
    draft = models.ForeignKey(DraftCircle, on_delete=models.CASCADE, related_name="placements")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="placements")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "enrolment"], name="placed_once_a_round")]

    def __str__(self) -> str:
        return f"placement {self.pk}"


class RoundCircle(models.Model):
    """A circle that a round of a programme made, with what is known of it from dates and counts, as of `counted_at`."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="circles")
    circle = models.OneToOneField(Circle, on_delete=models.CASCADE, related_name="+")
    seated = models.PositiveSmallIntegerField(default=0)
    signed = models.PositiveSmallIntegerField(default=0)
    made = models.PositiveIntegerField(default=0)
    # Who came to the latest three sessions, of how many expected; the latest first.
    lately = models.JSONField(default=list)
    last_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    cadence = models.CharField(max_length=8, default="not_yet")
    signs = models.JSONField(default=list)
    worth_a_call = models.BooleanField(default=False)
    counted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"circle {self.circle_id} of round {self.round_id}"

    @property
    def all_signed(self) -> bool:
        """Whether everybody with a seat has signed the agreement in force."""
        return self.seated > 0 and self.signed >= self.seated


class WeekFigures(models.Model):
    """What happened in one circle in one week, in counts."""

    of = models.ForeignKey(RoundCircle, on_delete=models.CASCADE, related_name="weeks")
    week = models.DateField()
    held = models.PositiveSmallIntegerField(default=0)
    moved = models.PositiveSmallIntegerField(default=0)
    cut_short = models.PositiveSmallIntegerField(default=0)
    came = models.PositiveSmallIntegerField(default=0)
    expected = models.PositiveSmallIntegerField(default=0)
    # Empty until they are counted, once: whoever looks often would otherwise see somebody press.
    made = models.PositiveSmallIntegerField(null=True)
    due = models.PositiveSmallIntegerField(null=True)
    kept = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "week"], name="week_of_circle_once")]

    def __str__(self) -> str:
        return f"week {self.week} of {self.of_id}"


class Pulse(models.Model):
    """One short survey of a round: open for some days, then fixed for good."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="pulses")
    moment = models.CharField(max_length=6, choices=Moment.choices)
    opens_on = models.DateField()
    closes_on = models.DateField()
    opened_at = models.DateTimeField(null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    # How many were asked and how many answered, fixed with the reports.
    asked = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "moment"], name="pulse_moment_once"),
            models.CheckConstraint(condition=Q(closes_on__gt=F("opens_on")), name="pulse_closes_after_it_opens"),
            models.CheckConstraint(
                condition=Q(frozen_at=None) | Q(opened_at__isnull=False), name="pulse_opened_before_frozen"
            ),
        ]

    def __str__(self) -> str:
        return f"pulse {self.code}"


class PulseTicket(models.Model):
    """That somebody may answer a pulse once, for one circle. It knows that they did, never what."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pulse = models.ForeignKey(Pulse, on_delete=models.CASCADE, related_name="tickets")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="pulse_tickets")
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="+")
    answered = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pulse", "user"], name="ticket_one_each")]

    def __str__(self) -> str:
        return f"ticket {self.pk}"


class PulseAnswer(SealedModel):
    """What somebody answered: a random key, no person and no time. Scores go when the pulse is fixed."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pulse = models.ForeignKey(Pulse, on_delete=models.CASCADE, related_name="answers")
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="+")
    scores = models.JSONField(default=dict)
    helps = SealedTextField(null=True)
    change = SealedTextField(null=True)
    # Whether its writer let the programme read that sentence.
    helps_released = models.BooleanField(default=False)
    change_released = models.BooleanField(default=False)

    objects: ClassVar[SealedManager] = SealedManager()

    def __str__(self) -> str:
        return "a pulse answer"


class PulseReport(models.Model):
    """Figures of a pulse, fixed when it closed: of one circle, or (no circle) of the programme."""

    pulse = models.ForeignKey(Pulse, on_delete=models.CASCADE, related_name="reports")
    circle = models.ForeignKey(Circle, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    respondents = models.PositiveIntegerField()
    # By statement: how many and a band of three, or (of eight and more) the mean and the standard deviation.
    figures = models.JSONField()
    shared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pulse", "circle"], name="report_of_circle_once"),
            models.UniqueConstraint(fields=["pulse"], condition=Q(circle=None), name="report_of_programme_once"),
            models.CheckConstraint(condition=Q(respondents__gte=5), name="report_of_five_at_least"),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class Quote(SealedModel):
    """A sentence a member offers for the programme's evaluation, shown exactly so, until they take it back."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="quotes")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = SealedTextField()
    with_name = models.BooleanField(default=False)
    offered_at = models.DateTimeField()

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "user"], name="quote_one_each")]

    def __str__(self) -> str:
        return f"quote {self.code}"

    @property
    def shown_as(self) -> Any:
        """Under which name it stands in the evaluation."""
        return str(self.user) if self.with_name else _("a member of a circle")
