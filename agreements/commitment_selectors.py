"""Reads about commitments that more than one page needs."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.paging import in_pages
from accounts.statements import FixedStatement
from agreements.enums import Audience, CommitmentStatus
from agreements.models import Appointment, Commitment, CommitmentEntry, CommitmentStep, Nudge
from circles.enums import Cadence
from circles.models import Circle, Membership
from circles.selectors import belongs

OPEN_AT_MOST = 50
DONE_AT_MOST = 10
LOOKED_THROUGH = 500
APPOINTMENTS_SHOWN = 5
# What is due within a week stands first.
SOON = timedelta(days=7)
# So long what was closed stands where it was closed: a slip of the finger is taken back there.
STAYS_FOR = timedelta(minutes=10)


def commitments_open_for(user: User, *, circle: Circle | None = None) -> list[Commitment]:
    """A person's own open commitments, in one circle or in all, the nearest date first; those they left included.

    Not those whose words are deleted, with everything that was said in their circle.
    """
    return _own(user, circle, None)


def commitments_listed_for(user: User, *, now: datetime, circle: Circle | None = None) -> list[Commitment]:
    """As `commitments_open_for`, and what was closed a moment ago: it stands there still, and is opened again there."""
    return _own(user, circle, now)


@FixedStatement
def _own(user: User, circle: Circle | None, now: datetime | None) -> QuerySet[Commitment]:
    which = Q(status=CommitmentStatus.OPEN)
    if now:
        which |= Q(settled_at__gt=now - STAYS_FOR)
    rows = _within(circle, Commitment.objects.filter(which, owner=user, vault__destroyed_at=None))
    return rows.select_related("vault", "circle", "partner").order_by("due_on", "pk")[:OPEN_AT_MOST]


def _within(circle: Circle | None, rows: QuerySet[Commitment]) -> QuerySet[Commitment]:
    """Those of one circle, or all of them."""
    return rows.filter(circle=circle) if circle else rows


def commitments_done_for(user: User, number: str | None = None, *, circle: Circle | None = None) -> Page[Commitment]:
    """What was settled, in one circle or in all, the latest first, by pages."""
    return _done(number, user, circle)


@in_pages(DONE_AT_MOST)
def _done(user: User, circle: Circle | None) -> QuerySet[Commitment]:
    rows = Commitment.objects.filter(owner=user, vault__destroyed_at=None).exclude(status=CommitmentStatus.OPEN)
    rows = _within(circle, rows)
    return rows.select_related("vault", "circle", "partner").order_by("-settled_at", "-pk")


def commitments_to_ask_about(user: User, *, circle: Circle | None = None) -> list[Commitment]:
    """Open commitments of others who chose this person to ask how it went, in open circles both are still in."""
    return _to_ask_about(user, circle)


@FixedStatement
def _to_ask_about(user: User, circle: Circle | None) -> QuerySet[Commitment]:
    rows = Commitment.objects.filter(partner=user, status=CommitmentStatus.OPEN, circle__closed_at=None)
    rows = rows.exclude(audience=Audience.ME)
    rows = _within(circle, rows)
    for person in ("partner", "owner"):
        rows = rows.filter(
            Exists(Membership.objects.filter(circle=OuterRef("circle"), user=OuterRef(person), left_at=None))
        )
    return rows.select_related("vault", "circle", "owner").order_by("due_on", "pk")[:OPEN_AT_MOST]


def commitments_of(user: User, *, circle: Circle | None = None) -> list[Commitment]:
    """All of a person's own, open and closed, in one circle or in all, the latest first; 500 at most."""
    rows = _within(circle, Commitment.objects.filter(owner=user, vault__destroyed_at=None))
    return list(rows.select_related("vault", "circle", "owner").order_by("-made_at", "-pk")[:LOOKED_THROUGH])


def commitments_page(user: User, *, today: date, done: str | None = None) -> dict[str, Any]:
    """A person's commitments across circles: due, later, done with how many were kept, and whose they ask about."""
    opened = commitments_open_for(user)
    return {
        "today": today,
        "opened": opened,
        "most": OPEN_AT_MOST,
        "due": [one for one in opened if one.due_on <= today + SOON],
        "later": [one for one in opened if one.due_on > today + SOON],
        "asked": commitments_to_ask_about(user),
        "done": commitments_done_for(user, done),
        "settled": settled_counts(user),
    }


def commitments_shared_in(circle: Circle, reader: User, *, came: datetime) -> list[Commitment]:
    """Open commitments of others in a circle that they share with all of it, made since the reader `came`.

    Not those the reader asks about: they stand among `commitments_to_ask_about`. Whether somebody may read what others
    say between sessions is asked before.
    """
    inside = Membership.objects.filter(circle=circle, user=OuterRef("owner"), left_at=None)
    rows = Commitment.objects.filter(
        Exists(inside), circle=circle, status=CommitmentStatus.OPEN, audience=Audience.CIRCLE, made_at__gte=came
    )
    rows = rows.exclude(owner=reader).exclude(partner=reader)
    return list(rows.select_related("vault", "circle", "owner").order_by("due_on", "pk")[:OPEN_AT_MOST])


def settled_counts(user: User, *, circle: Circle | None = None) -> dict[str, int]:
    """How many of a person's commitments are closed, and how they ended: for their own eyes."""
    found = dict(_counted(user, circle))
    ends = {"kept": CommitmentStatus.KEPT, "partly": CommitmentStatus.PARTLY, "let_go": CommitmentStatus.LET_GO}
    closed = sum(number for status, number in found.items() if status != CommitmentStatus.OPEN)
    return {"closed": closed} | {name: found.get(status, 0) for name, status in ends.items()}


@FixedStatement
def _counted(user: User, circle: Circle | None) -> QuerySet[Commitment, Any]:
    rows = _within(circle, Commitment.objects.filter(owner=user))
    return rows.order_by().values_list("status").annotate(number=Count("pk"))


def commitment_page(commitment: Commitment, user: User) -> dict[str, Any]:
    """One commitment: what stands under it is its owner's; the partner sees the words, the steps and how it goes."""
    appointments = Appointment.objects.filter(commitment=commitment, cancelled=False).order_by("-starts_at")
    # Whoever has left keeps their own words; what another one said or set stays with the circle.
    inside = belongs(commitment.circle, user)
    return {
        "inside": inside,
        "commitment": commitment,
        "circle": commitment.circle,
        "mine": commitment.owner == user,
        "has_plan": bool(commitment.plan or commitment.hurdle or commitment.cue),
        "entries": list(CommitmentEntry.objects.filter(commitment=commitment).order_by("-at", "-pk")),
        "steps": list(CommitmentStep.objects.filter(commitment=commitment).order_by("pk")),
        "appointments": list(appointments[:APPOINTMENTS_SHOWN]) if inside else [],
        "nudge": Nudge.objects.filter(commitment=commitment).select_related("by").first() if inside else None,
        "other": commitment.partner if commitment.owner == user else commitment.owner,
    }


def kept_since(
    circle: Circle, user: User, *, owner: int, since: datetime | None, came: datetime, for_all: bool = False
) -> list[Commitment]:
    """What somebody kept since the circle last met, as far as the reader may see it: a check-in begins with it.

    The reader came at `came`; `for_all` leaves only what everybody in the circle may read.
    """
    rows = Commitment.objects.filter(circle=circle, owner_id=owner, status=CommitmentStatus.KEPT)
    if since:
        rows = rows.filter(settled_at__gt=since)
    rows = rows.filter(audience=Audience.CIRCLE) if for_all else rows
    return list(rows.readable_by(user, came=came).order_by("settled_at", "pk")[:DONE_AT_MOST])


def commitments_told_in(
    circle: Circle, user: User, *, owners: list[int], came: datetime, for_all: bool = False
) -> dict[int, list[Commitment]]:
    """Open commitments in a circle that the person may read, by owner: what a check-in opens with.

    The reader came at `came`; `for_all` leaves only what everybody in the circle may read.
    """
    rows = Commitment.objects.filter(circle=circle, owner_id__in=owners, status=CommitmentStatus.OPEN)
    rows = rows.filter(audience=Audience.CIRCLE) if for_all else rows
    found: dict[int, list[Commitment]] = {}
    for row in rows.readable_by(user, came=came).order_by("due_on", "pk")[:100]:
        found.setdefault(row.owner_id, []).append(row)
    return found


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
