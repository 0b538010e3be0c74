"""What a circle's page opens with for one reader: the one next step, the lines below it, and what is folded away."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, QuerySet, Subquery, Window

from accounts.models import User
from accounts.statements import FixedStatement
from agreements.selectors import has_signed, last_looked_on
from circles.access import Seat
from circles.models import Circle, Covenant, CovenantVote, Farewell, Invitation, Membership, SelfRunVoice
from circles.rules.deciding import standing
from circles.selectors import changes_for, invitations_open
from pages.rules.steps import Facts, Matter, Wait, arranged, waits_of
from pages.waiting_selectors import (
    SeldomThere,
    WaitingLine,
    asked_of,
    come_lines,
    lines_of,
    names_said,
    not_checked_out,
)
from sessions.enums import SessionStatus
from sessions.live.windows import check_out_open
from sessions.models import CircleSession, Participation, TimePoll, coming
from sessions.planning.covenant_selectors import LOOK_AFTER, of_covenant
from sessions.planning.finding_selectors import polls_open
from sessions.planning.roles_selectors import hosted_by_members, roles_needed

# So many sessions of a circle are looked at, each way: as many as it can promise.
DATES_AT_MOST = 24
POLLS = "polls"  # open ones, those that the reader has answered too


@dataclass(frozen=True)
class KnownDates:
    """The sessions of a circle, the nearest and the latest first, and how many of those now promised were held."""

    coming: list[CircleSession]
    held: list[CircleSession]
    count: int

    @property
    def next(self) -> CircleSession | None:
        """The one that is the circle's next; None while nothing is planned."""
        return self.coming[0] if self.coming else None


def dates_known(circle: Circle, user: User, *, now: datetime) -> KnownDates:
    """What is planned and was not missed, and what was held. Two queries.

    Each carries `said`, what the person answered, and `promised`, whether it counts towards the promise.
    """
    ahead, held = _ahead(circle.pk, user, now=now), _held(circle.pk)
    # It is known already; without this each row would ask the database for it again.
    for one in (*ahead, *held):
        one.circle = circle
    return KnownDates(ahead, held, held[0].so_far if held else 0)


def _dates(circle: int) -> QuerySet[CircleSession, Any]:
    promised = ExpressionWrapper(of_covenant(circle), output_field=BooleanField())
    return CircleSession.objects.filter(circle=circle).annotate(promised=promised).select_related("format_version")


@FixedStatement
def _ahead(circle: int, user: User, *, now: datetime) -> QuerySet[CircleSession, Any]:
    said = Participation.objects.filter(session=OuterRef("pk"), user=user).values("rsvp")[:1]
    rows = _dates(circle).filter(coming(now)).annotate(said=Subquery(said))
    return rows.order_by("starts_at", "pk")[:DATES_AT_MOST]


@FixedStatement
def _held(circle: int) -> QuerySet[CircleSession, Any]:
    rows = _dates(circle).filter(status=SessionStatus.ENDED)
    # A window counts all that were held, before the limit cuts: one query for the number and for the latest.
    rows = rows.annotate(so_far=Window(Count("pk", filter=of_covenant(circle))))
    return rows.order_by("-starts_at", "-pk")[:DATES_AT_MOST]


@FixedStatement
def members_with_signatures(circle: Circle) -> QuerySet[Membership, Any]:
    """Present members in the order of the ring, each with `has_signed`: the text in force. One query."""
    rows = Membership.objects.filter(circle=circle, left_at=None).select_related("user")
    return rows.annotate(has_signed=has_signed()).order_by("-takes_part", "joined_at", "pk")


@dataclass(frozen=True)
class Opening:
    """What a circle's next step is found from: who reads, who is in, what was promised and is planned."""

    seat: Seat
    members: list[Any]
    covenant: Covenant | None
    dates: KnownDates
    # How many roles of the next session are held.
    roles_held: int

    @property
    def due(self) -> bool:
        """Whether all promised sessions were held, so that the circle decides how it goes on."""
        return self.covenant is not None and self.dates.count >= self.covenant.sessions

    @property
    def ring(self) -> list[int]:
        """Those with a seat, by the number of their account."""
        return [member.user_id for member in self.members if member.takes_part]

    @property
    def unsigned(self) -> list[User]:
        """Others who have not signed the text in force."""
        return [one.user for one in self.members if not one.has_signed and one.user_id != self.seat.user.pk]


@dataclass(frozen=True)
class Opened:
    """The one next step, the lines below it, and the rest; for those who look after the circle, who is invited."""

    step: WaitingLine | None
    lines: list[WaitingLine]
    more: list[WaitingLine]
    invited: list[Invitation]


@dataclass(frozen=True)
class _Found:
    """What lies there for one reader: what asks something of them, by what it asks, and what is put in words below."""

    asking: dict[Matter, list[Any]]
    invited: list[Invitation]
    to_decide: bool
    polls: list[TimePoll]
    still_in: list[Participation]


def _look_up(of: Opening, now: datetime) -> _Found:
    """One query, and one more for each thing that is there."""
    seat = of.seat
    rows = _lying_there(seat.user, circle=seat.circle, facilitates=seat.facilitates, now=now)
    still_in = _still_in(rows.get(Matter.WRAP_UP, []), now)
    apart = (Matter.INVITE, Matter.DECIDE, Matter.WRAP_UP, POLLS)
    asking = {Matter(key): found for key, found in rows.items() if key not in apart}
    if seat.facilitates:
        asking[Matter.CHECK_OUT] = [one for one in still_in if one.user_id == seat.user.pk]
    return _Found(asking, rows.get(Matter.INVITE, []), bool(rows[Matter.DECIDE]), rows[POLLS], still_in)


def opened(of: Opening, *, now: datetime) -> Opened:
    """What waits in a circle for one reader, in its order. One query, and one more for each thing that is there."""
    seat, circle, found = of.seat, of.seat.circle, _look_up(of, now)
    not_out = [one.user for one in found.still_in if one.user_id != seat.user.pk]
    # In this order: the last one costs a query, and is asked where the others leave it open.
    settles = of.due and seat.facilitates and not found.to_decide and _more_than_half_agree(of)
    facts = replace(
        _facts(of, now=now),
        decided=not (found.to_decide or settles) if of.due else None,
        invited=len(found.invited),
        not_out=len(not_out),
    )
    last = next(iter(found.still_in), None)
    things: dict[Matter, Any] = {
        Matter.MEET: of.dates.next,
        Matter.DECIDE: {"settles": settles},
        Matter.SIGN: {"names": names_said(of.unsigned), "can_remind": _can_remind(of, now), "held": of.dates.count},
        Matter.INVITE: {"missing": circle.min_size - len(of.ring), "invited": len(found.invited)},
        Matter.SCHEDULE: facts,
        Matter.ROLES: of.dates.next,
        Matter.WRAP_UP: {"names": names_said(not_out), "session": last.session if last else None},
    }
    lines = [WaitingLine(wait, circle, things.get(wait.matter)) for wait in waits_of(facts)]
    lines += lines_of(found.asking, now=now)
    if not facts.near and not facts.on_hold:
        lines += come_lines(of.dates.coming, seated=lambda _circle: seat.membership.takes_part)
    lines += _seldom(of, [] if found.asking[Matter.POLL] else found.polls)
    return _in_order(lines, found.invited)


def _asked(user: User, *, circle: Circle, facilitates: bool, now: datetime) -> dict[str, QuerySet[Any]]:
    asked = {str(matter): rows for matter, rows in asked_of(user, now=now, circle=circle).items()}
    del asked[Matter.SIGN]  # known from the members
    if facilitates:
        asked[Matter.INVITE] = invitations_open(circle, now=now)
        asked[Matter.WRAP_UP] = not_checked_out(now).filter(session__circle=circle).select_related("user", "session")
        del asked[Matter.CHECK_OUT]  # the reader's own is among those
    return asked | {POLLS: polls_open(now=now).filter(circle=circle)}


_lying_there = SeldomThere(_asked, whether=[Matter.DECIDE])


def _in_order(lines: list[WaitingLine], invited: list[Invitation]) -> Opened:
    by_wait = {line.wait: line for line in lines}
    order = arranged(by_wait)
    return Opened(
        by_wait[order.step] if order.step else None,
        [by_wait[wait] for wait in order.lines],
        [by_wait[wait] for wait in order.more],
        invited,
    )


def _facts(of: Opening, *, now: datetime) -> Facts:
    circle, first = of.seat.circle, of.dates.next
    dated = len([one for one in of.dates.coming if getattr(one, "promised", False)])
    return Facts(
        runs=of.seat.facilitates,
        on_hold=circle.status == "on_hold",
        near=first is not None and first.is_near(now),
        thanked=None if of.covenant else Farewell.objects.filter(circle=circle, user=of.seat.user).exists(),
        signed=all(one.has_signed for one in of.members if one.user_id == of.seat.user.pk),
        unsigned=len(of.unsigned),
        members=len(of.ring),
        min_size=circle.min_size,
        dated=of.dates.count + dated,
        promised=of.covenant.sessions if of.covenant else 0,
        has_next=first is not None,
        roles_held=of.roles_held,
        roles=len(roles_needed(first.format_version.rule)) if first else 0,
    )


def _can_remind(of: Opening, now: datetime) -> bool:
    """Whether those who have not signed can be reminded: there is a session ahead."""
    return any(one.is_planned and one.starts_at > now for one in of.dates.coming)


def _more_than_half_agree(of: Opening) -> bool:
    said = dict(CovenantVote.objects.filter(covenant=of.covenant).values_list("user", "choice"))
    return bool(standing(said, of.ring).wanted)


def _still_in(parts: list[Any], now: datetime) -> list[Any]:
    """Those who came to the last session and can still check out of it."""
    return [one for one in parts if one.session_id == parts[0].session_id and check_out_open(one.session, now=now)]


def _seldom(of: Opening, answered: list[TimePoll]) -> list[WaitingLine]:
    """What is there once in a while and asks for nothing at once: changes, a poll that one has answered, a look."""
    seat, circle = of.seat, of.seat.circle
    lines = []
    if seat.announced:
        # What waits for the reader's own yes is among what is asked of them.
        changes = [one for one in changes_for(circle, seat.user) if not one["asked"]]
        lines += [WaitingLine(Wait(Matter.CHANGE, mine=False, about=at), circle, one) for at, one in enumerate(changes)]
    lines += [WaitingLine(Wait(Matter.POLL, mine=False), circle, poll) for poll in answered]
    if (independence := independence_of(seat, of.members, held=len(of.dates.held))) and independence.waits:
        lines.append(WaitingLine(Wait(Matter.SELF_RUN), circle, independence))
    if _look_is_due(of):
        lines.append(WaitingLine(Wait(Matter.LOOK, mine=False), circle))
    return lines


def _look_is_due(of: Opening) -> bool:
    """As `look_is_due` says it, of sessions that are known already. One query once enough were held."""
    if len(of.dates.held) < LOOK_AFTER:
        return False
    looked_on = last_looked_on(of.seat.circle)
    return sum(looked_on is None or one.local_date > looked_on for one in of.dates.held) >= LOOK_AFTER


@dataclass(frozen=True)
class Independence:
    """Whether a circle could run itself, or does, and what its members say to that."""

    hosted: int
    yes: int
    members: int
    mine: bool | None
    facilitators: list[User]
    # The reader has a seat, and is asked.
    waits: bool


def may_become_independent(circle: Circle) -> bool:
    """Whether enough sessions were hosted well by members (a setting) for the circle to be asked."""
    return not circle.self_run and hosted_by_members(circle) >= settings.INDEPENDENT_AFTER


def independence_of(seat: Seat, members: Sequence[Membership], *, held: int) -> Independence | None:
    """What is asked once enough of the `held` sessions were hosted well by members; None before that."""
    circle = seat.circle
    hosted = 0
    if not circle.self_run:
        # Who hosted is found in all sessions; how many were held is known, and is mostly too few.
        hosted = hosted_by_members(circle) if held >= settings.INDEPENDENT_AFTER else 0
        if hosted < settings.INDEPENDENT_AFTER:
            return None
    ring = {member.user_id for member in members if member.takes_part}
    said = dict(SelfRunVoice.objects.filter(circle=circle, user__in=ring).values_list("user", "yes"))
    mine = said.get(seat.user.pk)
    return Independence(
        hosted,
        sum(said.values()),
        len(ring),
        mine,
        [member.user for member in members if member.facilitates],
        waits=not circle.self_run and mine is None and seat.membership.takes_part,
    )
