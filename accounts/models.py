"""People, the keys of their forms, and tokens that work once."""

import hashlib
import secrets
import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.enums import CalendarBy, Level
from accounts.rules.clean import given_name, initials
from accounts.rules.holidays import country_of, days_off
from accounts.rules.zones import city, to_local


class UserManager(BaseUserManager["User"]):
    """Makes users from an address; there is no user name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db, force_insert=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def with_email(self, email: str) -> "User | None":
        return self.filter(email__iexact=email.strip()).first()


class User(AbstractUser):
    """A person. Never deleted: erasure anonymises in place, so that counts and signatures stay."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    zone_confirmed = models.BooleanField(default=False)
    # Whose public holidays are theirs, as two letters; unsaid: of the country they live in. `NO_COUNTRY`: of none.
    country = models.CharField(max_length=2, blank=True, default="")
    language = models.CharField(_("language"), max_length=10, default="en-gb")
    # Whole hours in the person's own zone between which no reminder is mailed; both or neither.
    quiet_from = models.PositiveSmallIntegerField(null=True, blank=True)
    quiet_to = models.PositiveSmallIntegerField(null=True, blank=True)
    # The whole hour, in their own zone, at which the mails of a day come in one, for those who wish so.
    daily_hour = models.PositiveSmallIntegerField(default=8)
    erased_at = models.DateTimeField(null=True, blank=True)
    # Since when somebody else may read their mailbox: nothing of theirs opens, and nothing is sent.
    left_at = models.DateTimeField(null=True, blank=True)
    # How dates come into their calendar. Unsaid: as invitations where the site sends some, and they have no feed.
    calendar_by = models.CharField(max_length=11, choices=CalendarBy.choices, blank=True, default=CalendarBy.UNSAID)
    # Since when somebody uses the account under an address whose mailbox nobody has proved to hold: it gets no mail.
    unproved_since = models.DateTimeField(null=True, blank=True)
    # The address that mail came back from because it does not exist. It says nothing of another that they have since.
    returned_address = models.EmailField(blank=True, default="")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            # Whatever the case of its letters: two accounts of one mailbox would each get the other's links.
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_to=None) | models.Q(quiet_from__lt=24, quiet_to__lt=24),
                name="quiet_hours_both_or_neither",
            ),
            models.CheckConstraint(condition=models.Q(daily_hour__lt=24), name="daily_hour_of_the_day"),
            models.CheckConstraint(
                condition=models.Q(left_at=None) | models.Q(is_active=False), name="who_has_left_cannot_sign_in"
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(_("Someone"))

    @property
    def first(self) -> str:
        """How people address each other in a circle: by the given name."""
        return given_name(str(self))

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def city(self) -> str:
        return city(self.time_zone)

    def has_day_off(self, at: datetime) -> bool:
        """Whether it is a public holiday where they are at this instant, as far as they have said where that is."""
        country = self.country or (country_of(self.time_zone) if self.zone_confirmed else "")
        day = to_local(at, self.time_zone).date()
        return day in days_off(country, day.year)

    def zone_or(self, otherwise: str) -> str:
        """Their own time zone once they have said which it is; until then that of what it is about."""
        return self.time_zone if self.zone_confirmed else otherwise

    def today(self, now: datetime) -> date:
        """The day it is where the person is."""
        return to_local(now, self.time_zone).date()

    @property
    def mail_returns(self) -> bool:
        """Whether mail to their present address came back because there is no such mailbox."""
        return bool(self.returned_address) and self.returned_address.lower() == self.email.lower()

    @property
    def takes_mail(self) -> bool:
        """Whether mail of circles is sent to them: their address is proved, and exists. Else it is under the bell."""
        return self.unproved_since is None and not self.mail_returns

    @property
    def is_set_up(self) -> bool:
        """Whether the person has told their name and confirmed a time zone."""
        return bool(self.name) and self.zone_confirmed


class FormKey(models.Model):
    """One submitted form: the same key again gets the first answer's redirect, and writes nothing.

    The row names neither who sent the form nor where it led nor the hour: beside an answer that carries no name it
    would say whose that is. Only who holds the form's own key finds the row and opens what is in it.
    """

    # Of the key and SECRET_KEY (`rules/form_keys.py`): who reads the table cannot tell which form it was.
    digest = models.CharField(max_length=64, primary_key=True)
    sealed = models.BinaryField(default=b"")
    # A day and no hour, for the same reason; it is enough to forget by.
    on = models.DateField(db_index=True)

    def __str__(self) -> str:
        return self.digest


class OneTimeToken(models.Model):
    """A secret that was sent or handed over: only its hash is kept, and it works once, by compare-and-set."""

    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @staticmethod
    def hash_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @staticmethod
    def new_token() -> str:
        """256 random bits, safe in a URL."""
        return secrets.token_urlsafe(32)

    @classmethod
    def is_known(cls, token: str) -> bool:
        """Whether it is a secret that was given out, whatever has become of it."""
        return bool(cls._default_manager.filter(token_hash=cls.hash_of(token)).exists())

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and self.revoked_at is None and now < self.expires_at

    @classmethod
    def use(cls, pk: int, *, now: datetime) -> bool:
        """Mark the token used; False when somebody else was first, or it expired or was revoked."""
        open_now = cls._default_manager.filter(pk=pk, used_at=None, revoked_at=None, expires_at__gt=now)
        return open_now.update(used_at=now) == 1


class SetupToken(OneTimeToken):
    """The link, printed at the first start, that makes the first administrator."""

    def __str__(self) -> str:
        return f"setup link {self.pk}"


class FeedToken(models.Model):
    """The secret address of a person's calendar: only its hash is kept; a new one ends the one before."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(revoked_at=None), name="feed_one_each")
        ]

    def __str__(self) -> str:
        return f"feed {self.pk}"


class Availability(models.Model):
    """A stretch of the week in which somebody can meet, in their own zone. Whatever is not named is a no."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="availability")
    # Monday is 0, as Python counts.
    weekday = models.PositiveSmallIntegerField()
    # Minutes of the day; a stretch past midnight is two rows.
    start = models.PositiveSmallIntegerField()
    end = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=8, choices=Level.choices)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(start__lt=models.F("end"), end__lte=24 * 60, weekday__lt=7),
                name="availability_within_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"availability {self.pk}"

    @property
    def span(self) -> str:
        """From when until when, as `09:00–17:00`."""
        return "–".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (self.start, self.end))


class Absence(models.Model):
    """Days on which somebody is away, both ends included: no role is proposed to them, and nobody counts on them."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    first_on = models.DateField()
    last_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_on__lte=models.F("last_on")), name="absence_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"absence {self.pk}"


class CacheRow(models.Model):
    """One entry of Django's cache: counters of sign-in limits, and second-step codes that were used a moment ago."""

    # Of the entry's name, which says where somebody was: only its hash is kept.
    name_hash = models.CharField(max_length=64, unique=True)
    value = models.JSONField()
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)

    def __str__(self) -> str:
        return f"cache row {self.pk}"


class AddressChange(models.Model):
    """That an account moved to another address: for some days the mailbox of the one before can undo it."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # The address before, to which the way back was mailed.
    was = models.EmailField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"change of address {self.pk}"


class StepRemoval(models.Model):
    """That somebody with the mailbox, and without their second step, asked to have it taken off after some days."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="step_removal")
    asked_at = models.DateTimeField()
    # From then on the step counts for nothing, whether or not a job has run.
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(due_at__gt=models.F("asked_at")), name="step_removal_waits")
        ]

    def __str__(self) -> str:
        return f"removal of a second step {self.pk}"


class Leftover(models.Model):
    """That rows of a table were deleted for good, whose bytes still lie in the files of the database."""

    table = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"leftover {self.pk}"
