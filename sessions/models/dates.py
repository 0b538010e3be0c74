"""Sessions and the rhythms they come in."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.rules.zones import to_local
from circles.models import Circle
from sessions.enums import Fit, Repeat, SessionStatus
from sessions.models.formats import FormatVersion
from sessions.rules.door import is_near

MISSED_AFTER = timedelta(days=1)


class Series(models.Model):
    """A rhythm of sessions in wall time; each of its sessions is a row of its own that can be moved or left out.

    `times` are used in turn. It ends after `count` sessions or on the day `until`. `edits` rises with each change to
    one of its sessions, so that two people who change it at once do not undo each other.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="series")
    repeat = models.CharField(max_length=10, choices=Repeat.choices)
    weeks = models.PositiveSmallIntegerField(default=1)
    # As `HH:MM`, used in turn.
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
    # The day the series meant, which stays when the session moves: by it “all that follow” are found.
    slot_on = models.DateField(null=True, blank=True)
    local_date = models.DateField()
    local_time = models.TimeField()
    zone = models.CharField(max_length=64)
    # Worked out from the three above, again when the zone's rules change (`starts_recompute`).
    starts_at = models.DateTimeField()
    format_version = models.ForeignKey(FormatVersion, on_delete=models.RESTRICT, related_name="+")
    minutes = models.PositiveSmallIntegerField()
    fit = models.CharField(max_length=7, choices=Fit.choices, blank=True, default=Fit.ASK)
    stopped = models.BooleanField(default=False)
    place = models.CharField(max_length=200, blank=True)
    call_link = models.URLField(max_length=500, blank=True)
    status = models.CharField(max_length=9, choices=SessionStatus.choices, default=SessionStatus.PLANNED)
    # Rises with whatever a mail could be wrong about; keys of messages hold it, and calendars take it as SEQUENCE.
    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True, blank=True)
    # Events in the log. Steering compares it: a press of a page that saw another number is stale.
    seq = models.PositiveIntegerField(default=0)
    # Rises with all that screens show, so never less than `seq`; the stream's id.
    version = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # When a session that nobody ends is looked at again; it moves with each press.
    finish_by = models.DateTimeField(null=True, blank=True)
    # Written at the end, and when attendance is corrected: programmes count without reading who it was.
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
    # Which revision gave it its present time, and when if it was moved: earlier answers were to another date.
    dated_revision = models.PositiveIntegerField(default=0)
    dated_at = models.DateTimeField(null=True, blank=True)
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

    def is_near(self, now: datetime) -> bool:
        """Within the hour before it, past its time and not started, or running: its live room is what matters now."""
        return is_near(self.starts_at, running=self.is_running, now=now)

    def starts_local(self, zone: str) -> datetime:
        return to_local(self.starts_at, zone)
