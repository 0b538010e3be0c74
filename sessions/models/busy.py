"""Calendars of people that are looked into for when they are busy, each by a secret address that its owner pasted."""

from typing import ClassVar
from urllib.parse import urlsplit

from django.db import models

from accounts.models import User
from circles.sealed import SealedManager, SealedModel, SealedTextField
from sessions.enums import CalendarTrouble
from sessions.rules.busy import BusySpans


class BusyCalendar(SealedModel):
    """One person's: the address, and when they are busy as it was last read. Its vault is its own and goes with it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="busy_calendar")
    address = SealedTextField()
    busy = SealedTextField(null=True)
    made_at = models.DateTimeField()
    # Since when somebody looks for a time and it has not been looked into; nobody does while this is empty.
    wanted_at = models.DateTimeField(null=True, blank=True, db_index=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    # When it was last tried, and when what is kept was read: it counts for a day.
    tried_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=11, choices=CalendarTrouble.choices, blank=True, default="")

    objects: ClassVar[SealedManager] = SealedManager()

    def __str__(self) -> str:
        return f"busy calendar {self.code}"

    @property
    def host(self) -> str:
        """Where it is, for its owner: the part of the address that is no secret."""
        return urlsplit(self.address).hostname or ""

    @property
    def spans(self) -> BusySpans:
        """When its owner is busy, as far as it is known and can be opened."""
        return BusySpans.read(self.busy or "")
