"""Reads about sessions before and after they are held."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.selectors import away_at
from agreements.selectors import last_looked_on
from circles.enums import Cadence
from circles.models import Circle, Covenant, CovenantVote, Membership
from circles.rules.rotation import PastSession, Share, shares
from circles.selectors import covenant_of, members_of
from circles.services import invited_count
from notifications.registry import kind_of
from sessions.access import visiting
from sessions.enums import Attendance, ParticipantKind, Role, Rsvp, SessionStatus
from sessions.kinds import REMINDERS, ROLE_NEXT
from sessions.models import (
    MISSED_AFTER,
    CheckOut,
    CircleSession,
    GuestPass,
    Issue,
    Participation,
    PollAnswer,
    PollOption,
    ReminderNote,
    RoleSwap,
    SessionRole,
    TimePoll,
)
from sessions.rules.format import Format
from sessions.rules.reading import LONGEST_SESSION
from sessions.rules.sitting import History, Sitting, sit_down
from sessions.rules.timeline import Plan

COMING_AT_MOST = 12
USUAL_MINUTES = 120
OTHERS_LOOKED_AT = 400
PAST_AT_MOST = 12
ORDERS_LOOKED_BACK = 60
SESSIONS_LOOKED_BACK = 24
ON_TIME_WITHIN = timedelta(minutes=10)
LOOK_AFTER = 3


def sessions_coming(circle: Circle) -> list[CircleSession]:
    """Planned and running sessions, the next first."""
    rows = CircleSession.objects.filter(circle=circle, status__in=[SessionStatus.PLANNED, SessionStatus.RUNNING])
    return list(rows.select_related("format_version").order_by("starts_at", "pk")[:COMING_AT_MOST])


def of_covenant(circle_id: int) -> Q:
    """Sessions that count towards the promise the circle made last: since it was made, and none to practise."""
    later = Covenant.objects.filter(circle=circle_id, number__gt=1).order_by("-number").values("opened_at")[:1]
    since = Coalesce(Subquery(later), Value(datetime.min.replace(year=1900, tzinfo=UTC)))
    return Q(practice=False, starts_at__gte=since)


def sessions_held(circle: Circle) -> list[Any]:
    """The latest held sessions; each carries `held_so_far`, how many of those now promised the circle has held."""
    rows = CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
    rows = rows.annotate(held_so_far=Window(Count("pk", filter=of_covenant(circle.pk))))
    return list(rows.select_related("format_version").order_by("-starts_at", "-pk")[:PAST_AT_MOST])


def sessions_next_for(user: User, *, now: datetime) -> list[CircleSession]:
    """The next sessions of a person's circles, and those they are a guest of; planned for over a day ago is past."""
    rows = CircleSession.objects.filter(
        Q(status=SessionStatus.RUNNING) | Q(status=SessionStatus.PLANNED, starts_at__gte=now - MISSED_AFTER),
        Exists(Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None))
        | Exists(GuestPass.objects.standing(now).filter(session=OuterRef("pk"), user=user)),
    )
    return list(rows.select_related("circle", "format_version").order_by("starts_at", "pk")[:COMING_AT_MOST])


Span = tuple[datetime, datetime]


def _meanwhile(rows: QuerySet[CircleSession], spans: Sequence[Span]) -> dict[int, CircleSession]:
    """Planned sessions among `rows` that run at the same time as a span, by its position. One query."""
    if not spans:
        return {}
    near = rows.filter(
        status__in=[SessionStatus.PLANNED, SessionStatus.RUNNING],
        starts_at__lt=max(end for _start, end in spans),
        starts_at__gt=min(start for start, _end in spans) - timedelta(minutes=LONGEST_SESSION),
    )
    others = list(near.select_related("circle").order_by("starts_at", "pk")[:OTHERS_LOOKED_AT])
    return {
        at: other
        for at, (start, end) in enumerate(spans)
        for other in others
        if other.starts_at < end and other.plans_to_end_at > start
    }


def sessions_at(circle: Circle, spans: Sequence[Span], *, besides: Collection[int] = ()) -> dict[int, CircleSession]:
    """Sessions of the circle that are planned at the same time, by position in `spans`."""
    return _meanwhile(CircleSession.objects.filter(circle=circle).exclude(pk__in=besides), spans)


def clashes_of(user: User, circle: Circle, spans: Sequence[Span]) -> dict[int, CircleSession]:
    """Sessions of a person's other circles at the same time, by position in `spans`: theirs to know, nobody else's."""
    mine = Exists(Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None))
    return _meanwhile(CircleSession.objects.filter(mine).exclude(circle=circle), spans)


def held_count(circle: Circle) -> int:
    """How many of the sessions now promised were held."""
    return CircleSession.objects.filter(of_covenant(circle.pk), circle=circle, status=SessionStatus.ENDED).count()


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
    on_leave: bool = False

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
        """Counted on: they have not said no, and are not on leave unless they say that they come."""
        there = self.rsvp == Rsvp.YES or (self.rsvp != Rsvp.NO and not self.on_leave)
        return there and self.takes_turns


@dataclass(frozen=True)
class Gathering:
    """Everybody in the circle in the order of the ring, guests after the members, and who holds which role.

    `gone` had a seat when it started and belong to the circle no more.
    """

    people: list[Coming]
    roles: dict[str, User]
    gone: tuple[Participation, ...] = ()

    def one(self, user: User) -> Coming | None:
        return next((one for one in self.people if one.user == user), None)


def gathering_of(session: CircleSession) -> Gathering:
    """Whether they come, their roles, the issue they bring, whether they have checked out. Five queries."""
    out = Exists(CheckOut.objects.filter(participation=OuterRef("pk")))
    rows = Participation.objects.filter(session=session).select_related("user").annotate(out=out).order_by("pk")
    parts = {part.user_id: part for part in rows}
    issues = {issue.owner_id: issue for issue in Issue.objects.filter(session=session)}
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
            issues.get(member.user_id),
            bool(getattr(parts.get(member.user_id), "out", False)),
            guest=member in guests,
            on_leave=member.user_id in away,
        )
        for member in (*ring, *guests, *outside)
    ]
    still = {one.user.pk for one in people}
    gone = tuple(part for part in parts.values() if part.seat is not None and part.user_id not in still)
    return Gathering(people, roles, gone)


def expected_in(session: CircleSession) -> list[User]:
    """The members of the ring who are counted on. Three queries."""
    ring = [member.user for member in members_of(session.circle) if member.takes_part]
    away = away_at(ring, [session.starts_at])[session.starts_at]
    said = dict(Participation.objects.filter(session=session).values_list("user", "rsvp"))
    return [
        user for user in ring if said.get(user.pk) == Rsvp.YES or (said.get(user.pk) != Rsvp.NO and user.pk not in away)
    ]


@dataclass(frozen=True)
class Begin:
    """Where the next dates of a circle would begin: after the last one, in its rhythm, as it was."""

    on: date | None
    at: str
    minutes: int
    place: str
    call_link: str
    left: int


def where_to_begin(circle: Circle, *, now: datetime) -> Begin:
    """A day for the next session, what the last one was like, and how many of those promised are not planned yet."""
    rows = CircleSession.objects.filter(
        circle=circle, status__in=[SessionStatus.PLANNED, SessionStatus.RUNNING, SessionStatus.ENDED]
    )
    last = rows.order_by("-starts_at", "-pk").first()
    covenant = covenant_of(circle)
    left = (covenant.sessions if covenant else 0) - rows.filter(of_covenant(circle.pk)).count()
    if last is None:
        return Begin(None, "", USUAL_MINUTES, "", "", left)
    on: date = last.local_date
    while on <= now.date():
        on += timedelta(days=Cadence(circle.cadence).days)
    if on == last.local_date:
        on += timedelta(days=Cadence(circle.cadence).days)
    return Begin(on, last.local_time.strftime("%H:%M"), last.minutes, last.place, last.call_link, left)


def likely_people(circle: Circle, seats: int, *, now: datetime) -> int:
    """How many to plan for: those with a seat and those who are invited, as many as the circle wants at least."""
    return min(circle.max_size, max(circle.min_size, seats + invited_count(circle, now=now)))


def sessions_away_from(user: User, *, now: datetime) -> tuple[int, int]:
    """From how many planned sessions of theirs somebody is away, and how many there are."""
    mine = Exists(Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None))
    starts = list(
        CircleSession.objects.filter(mine, status=SessionStatus.PLANNED, starts_at__gt=now).values_list(
            "starts_at", flat=True
        )
    )
    away = away_at([user], starts)
    return sum(bool(away[at]) for at in starts), len(starts)


def swaps_for(user: User, *, circle: Circle | None = None, session: CircleSession | None = None) -> list[RoleSwap]:
    """Open questions about roles that a person was asked, or asks, in all circles, in one, or about one session."""
    rows = RoleSwap.objects.filter(
        Q(asked=user) | Q(asked_by=user) if session else Q(asked=user),
        Exists(Membership.objects.filter(circle=OuterRef("session__circle"), user=user, left_at=None)),
        answer="",
        session__status=SessionStatus.PLANNED,
    )
    if circle:
        rows = rows.filter(session__circle=circle)
    if session:
        rows = rows.filter(session=session)
    return list(rows.select_related("session", "asked", "asked_by").order_by("session__starts_at", "pk")[:12])


def covenants_due() -> QuerySet[Covenant]:
    """The promises that were held and are not decided upon yet, of circles that are not closed."""
    held = Q(circle__sessions__status=SessionStatus.ENDED, circle__sessions__practice=False)
    since = Q(number=1) | Q(circle__sessions__starts_at__gte=F("opened_at"))
    rows = Covenant.objects.filter(decided_at=None, circle__closed_at=None).select_related("circle")
    return rows.annotate(held=Count("circle__sessions", filter=held & since)).filter(held__gte=F("sessions"))


def decisions_to_make(user: User) -> list[Circle]:
    """Circles of a person that decide how they go on, and in which they have not said what they would like."""
    mine = Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None, takes_part=True)
    said = CovenantVote.objects.filter(covenant=OuterRef("pk"), user=user)
    return [covenant.circle for covenant in covenants_due().filter(Exists(mine), ~Exists(said)).order_by("pk")]


def polls_to_answer(user: User, *, now: datetime) -> list[TimePoll]:
    """Open polls of a person's circles that they have not answered."""
    seated = Membership.objects.filter(circle=OuterRef("circle"), user=user, left_at=None, takes_part=True)
    answered = PollAnswer.objects.filter(option__poll=OuterRef("pk"), user=user)
    coming = PollOption.objects.filter(poll=OuterRef("pk"), starts_at__gt=now)
    rows = TimePoll.objects.filter(Exists(seated), ~Exists(answered), Exists(coming), closed_at=None)
    return list(rows.select_related("circle").order_by("asked_at", "pk")[:12])


def poll_of(circle: Circle, user: User, *, now: datetime) -> tuple[TimePoll | None, bool]:
    """The circle's open poll with a time still to come, and whether the person has answered it."""
    coming = PollOption.objects.filter(poll=OuterRef("pk"), starts_at__gt=now)
    answered = PollAnswer.objects.filter(option__poll=OuterRef("pk"), user=user)
    rows = TimePoll.objects.filter(Exists(coming), circle=circle, closed_at=None).annotate(answered=Exists(answered))
    poll = rows.first()
    return poll, bool(poll and poll.answered)


def roles_in(sessions: Sequence[CircleSession]) -> tuple[list[Role], list[tuple[CircleSession, list[User | None]]]]:
    """Which roles the coming sessions have, and who holds each of them in which. One query."""
    held: dict[int, dict[str, User]] = {}
    for row in SessionRole.objects.filter(session__in=sessions).select_related("user"):
        held.setdefault(row.session_id, {})[row.role_key] = row.user
    shown = [role for role in Role if any(role.value in holders for holders in held.values())]
    return shown, [(one, [held.get(one.pk, {}).get(role.value) for role in shown]) for one in sessions]


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


@dataclass(frozen=True)
class GoesOut:
    """One mail that will go out about a session, as people usually have it."""

    label: str
    at: datetime
    note: str


def goes_out(session: CircleSession, *, now: datetime) -> list[GoesOut]:
    """What will go out about a planned session and when, the next first. One query."""
    notes = dict(ReminderNote.objects.filter(session=session).values_list("kind", "text"))
    leads = {kind: timedelta(minutes=kind_of(kind).leads[0]) for kind in REMINDERS}
    if session.roles_announced_at is None:
        leads[ROLE_NEXT] = timedelta(days=session.circle.roles_days)
    found = [
        GoesOut(str(kind_of(kind).label), session.starts_at - lead, notes.get(kind, "")) for kind, lead in leads.items()
    ]
    return sorted((one for one in found if one.at > now), key=lambda one: one.at)


def guests_of(session: CircleSession) -> list[GuestPass]:
    """Those who are invited as guests, or have said yes."""
    rows = GuestPass.objects.filter(session=session, revoked_at=None).select_related("user", "session__circle")
    return list(rows.order_by("created_at", "pk"))


@dataclass(frozen=True)
class Counts:
    """Which of the promised sessions this is (one to practise is number 0), and how many were held."""

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
    own = CircleSession.objects.filter(of_covenant(session.circle_id), circle=session.circle_id)
    before = Q(starts_at__lt=session.starts_at) | Q(starts_at=session.starts_at, pk__lt=session.pk)
    found = own.aggregate(
        before=Count("pk", filter=before & ~Q(status__in=[SessionStatus.CANCELLED, SessionStatus.NOT_HELD])),
        held=Count("pk", filter=Q(status=SessionStatus.ENDED)),
    )
    return Counts(0 if session.practice else found["before"] + 1, found["held"])


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
    """Which members came and who held which role in the latest sessions, the oldest first: the rotation looks at it.

    Guests are in no rotation: counted, each would make everybody's share smaller.
    """
    held = (
        CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED)
        .order_by("-starts_at")
        .prefetch_related("participations", "roles")[:SESSIONS_LOOKED_BACK]
    )
    return [
        PastSession(
            present=tuple(
                part.user_id
                for part in session.participations.all()
                if part.attendance == Attendance.CAME and part.kind == ParticipantKind.MEMBER
            ),
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
