"""Reads about sessions before and after they are held."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from accounts.models import User
from circles.models import Circle, Membership
from circles.selectors import members_of
from sessions.enums import ParticipantKind, Role, Rsvp, SessionStatus
from sessions.models import CircleSession, Issue, Participation, SessionRole
from sessions.rules.timeline import Plan, plan, speaking_order

COMING_AT_MOST = 12
PAST_AT_MOST = 12


def sessions_coming(circle: Circle) -> list[CircleSession]:
    """Planned and running sessions, the next first."""
    rows = CircleSession.objects.filter(circle=circle, status__in=[SessionStatus.PLANNED, SessionStatus.RUNNING])
    return list(rows.select_related("format_version").order_by("starts_at", "pk")[:COMING_AT_MOST])


def sessions_held(circle: Circle) -> list[CircleSession]:
    rows = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
    return list(rows.select_related("format_version").order_by("-starts_at", "-pk")[:PAST_AT_MOST])


def sessions_next_for(user: User, *, now: datetime) -> list[CircleSession]:
    """The next sessions of all a person's circles; one that is running comes first."""
    rows = CircleSession.objects.filter(
        status__in=[SessionStatus.PLANNED, SessionStatus.RUNNING],
        circle__memberships__user=user,
        circle__memberships__left_at=None,
    )
    return list(rows.select_related("circle", "format_version").order_by("starts_at", "pk")[:COMING_AT_MOST])


def held_count(circle: Circle) -> int:
    return CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED).count()


def number_of(session: CircleSession) -> int:
    """Which session of its circle this is, counting held and planned ones before it."""
    before = CircleSession.objects.filter(circle=session.circle_id).exclude(status=SessionStatus.CANCELLED)
    return (
        before.filter(Q(starts_at__lt=session.starts_at) | Q(starts_at=session.starts_at, pk__lt=session.pk)).count()
        + 1
    )


def roles_of(session: CircleSession) -> dict[str, User]:
    """Who holds which role, by role key."""
    return {row.role_key: row.user for row in SessionRole.objects.filter(session=session).select_related("user")}


def my_roles(session: CircleSession, user: User) -> list[str]:
    rows = SessionRole.objects.filter(session=session, user=user).order_by("role_key")
    return [str(Role(row.role_key).label) for row in rows]


@dataclass(frozen=True)
class Coming:
    """One person of the circle as the planning page lists them."""

    member: Membership
    user: User
    participation: Participation | None
    roles: tuple[str, ...]
    brings: bool

    @property
    def rsvp(self) -> str:
        return self.participation.rsvp if self.participation else Rsvp.NONE

    @property
    def is_expected(self) -> bool:
        return self.rsvp != Rsvp.NO and self.member.takes_part


def people_coming(session: CircleSession) -> list[Coming]:
    """Everybody in the circle, in the order of the ring: whether they come, their roles, what they bring."""
    parts = {p.user_id: p for p in Participation.objects.filter(session=session)}
    brings = set(Issue.objects.filter(session=session).values_list("owner_id", flat=True))
    roles: dict[int, list[str]] = {}
    for role_key, user in roles_of(session).items():
        roles.setdefault(user.pk, []).append(str(Role(role_key).label))
    return [
        Coming(m, m.user, parts.get(m.user_id), tuple(roles.get(m.user_id, ())), m.user_id in brings)
        for m in members_of(session.circle)
    ]


def plan_for(session: CircleSession, people: list[Coming], *, held: int) -> Plan | None:
    """The plan for those who are expected; presenters are those who bring an issue, or everybody while nobody has."""
    seats = [at for at, one in enumerate(people, start=1) if one.is_expected]
    if not seats:
        return None
    rule = session.format_version.rule
    order = speaking_order(seats, held)
    bringing = [seat for seat in order if people[seat - 1].brings] or order
    return plan(rule, order, bringing[: rule.most_presenters], room=session.minutes * 60)


def issue_of(session: CircleSession, user: User) -> Issue | None:
    return Issue.objects.filter(session=session, owner=user).first()


def participation_counts(circle: Circle) -> list[dict[str, Any]]:
    """For the page about what administrators see: came and expected, session by session. Counts only."""
    rows = (
        CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
        .order_by("-starts_at")
        .annotate(expected=Count("participations", filter=Q(participations__kind=ParticipantKind.MEMBER)))
        .values("starts_at", "came_count", "expected")
    )
    return [dict(row) for row in rows[:PAST_AT_MOST]]
