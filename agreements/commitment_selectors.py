"""Reads about commitments that more than one page needs."""

from datetime import date, timedelta

from django.db.models import Count, Q

from accounts.models import User
from agreements.enums import Audience, CommitmentStatus
from agreements.models import Commitment
from circles.enums import Cadence
from circles.models import Circle

OPEN_AT_MOST = 50
DONE_AT_MOST = 20


def commitments_open_for(user: User) -> list[Commitment]:
    """A person's own open commitments, the nearest date first; those of circles they left included."""
    rows = Commitment.objects.filter(owner=user, status=CommitmentStatus.OPEN)
    return list(rows.select_related("vault", "circle", "partner").order_by("due_on", "pk")[:OPEN_AT_MOST])


def commitments_done_for(user: User) -> list[Commitment]:
    rows = Commitment.objects.filter(owner=user).exclude(status=CommitmentStatus.OPEN)
    return list(rows.select_related("vault", "circle", "partner").order_by("-settled_at", "-pk")[:DONE_AT_MOST])


def commitments_to_ask_about(user: User) -> list[Commitment]:
    """Open commitments of others who chose this person to ask how it went, in circles both are still in."""
    rows = Commitment.objects.filter(
        partner=user,
        status=CommitmentStatus.OPEN,
        circle__memberships__user=user,
        circle__memberships__left_at=None,
    ).exclude(audience=Audience.ME)
    return list(rows.select_related("vault", "circle", "owner").order_by("due_on", "pk")[:OPEN_AT_MOST])


def commitments_told_in(circle: Circle, user: User, *, owners: list[int]) -> dict[int, list[Commitment]]:
    """Open commitments in a circle that the person may read, by owner: what a check-in opens with."""
    rows = Commitment.objects.filter(circle=circle, owner_id__in=owners, status=CommitmentStatus.OPEN)
    found: dict[int, list[Commitment]] = {}
    for row in rows.readable_by(user).order_by("due_on", "pk")[:100]:
        found.setdefault(row.owner_id, []).append(row)
    return found


def commitment_counts(circle: Circle) -> dict[str, int]:
    """How many were made; counts only, never words."""
    counts: dict[str, int] = Commitment.objects.filter(circle=circle).aggregate(
        made=Count("pk"), open=Count("pk", filter=Q(status=CommitmentStatus.OPEN))
    )
    return counts


def partner_suggested(circle: Circle, user: User, *, people: list[User]) -> User | None:
    """Whoever has been this person's partner least often in the circle; ties by the order of the ring."""
    others = [person for person in people if person.pk != user.pk]
    asked = dict(
        Commitment.objects.filter(circle=circle, owner=user, partner__in=others)
        .values_list("partner_id")
        .annotate(times=Count("pk"))
    )
    return min(others, key=lambda person: asked.get(person.pk, 0), default=None)


def default_due(circle: Circle, *, today: date, next_on: date | None) -> date:
    """The next session's date when there is one, else one cadence from today."""
    return next_on if next_on and next_on > today else today + timedelta(days=Cadence(circle.cadence).days)
