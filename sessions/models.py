"""Formats, sessions, who takes part in one and in which role, the log of the live session, and what is said."""

import uuid
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from accounts.enums import Level
from accounts.models import OneTimeToken, User
from accounts.rules.zones import to_local
from agreements.models import Commitment
from circles.models import Circle
from circles.sealed import SealedManager, SealedModel, SealedTextField
from sessions.enums import Ask, Attendance, Fit, ParticipantKind, Repeat, Role, Rsvp, SessionStatus, SwapAnswer
from sessions.rules.format import Format as FormatRule
from sessions.rules.reading import read_format

MISSED_AFTER = timedelta(days=1)


class Format(models.Model):
    """A session format: one of the library's (its text is a file) or a circle's own.

    `draft` is a definition that is being changed; it counts once it is saved as a version. `draft_seq` rises with each
    step, so that two people who change it at once do not undo each other.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    library_key = models.CharField(max_length=40, unique=True, null=True, blank=True)
    circle = models.ForeignKey(Circle, null=True, blank=True, on_delete=models.CASCADE, related_name="formats")
    draft = models.JSONField(null=True, blank=True)
    draft_seq = models.PositiveIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(library_key__isnull=False, circle=None) | Q(library_key=None, circle__isnull=False),
                name="format_has_one_owner",
            )
        ]

    def __str__(self) -> str:
        return self.library_key or f"format {self.pk}"

    @property
    def ref(self) -> str:
        """How addresses and forms name it: a library key, or its code."""
        return self.library_key or str(self.code)


READ_AT_MOST = 500
_read: dict[tuple[int | None, str], FormatRule] = {}


class FormatVersion(models.Model):
    """One definition of a format, never changed: a session keeps the version it was planned with."""

    format = models.ForeignKey(Format, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["format", "number"], name="format_number_once")]

    def __str__(self) -> str:
        return f"{self.format} {self.number}"

    @cached_property
    def rule(self) -> FormatRule:
        """The definition as a rule. Reading one takes milliseconds and a version never changes: it is read once."""
        if len(_read) > READ_AT_MOST:
            _read.clear()
        key = (self.pk, self.digest)
        if key not in _read:
            _read[key] = read_format(self.definition)
        return _read[key]

    @property
    def name(self) -> str:
        return self.rule.text("name", get_language() or "en")


class Series(models.Model):
    """A rhythm of sessions in wall time; each of its sessions is a row of its own that can be moved or left out.

    `times` are used in turn. It ends after `count` sessions or on the day `until`. `edits` rises with each change to
    one of its sessions, so that two people who change it at once do not undo each other.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="series")
    repeat = models.CharField(max_length=10, choices=Repeat.choices)
    weeks = models.PositiveSmallIntegerField(default=1)
    times = models.JSONField()
    zone = models.CharField(max_length=64)
    first_on = models.DateField()
    count = models.PositiveSmallIntegerField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    split_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    edits = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.CheckConstraint(
                condition=Q(count__gte=1, count__lte=60, until=None) | Q(count=None, until__gte=F("first_on")),
                name="series_has_an_end",
            ),
            models.CheckConstraint(condition=Q(weeks__gte=1, weeks__lte=12), name="series_every_1_to_12_weeks"),
        ]

    def __str__(self) -> str:
        return f"series {self.code}"


def coming(now: datetime) -> Q:
    """Sessions that are planned or under way, by the clock: what was planned for over a day ago is nobody's next."""
    planned = Q(status=SessionStatus.PLANNED, starts_at__gte=now - MISSED_AFTER)
    return planned | Q(status=SessionStatus.RUNNING)


class CircleSession(models.Model):
    """One meeting. Local date, time and zone are the truth until it starts; `starts_at` is derived from them.

    One of a series is known by its series and the day on which the series meant it, `slot_on`, wherever it was moved.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="sessions")
    series = models.ForeignKey(Series, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    slot_on = models.DateField(null=True, blank=True)
    local_date = models.DateField()
    local_time = models.TimeField()
    zone = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    format_version = models.ForeignKey(FormatVersion, on_delete=models.RESTRICT, related_name="+")
    minutes = models.PositiveSmallIntegerField()
    fit = models.CharField(max_length=7, choices=Fit.choices, blank=True, default=Fit.ASK)
    stopped = models.BooleanField(default=False)
    place = models.CharField(max_length=200, blank=True)
    call_link = models.URLField(max_length=500, blank=True)
    status = models.CharField(max_length=9, choices=SessionStatus.choices, default=SessionStatus.PLANNED)
    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True, blank=True)
    seq = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    finish_by = models.DateTimeField(null=True, blank=True)
    came_count = models.PositiveSmallIntegerField(default=0)
    expected_count = models.PositiveSmallIntegerField(default=0)
    # Why it was cancelled or moved, in words that go out by mail.
    reason = models.CharField(max_length=200, blank=True)
    # Hosts and looks after this one session instead of the facilitator.
    stand_in = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    roles_announced_at = models.DateTimeField(null=True, blank=True)
    # Session 0 of a programme: to try the way of working. It is none of those that were promised.
    practice = models.BooleanField(default=False)
    # How often its day or time was changed.
    moves = models.PositiveSmallIntegerField(default=0)
    # The time that people knew of before, so that a mail about the new one names it.
    moved_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["circle", "starts_at"], name="session_of_circle"),
            models.Index(fields=["status", "starts_at"], name="session_coming"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=F("seq")), name="session_version_covers_seq"),
            models.CheckConstraint(condition=Q(minutes__gte=15, minutes__lte=480), name="session_15_to_480_minutes"),
            models.UniqueConstraint(fields=["series", "slot_on"], name="session_once_a_slot"),
        ]

    def __str__(self) -> str:
        return f"session {self.code}"

    @property
    def plans_to_end_at(self) -> datetime:
        """When the room is booked until."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_planned(self) -> bool:
        return self.status == SessionStatus.PLANNED

    @property
    def is_running(self) -> bool:
        return self.status == SessionStatus.RUNNING

    @property
    def is_over(self) -> bool:
        return self.status == SessionStatus.ENDED

    def was_missed(self, now: datetime) -> bool:
        """Planned, and more than a day ago: it can still be moved or cancelled, but it is nobody's next session."""
        return self.is_planned and self.starts_at < now - MISSED_AFTER

    def starts_local(self, zone: str) -> datetime:
        return to_local(self.starts_at, zone)


class Participation(models.Model):
    """One person's part in one session.

    The seat, and the place in the speaking order, are given when the session starts; a hand is up since `hand_at`, and
    somebody is away for a moment since `away_at`. `minutes` are those agreed for
    this person's turn, where they differ from an equal share.
    """

    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="participations")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="participations")
    kind = models.CharField(max_length=11, choices=ParticipantKind.choices, default=ParticipantKind.MEMBER)
    seat = models.PositiveSmallIntegerField(null=True, blank=True)
    rsvp = models.CharField(max_length=5, choices=Rsvp.choices, blank=True, default=Rsvp.NONE)
    attendance = models.CharField(max_length=8, choices=Attendance.choices, default=Attendance.EXPECTED)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    presents = models.BooleanField(default=False)
    hand_at = models.DateTimeField(null=True, blank=True)
    away_at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
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
        """Those that somebody said yes to, and that nobody has ended."""
        return self.filter(used_at__isnull=False, revoked_at=None)

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


class TimePoll(models.Model):
    """Some dates a circle is asked about; it is settled by the session that was scheduled from it."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="polls")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle"], condition=Q(closed_at=None), name="poll_one_open"),
        ]

    def __str__(self) -> str:
        return f"poll {self.code}"


class PollOption(models.Model):
    """One time that is asked about."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    poll = models.ForeignKey(TimePoll, on_delete=models.CASCADE, related_name="options")
    local_date = models.DateField()
    local_time = models.TimeField()
    zone = models.CharField(max_length=64)
    starts_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "starts_at"], name="poll_option_once")]

    def __str__(self) -> str:
        return f"option {self.pk}"


class PollAnswer(models.Model):
    """How well one time suits one member."""

    option = models.ForeignKey(PollOption, on_delete=models.CASCADE, related_name="answers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=8, choices=Level.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["option", "user"], name="poll_answer_one_each")]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class SessionEvent(models.Model):
    """The log of a live session: insert only. Facts of time, seats; never words or names."""

    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    by_seat = models.PositiveSmallIntegerField()
    at = models.BigIntegerField()
    payload = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "seq"], name="event_seq_once")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class Turn(models.Model):
    """The ledger of who spoke when: written when a session ends, read to be fair later."""

    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="turns")
    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="turns")
    position = models.PositiveSmallIntegerField()
    presented = models.BooleanField(default=False)
    seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "position"], name="turn_position_once")]

    def __str__(self) -> str:
        return f"turn {self.position}"


class Issue(SealedModel):
    """What someone brings to a session. Its lines are theirs alone until their turn begins.

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


class Rehearsal(models.Model):
    """A format tried alone, with simulated members: its own log, no circle, no words, gone after a day."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="rehearsals")
    format_version = models.ForeignKey(FormatVersion, on_delete=models.CASCADE, related_name="+")
    people = models.PositiveSmallIntegerField()
    speed = models.PositiveSmallIntegerField(default=1)
    seq = models.PositiveIntegerField(default=0)
    events = models.JSONField(default=list)
    begun_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(speed__gte=1, speed__lte=60), name="rehearsal_speed_1_to_60")]

    def __str__(self) -> str:
        return f"rehearsal {self.code}"


class CardRead(models.Model):
    """That a person has read a training card."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="cards_read")
    card_key = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "card_key"], name="card_read_once")]

    def __str__(self) -> str:
        return self.card_key
