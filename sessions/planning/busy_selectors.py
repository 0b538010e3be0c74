"""Who has something on at a time, by calendars that people let be looked into; told as "somebody" but to themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import User
from circles.models import Circle
from circles.selectors import ring_of
from sessions.models import BusyCalendar
from sessions.rules.busy import KEPT, BusySpans


@dataclass(frozen=True)
class BusyAt:
    """Whether the reader has something on then, and whether anybody else has; never who, how many, or what."""

    you: bool = False
    somebody: bool = False

    def __bool__(self) -> bool:
        return self.you or self.somebody


@dataclass(frozen=True)
class CircleBusy:
    """When people of a circle are busy, for one reader. `at` is when the oldest of it was read; None: nothing is."""

    reader: int
    spans: dict[int, BusySpans]
    at: datetime | None
    # Whether anybody lets a calendar be looked into, and whether one waits for that.
    any: bool
    waiting: bool

    def then(self, starts_at: datetime, minutes: int) -> BusyAt:
        """At a session that begins then and takes so many minutes."""
        busy = {user for user, spans in self.spans.items() if spans.is_busy(starts_at, minutes)}
        return BusyAt(self.reader in busy, bool(busy - {self.reader}))


def busy_of(people: Iterable[User], reader: User, *, now: datetime) -> CircleBusy:
    """What is known of these people's calendars, none of it older than a day. One query."""
    rows = list(calendars_of(people))
    fresh = [row for row in rows if row.read_at is not None and row.read_at > now - KEPT]
    return CircleBusy(
        reader.pk,
        {row.user_id: row.spans for row in fresh},
        min((row.read_at for row in fresh if row.read_at), default=None),
        any=bool(rows),
        waiting=any(row.wanted_at is not None for row in rows),
    )


def circle_busy(circle: Circle, reader: User, *, now: datetime) -> CircleBusy:
    """Of everybody with a turn in the circle."""
    return busy_of(ring_of(circle), reader, now=now)


def calendars_of(people: Iterable[User]) -> QuerySet[BusyCalendar]:
    """The calendars these people let be looked into, of those who can sign in; none where the site looks into none."""
    rows = BusyCalendar.objects.filter(user__in=[person.pk for person in people], user__is_active=True)
    return rows.select_related("vault") if settings.BUSY_CALENDARS else rows.none()
