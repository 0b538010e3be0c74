"""Who could look after which circle of a board: by their own offer, their hours, and how many they carry."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from programmes.enums import EnrolmentStatus
from programmes.forming_selectors import Board, BoardCircle, persons, rules_of
from programmes.models import Enrolment, FacilitatorAsked
from programmes.rules.forming import starts_of

# With more than so many, few people look after all of them well.
CARRIED_AT_MOST = 2
QUARTERS_A_DAY, QUARTER_MINUTES = 96, 15


@dataclass(frozen=True)
class Offering:
    """Somebody who offered to look after a circle: their address, and the starts at which they can meet."""

    user: User
    email: str
    starts: frozenset[int]


def facilitators_for(board: Board) -> dict[int, User]:
    """By the key of a circle that nobody is chosen for yet: who could look after it.

    Those who sit in it come first, then others who can at its hour; whoever carries least. Nobody gets more than two,
    two at one hour, a circle of somebody who reports to them, or one after they said no. Three queries.
    """
    offering = _offering(board)
    carries = defaultdict[int, int](int, {one.user.pk: one.circles for one in board.may_facilitate})
    hours: dict[int, set[datetime | None]] = defaultdict(set)
    for pot in board.pots:
        if pot.draft.facilitator_id:
            carries[pot.draft.facilitator_id] += 1
            hours[pot.draft.facilitator_id].add(pot.first)
    open_ones = [pot for pot in board.pots if pot.people and pot.draft.facilitator_id is None]
    could = {pot.draft.pk: _could(pot, offering) for pot in open_ones}
    found: dict[int, User] = {}
    for most in range(1, CARRIED_AT_MOST + 1):
        for pot in sorted(open_ones, key=lambda pot: (len(could[pot.draft.pk]), pot.draft.name)):
            if pot.draft.pk in found:
                continue
            free = [
                (not inside, carries[one.user.pk], at)
                for at, (one, inside) in enumerate(could[pot.draft.pk])
                if carries[one.user.pk] < most and (pot.first is None or pot.first not in hours[one.user.pk])
            ]
            if free:
                user = could[pot.draft.pk][min(free)[2]][0].user
                found[pot.draft.pk] = user
                carries[user.pk] += 1
                hours[user.pk].add(pot.first)
    return found


def _offering(board: Board) -> list[Offering]:
    round_ = board.round
    refused = FacilitatorAsked.objects.filter(round=round_, circle=None, yes=False).values("user")
    rows = Enrolment.objects.filter(programme=round_.programme, may_facilitate=True, user__is_active=True)
    rows = rows.exclude(status=EnrolmentStatus.WITHDRAWN).exclude(user__in=refused)
    enrolments = list(rows.select_related("user", "vault").order_by("asked_at", "pk"))
    known = persons(enrolments)
    rules = rules_of(round_.programme, round_.first_on)
    return [
        Offering(row.user, row.user.email.lower(), starts_of(known[row.pk], rules) or frozenset()) for row in enrolments
    ]


def _could(pot: BoardCircle, offering: list[Offering]) -> list[tuple[Offering, bool]]:
    """Who could look after one circle, and whether they sit in it."""
    inside = {one.enrolment.user_id for one in pot.people}
    managers = {one.person.manager for one in pot.people}
    start = _start_of(pot.first)
    return [
        (one, one.user.pk in inside)
        for one in offering
        if one.email not in managers and (one.user.pk in inside or (start is not None and start in one.starts))
    ]


def _start_of(first: datetime | None) -> int | None:
    if first is None:
        return None
    return first.weekday() * QUARTERS_A_DAY + (first.hour * 60 + first.minute) // QUARTER_MINUTES
