"""What goes out by itself before a session is read here: which reminders, to whom; and whether a circle has faded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from circles.enums import Cadence
from circles.models import Circle, Membership
from circles.rules.rhythm import has_passed
from notifications.registry import kind_of
from sessions.enums import SessionStatus
from sessions.journeys.selectors import leg_of
from sessions.kinds import REMINDERS, ROLE_NEXT, SHEET
from sessions.models import CircleSession, GuestPass, Leg, ReminderNote


def told_of(sessions: Iterable[CircleSession]) -> dict[int, list[tuple[User, Membership | None]]]:
    """Who is told about each session, by its id: the circle with their membership, and guests who said yes."""
    rows = list(sessions)
    members = Membership.objects.filter(
        circle__in=[one.circle_id for one in rows], left_at=None, user__is_active=True
    ).select_related("user")
    guests = GuestPass.objects.accepted().filter(session__in=[one.pk for one in rows], user__is_active=True)
    of_circle: dict[int, list[tuple[User, Membership | None]]] = {}
    for member in members.order_by("joined_at", "pk"):
        of_circle.setdefault(member.circle_id, []).append((member.user, member))
    told = {one.pk: list(of_circle.get(one.circle_id, [])) for one in rows}
    for guest in guests.select_related("user"):
        if guest.user:
            told[guest.session_id].append((guest.user, None))
    return told


def reminders_of(sessions: Iterable[CircleSession]) -> dict[int, list[str]]:
    """The kinds of reminder each session has, by its id: that of a sheet only where it offers one. One query."""
    rows = list(sessions)
    legs = Leg.objects.filter(session__in=[one.pk for one in rows]).select_related("version")
    of_session = {leg.session_id: leg for leg in legs}
    return {one.pk: _kinds(of_session.get(one.pk)) for one in rows}


def _kinds(leg: Leg | None) -> list[str]:
    return [kind for kind in REMINDERS if kind != SHEET or (leg is not None and leg.step.sheet)]


@dataclass(frozen=True)
class GoesOut:
    """One mail that will go out about a session, as people usually have it."""

    label: str
    at: datetime
    note: str


def goes_out(session: CircleSession, *, now: datetime) -> list[GoesOut]:
    """What will go out about a planned session and when, the next first. At most two queries."""
    notes = dict(ReminderNote.objects.filter(session=session).values_list("kind", "text"))
    leads = {kind: timedelta(minutes=kind_of(kind).leads[0]) for kind in _kinds(leg_of(session))}
    if session.roles_announced_at is None:
        leads[ROLE_NEXT] = timedelta(days=session.circle.roles_days)
    found = [
        GoesOut(str(kind_of(kind).label), session.starts_at - lead, notes.get(kind, "")) for kind, lead in leads.items()
    ]
    return sorted((one for one in found if one.at > now), key=lambda one: one.at)


def last_met_at(circle: Circle) -> datetime:
    """When a circle last met, or began."""
    held = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED).order_by("-starts_at")
    return held.values_list("starts_at", flat=True).first() or circle.created_at


def has_faded(circle: Circle, last: datetime, now: datetime) -> bool:
    """Whether its rhythm has passed one and a half times since."""
    return has_passed(last, now, timedelta(days=Cadence(circle.cadence).days))
