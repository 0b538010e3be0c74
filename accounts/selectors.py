"""Reads about people: when they are away, when they can meet."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from accounts.models import Absence, Availability, User
from accounts.rules.zones import to_local
from accounts.statements import FixedStatement

SHOWN_AT_MOST = 60


def away_at(people: Iterable[User], instants: Sequence[datetime]) -> Mapping[datetime, set[int]]:
    """Who is on leave at which instant, each by the calendar day where they live. One query."""
    zones = {person.pk: person.time_zone for person in people}
    away: dict[datetime, set[int]] = {at: set() for at in instants}
    if not zones or not away:
        return away
    day = timedelta(days=1)  # zones differ by a calendar day at most
    for user_id, first_on, last_on in _absent(list(zones), max(away).date() + day, min(away).date() - day):
        for at, there in away.items():
            if first_on <= to_local(at, zones[user_id]).date() <= last_on:
                there.add(user_id)
    return away


@FixedStatement
def _absent(people: list[int], until: date, since: date) -> QuerySet[Absence, tuple[int, date, date]]:
    rows = Absence.objects.filter(user__in=people, first_on__lte=until, last_on__gte=since)
    return rows.values_list("user", "first_on", "last_on")


def absences_of(user: User, *, now: datetime) -> list[Absence]:
    """Leave that is not over, the next first."""
    rows = Absence.objects.filter(user=user, last_on__gte=user.today(now))
    return list(rows.order_by("first_on", "pk")[:SHOWN_AT_MOST])


def availability_of(people: Iterable[User]) -> dict[int, list[Availability]]:
    """The stretches of the week each of them has named, by user id; nobody without any is listed."""
    found: dict[int, list[Availability]] = {}
    rows = Availability.objects.filter(user__in=[person.pk for person in people])
    for row in rows.order_by("weekday", "start", "pk"):
        found.setdefault(row.user_id, []).append(row)
    return found
