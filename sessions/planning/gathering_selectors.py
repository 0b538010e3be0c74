"""Reads about who gathers for a session: whether they come, what they bring, in which order they would speak."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.selectors import away_at
from accounts.statements import FixedStatement
from circles.models import Circle, Membership
from circles.selectors import members_of
from sessions.access import SessionSeat, reads_issue, visiting
from sessions.enums import Attendance, ParticipantKind, Role, Rsvp, SessionStatus
from sessions.models import CheckOut, CircleSession, Issue, Participation
from sessions.planning.roles_selectors import roles_of
from sessions.rules.seating import History, Seating, sit_down
from sessions.rules.timeline import Plan

# Sessions: what was longer ago is not made up for.
ORDERS_LOOKED_BACK = 60


def counted_on(rsvp: str | None, *, away: bool) -> bool:
    """Whether somebody with a seat is counted on: they have not said no, and are not away unless they say they come."""
    return rsvp == Rsvp.YES or (rsvp != Rsvp.NO and not away)


@dataclass(frozen=True)
class Coming:
    """One person of the circle as the pages of a session list them."""

    member: Membership
    user: User
    participation: Participation | None
    roles: tuple[str, ...]
    brings: bool
    checked_out: bool
    guest: bool = False
    on_leave: bool = False

    @property
    def rsvp(self) -> str:
        """What they said, `Rsvp.NONE` where they said nothing."""
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
        """Whether a turn is planned for them; see `counted_on`."""
        return self.takes_turns and counted_on(self.rsvp, away=self.on_leave)


@dataclass(frozen=True)
class Gathering:
    """Everybody in the circle in the order of the ring, guests after the members, and who holds which role.

    `gone` had a seat when it started and belong to the circle no more. What people bring is read by `issue_for` only.
    """

    people: list[Coming]
    roles: dict[str, User]
    gone: tuple[Participation, ...] = ()
    issues: Mapping[int, Issue] = field(default_factory=dict, repr=False)

    def issue_for(self, seat: SessionSeat, owner: User, *, begun: bool = False) -> Issue | None:
        """What `owner` brings, as far as this reader reads it; see `reads_issue`."""
        issue = self.issues.get(owner.pk)
        return issue if issue and reads_issue(seat, issue, begun=begun) else None

    def one(self, user: User) -> Coming | None:
        """The person's line; None for whoever is not one of those it is for."""
        return next((one for one in self.people if one.user == user), None)


def gathering_of(session: CircleSession) -> Gathering:
    """Whether they come, their roles, the issue they bring, whether they have checked out. Five queries."""
    parts = {part.user_id: part for part in _parts(session)}
    issues = {issue.owner_id: issue for issue in _issues(session)}
    roles = roles_of(session)
    held: dict[int, list[str]] = {}
    for role_key, user in roles.items():
        held.setdefault(user.pk, []).append(str(Role(role_key).label))
    members = members_of(session.circle)
    inside = {member.user_id for member in members}
    guests = [
        visiting(session.circle, part.user)
        for part in parts.values()
        if part.kind == ParticipantKind.GUEST and part.user_id not in inside  # one who has joined since is a member
    ]
    ring = [member for member in members if member.takes_part]
    outside = [member for member in members if not member.takes_part]
    away = away_at([member.user for member in ring], [session.starts_at])[session.starts_at]
    people = [
        Coming(
            member,
            member.user,
            parts.get(member.user_id),
            tuple(held.get(member.user_id, ())),
            member.user_id in issues,
            bool(getattr(parts.get(member.user_id), "out", False)),
            guest=member in guests,
            on_leave=member.user_id in away,
        )
        for member in (*ring, *guests, *outside)
    ]
    still = {one.user.pk for one in people}
    gone = tuple(part for part in parts.values() if part.seat is not None and part.user_id not in still)
    return Gathering(people, roles, gone, issues)


@FixedStatement
def _parts(session: CircleSession) -> QuerySet[Participation, Any]:
    out = Exists(CheckOut.objects.filter(participation=OuterRef("pk")))
    return Participation.objects.filter(session=session).select_related("user").annotate(out=out).order_by("pk")


@FixedStatement
def _issues(session: CircleSession) -> QuerySet[Issue]:
    return Issue.objects.filter(session=session)


def expected_in(session: CircleSession) -> list[User]:
    """The members of the ring who are counted on. Three queries."""
    ring = [member.user for member in members_of(session.circle) if member.takes_part]
    away = away_at(ring, [session.starts_at])[session.starts_at]
    said = dict(Participation.objects.filter(session=session).values_list("user", "rsvp"))
    return [user for user in ring if counted_on(said.get(user.pk), away=user.pk in away)]


def history_of(circle: Circle) -> History:
    """In which order people spoke, and who presented, in a circle's latest sessions, the oldest first. One query."""
    rows = _spoke(circle)
    orders: list[tuple[int, ...]] = []
    presented: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for _session, group in groupby(rows, key=lambda row: row[0]):
        people = list(group)
        orders.append(tuple(user for _pk, user, place, _presents in people if place is not None))
        came = tuple(user for _pk, user, _place, _presents in people)
        presented.append((came, tuple(user for _pk, user, _place, presents in people if presents)))
    return History(tuple(orders), tuple(presented))


@FixedStatement
def _spoke(circle: Circle) -> QuerySet[Participation, tuple[int, int, int | None, bool]]:
    latest = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED).order_by("-starts_at", "-pk")
    rows = Participation.objects.filter(
        session__in=latest.values("pk")[:ORDERS_LOOKED_BACK],
        attendance=Attendance.CAME,
        kind=ParticipantKind.MEMBER,
    )
    rows = rows.order_by("session__starts_at", "session", "place")
    return rows.values_list("session", "user", "place", "presents")


def seating_for(
    session: CircleSession, people: list[Coming], history: History, *, keep_open: bool = True
) -> Seating | None:
    """Those who are expected, in the order in which they would speak. None when nobody is.

    Turns of those who have brought nothing yet are kept open for them, unless `keep_open` says otherwise.
    """
    seats = {one.user.pk: at for at, one in enumerate(people, start=1) if one.is_expected}
    if not seats:
        return None
    return sit_down(
        session.format_version.rule,
        seats,
        bringing=[one.user.pk for one in people if one.brings and one.is_expected],
        history=history,
        minutes={one.user.pk: one.minutes for one in people if one.minutes},
        keep_open=keep_open,
    )


def plan_for(session: CircleSession, seating: Seating | None) -> Plan | None:
    """The plan for those who are expected, as the session is to be held."""
    if seating is None:
        return None
    return seating.plan(session.format_version.rule, room=session.minutes * 60, how=session.fit)
