"""Reads about roles: who holds which, who has held them how often, open questions about them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.statements import FixedStatement
from circles.models import Circle, Membership
from circles.rules.rotation import PastSession, Share, shares
from sessions.enums import Attendance, ParticipantKind, Role, SessionStatus
from sessions.models import MISSED_AFTER, CircleSession, Participation, RoleSwap, SessionRole
from sessions.rules.format import FormatRule

# As many sessions as the longest promise: what was longer ago is no credit any more.
SESSIONS_LOOKED_BACK = 24
ON_TIME_WITHIN = timedelta(minutes=10)


def roles_of(session: CircleSession) -> dict[str, User]:
    """Who holds which role, by role key."""
    return {row.role_key: row.user for row in _roles(session)}


@FixedStatement
def _roles(session: CircleSession) -> QuerySet[SessionRole]:
    return SessionRole.objects.filter(session=session).select_related("user")


def swaps_open(user: User, *, now: datetime) -> QuerySet[RoleSwap]:
    """Open questions about roles that a person was asked, or asks, of sessions that may still be held."""
    rows = RoleSwap.objects.filter(
        Q(asked=user) | Q(asked_by=user),
        Exists(Membership.objects.filter(circle=OuterRef("session__circle"), user=user, left_at=None)),
        answer="",
        session__status=SessionStatus.PLANNED,
        session__starts_at__gte=now - MISSED_AFTER,
    )
    return rows.select_related("session__circle", "asked", "asked_by").order_by("session__starts_at", "pk")


def swaps_for(user: User, *, now: datetime, session: CircleSession) -> list[RoleSwap]:
    """Those of `swaps_open` that are about one session."""
    return _swaps(user, session, now=now)


@FixedStatement
def _swaps(user: User, session: CircleSession, *, now: datetime) -> QuerySet[RoleSwap]:
    return swaps_open(user, now=now).filter(session=session)[:12]


def roles_in(sessions: Sequence[CircleSession]) -> tuple[list[Role], list[tuple[CircleSession, list[User | None]]]]:
    """Which roles the coming sessions have, and who holds each of them in which. One query."""
    held: dict[int, dict[str, User]] = {}
    for row in _held_in([one.pk for one in sessions]):
        held.setdefault(row.session_id, {})[row.role_key] = row.user
    shown = [role for role in Role if any(role.value in holders for holders in held.values())]
    return shown, [(one, [held.get(one.pk, {}).get(role.value) for role in shown]) for one in sessions]


@FixedStatement
def _held_in(sessions: list[int]) -> QuerySet[SessionRole]:
    return SessionRole.objects.filter(session__in=sessions).select_related("user")


def hosted_by_members(circle: Circle) -> int:
    """How many sessions were hosted well by members who do not facilitate: held to their end, and about on time."""
    facilitators = Membership.objects.filter(circle=circle, facilitates=True).values("user")
    hosts = SessionRole.objects.filter(session=OuterRef("pk"), role_key=Role.HOST).exclude(user__in=facilitators)
    held = CircleSession.objects.filter(Exists(hosts), circle=circle, status=SessionStatus.ENDED, stopped=False)
    spans = held.order_by("-starts_at").values_list("started_at", "ended_at", "minutes")[:SESSIONS_LOOKED_BACK]
    return sum(
        bool(start and end and end <= start + timedelta(minutes=minutes) + ON_TIME_WITHIN)
        for start, end, minutes in spans
    )


def roles_needed(rule: FormatRule) -> list[Role]:
    """The roles somebody holds for a whole session of a format; coach and observer change within it."""
    return [role for role in Role if role.value in rule.roles]


def role_history(circle: Circle) -> list[PastSession]:
    """Which members came and who held which role in the latest sessions, the oldest first: the rotation looks at it.

    Guests are in no rotation: counted, each would make everybody's share smaller.
    """
    held = _held_lately(circle)
    came: dict[int, list[int]] = {session: [] for session in held}
    roles: dict[int, dict[str, int]] = {session: {} for session in held}
    for session, user in _came_to(held):
        came[session].append(user)
    for session, key, user in _roles_in(held):
        roles[session][key] = user
    return [PastSession(present=tuple(came[one]), held=roles[one]) for one in reversed(held)]


@FixedStatement
def _held_lately(circle: Circle) -> QuerySet[CircleSession, int]:
    held = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
    return held.order_by("-starts_at").values_list("pk", flat=True)[:SESSIONS_LOOKED_BACK]


@FixedStatement
def _came_to(sessions: list[int]) -> QuerySet[Participation, tuple[int, int]]:
    rows = Participation.objects.filter(session__in=sessions, attendance=Attendance.CAME, kind=ParticipantKind.MEMBER)
    return rows.order_by("pk").values_list("session", "user")


@FixedStatement
def _roles_in(sessions: list[int]) -> QuerySet[SessionRole, tuple[int, str, int]]:
    return SessionRole.objects.filter(session__in=sessions).values_list("session", "role_key", "user")


def role_shares(session: CircleSession, roles: dict[str, User]) -> dict[str, Share]:
    """How often each holder of a role has held it before, and how often was their share."""
    history = role_history(session.circle)
    return {key: shares(key, [user.pk], history)[user.pk] for key, user in roles.items()}
