"""Reads about sessions before and after they are held."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Window

from accounts.models import User
from agreements.selectors import last_looked_on
from circles.models import Circle, Membership
from circles.rotation import PastSession, Share, shares
from circles.selectors import members_of
from sessions.access import visiting
from sessions.enums import Attendance, ParticipantKind, Role, Rsvp, SessionStatus
from sessions.models import MISSED_AFTER, CheckOut, CircleSession, GuestPass, Issue, Participation, SessionRole
from sessions.planning.sitting import History, Sitting, sit_down
from sessions.rules.format import Format
from sessions.rules.timeline import Plan

COMING_AT_MOST = 12
PAST_AT_MOST = 12
ORDERS_LOOKED_BACK = 60
SESSIONS_LOOKED_BACK = 24
LOOK_AFTER = 3


def sessions_coming(circle: Circle) -> list[CircleSession]:
    """Planned and running sessions, the next first."""
    rows = CircleSession.objects.filter(circle=circle, status__in=[SessionStatus.PLANNED, SessionStatus.RUNNING])
    return list(rows.select_related("format_version").order_by("starts_at", "pk")[:COMING_AT_MOST])


def sessions_held(circle: Circle) -> list[Any]:
    """The latest held sessions; each carries `held_so_far`, how many the circle has held in all."""
    rows = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
    rows = rows.annotate(held_so_far=Window(Count("pk")))
    return list(rows.select_related("format_version").order_by("-starts_at", "-pk")[:PAST_AT_MOST])


def sessions_next_for(user: User, *, now: datetime) -> list[CircleSession]:
    """The next sessions of a person's circles, and those they are a guest of; planned for over a day ago is past."""
    rows = CircleSession.objects.filter(
        Q(status=SessionStatus.RUNNING) | Q(status=SessionStatus.PLANNED, starts_at__gte=now - MISSED_AFTER),
        Exists(Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None))
        | Exists(GuestPass.objects.accepted().filter(session=OuterRef("pk"), user=user)),
    )
    return list(rows.select_related("circle", "format_version").order_by("starts_at", "pk")[:COMING_AT_MOST])


def held_count(circle: Circle) -> int:
    return CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED).count()


def roles_of(session: CircleSession) -> dict[str, User]:
    """Who holds which role, by role key."""
    return {row.role_key: row.user for row in SessionRole.objects.filter(session=session).select_related("user")}


@dataclass(frozen=True)
class Coming:
    """One person of the circle as the pages of a session list them."""

    member: Membership
    user: User
    participation: Participation | None
    roles: tuple[str, ...]
    issue: Issue | None
    checked_out: bool
    guest: bool = False

    @property
    def brings(self) -> bool:
        return self.issue is not None

    @property
    def rsvp(self) -> str:
        return self.participation.rsvp if self.participation else Rsvp.NONE

    @property
    def minutes(self) -> int | None:
        """The minutes agreed for this person's turn."""
        return self.participation.minutes if self.participation else None

    @property
    def takes_turns(self) -> bool:
        """Members with a seat, and guests."""
        return self.member.takes_part or self.guest

    @property
    def is_expected(self) -> bool:
        return self.rsvp != Rsvp.NO and self.takes_turns


@dataclass(frozen=True)
class Gathering:
    """Everybody in the circle in the order of the ring, guests after the members, and who holds which role."""

    people: list[Coming]
    roles: dict[str, User]

    def one(self, user: User) -> Coming | None:
        return next((one for one in self.people if one.user == user), None)


def gathering_of(session: CircleSession) -> Gathering:
    """Whether they come, their roles, the issue they bring, whether they have checked out. Four queries."""
    out = Exists(CheckOut.objects.filter(participation=OuterRef("pk")))
    rows = Participation.objects.filter(session=session).select_related("user").annotate(out=out).order_by("pk")
    parts = {part.user_id: part for part in rows}
    issues = {issue.owner_id: issue for issue in Issue.objects.filter(session=session)}
    roles = roles_of(session)
    held: dict[int, list[str]] = {}
    for role_key, user in roles.items():
        held.setdefault(user.pk, []).append(str(Role(role_key).label))
    members = members_of(session.circle)
    guests = [visiting(session.circle, part.user) for part in parts.values() if part.kind == ParticipantKind.GUEST]
    ring = [member for member in members if member.takes_part]
    outside = [member for member in members if not member.takes_part]
    people = [
        Coming(
            member,
            member.user,
            parts.get(member.user_id),
            tuple(held.get(member.user_id, ())),
            issues.get(member.user_id),
            bool(getattr(parts.get(member.user_id), "out", False)),
            guest=member in guests,
        )
        for member in (*ring, *guests, *outside)
    ]
    return Gathering(people, roles)


def guests_of(session: CircleSession) -> list[GuestPass]:
    """Those who are invited as guests, or have said yes."""
    rows = GuestPass.objects.filter(session=session, revoked_at=None).select_related("user", "session__circle")
    return list(rows.order_by("created_at", "pk"))


@dataclass(frozen=True)
class Counts:
    """Which session of its circle this is, and how many were held; cancelled ones do not count."""

    number: int
    held: int


def look_is_due(circle: Circle) -> bool:
    """Whether three sessions were held since the circle last looked at its agreement."""
    looked_on = last_looked_on(circle)
    held = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
    if looked_on:
        held = held.filter(local_date__gt=looked_on)
    return held.count() >= LOOK_AFTER


def counts_of(session: CircleSession) -> Counts:
    own = CircleSession.objects.filter(circle=session.circle_id)
    before = Q(starts_at__lt=session.starts_at) | Q(starts_at=session.starts_at, pk__lt=session.pk)
    found = own.aggregate(
        before=Count("pk", filter=before & ~Q(status=SessionStatus.CANCELLED)),
        held=Count("pk", filter=Q(status=SessionStatus.ENDED)),
    )
    return Counts(found["before"] + 1, found["held"])


def history_of(circle: Circle) -> History:
    """In which order people spoke, and who presented, in a circle's latest sessions, the oldest first. One query."""
    latest = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED).order_by("-starts_at", "-pk")
    rows = (
        Participation.objects.filter(
            session__in=latest.values("pk")[:ORDERS_LOOKED_BACK],
            attendance=Attendance.CAME,
            kind=ParticipantKind.MEMBER,
        )
        .order_by("session__starts_at", "session", "place")
        .values_list("session", "user", "place", "presents")
    )
    orders: list[tuple[int, ...]] = []
    presented: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for _session, group in groupby(rows, key=lambda row: row[0]):
        people = list(group)
        orders.append(tuple(user for _pk, user, place, _presents in people if place is not None))
        came = tuple(user for _pk, user, _place, _presents in people)
        presented.append((came, tuple(user for _pk, user, _place, presents in people if presents)))
    return History(tuple(orders), tuple(presented))


def roles_needed(rule: Format) -> list[Role]:
    """The roles somebody holds for a whole session of a format; coach and observer change within it."""
    return [role for role in Role if role.value in rule.roles]


def role_history(circle: Circle) -> list[PastSession]:
    """Who came and who held which role in the latest sessions, the oldest first: what the rotation looks at."""
    held = (
        CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
        .order_by("-starts_at")
        .prefetch_related("participations", "roles")[:SESSIONS_LOOKED_BACK]
    )
    return [
        PastSession(
            present=tuple(p.user_id for p in session.participations.all() if p.attendance == "came"),
            held={role.role_key: role.user_id for role in session.roles.all()},
        )
        for session in reversed(held)
    ]


def role_shares(session: CircleSession, roles: dict[str, User]) -> dict[str, Share]:
    """How often each holder of a role has held it before, and how often was their share."""
    history = role_history(session.circle)
    return {key: shares(key, [user.pk], history)[user.pk] for key, user in roles.items()}


def sitting_for(session: CircleSession, people: list[Coming], history: History) -> Sitting | None:
    """Those who are expected, in the order in which they would speak. None when nobody is."""
    seats = {one.user.pk: at for at, one in enumerate(people, start=1) if one.is_expected}
    if not seats:
        return None
    return sit_down(
        session.format_version.rule,
        seats,
        bringing=[one.user.pk for one in people if one.brings and one.is_expected],
        history=history,
        minutes={one.user.pk: one.minutes for one in people if one.minutes},
    )


def plan_for(session: CircleSession, sitting: Sitting | None) -> Plan | None:
    """The plan for those who are expected, as the session is to be held."""
    if sitting is None:
        return None
    return sitting.plan(session.format_version.rule, room=session.minutes * 60, how=session.fit)


def participation_counts(circle: Circle) -> list[dict[str, Any]]:
    """For the page about what administrators see: came and expected, session by session. Counts only."""
    rows = (
        CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
        .order_by("-starts_at")
        .annotate(expected=Count("participations", filter=Q(participations__kind=ParticipantKind.MEMBER)))
        .values("starts_at", "came_count", "expected")
    )
    return [dict(row) for row in rows[:PAST_AT_MOST]]
