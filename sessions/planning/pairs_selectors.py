"""Who coaches with whom in a circle, now and as it goes on."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from accounts.models import User
from circles.access import Seat
from circles.models import Circle
from circles.selectors import ring_of
from sessions.enums import SessionStatus
from sessions.models import CircleSession, PairRhythm, PairRound, PairSeat
from sessions.rules.pairs import Groups, rounds_ahead

AHEAD = 8
# More than five times as many as twelve people need until everybody has had everybody.
ROUNDS_LOOKED_BACK = 60


def sessions_held_by(circle: Circle) -> int:
    """How many sessions a circle has held; the one to practise does not count."""
    return CircleSession.objects.filter(circle=circle, status=SessionStatus.ENDED, practice=False).count()


def past_of(circle: Circle) -> list[Groups]:
    """The latest rounds of pairs of a circle, by keys of people, the oldest first; the one that is now is the last.

    Whoever had whom before that is as long ago as never; pressing on and off makes as many rounds as somebody likes.
    """
    found: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    latest = PairRound.objects.filter(circle=circle).order_by("-number").values("pk")[:ROUNDS_LOOKED_BACK]
    rows = PairSeat.objects.filter(round__in=latest).order_by("round__number", "user")
    for number, group, user in rows.values_list("round__number", "group", "user"):
        found[number][group].append(user)
    return [tuple(sorted(tuple(sorted(group)) for group in groups.values())) for groups in found.values()]


def partners_now(user: User) -> QuerySet[PairSeat]:
    """With whom somebody coaches now, in all of their circles; nothing is asked yet."""
    now = PairSeat.objects.filter(round__ended_at=None, round__circle__closed_at=None)
    rows = now.filter(round__seats__user=user, round__seats__group=F("group")).exclude(user=user)
    return rows.select_related("user", "round__circle").order_by("round__circle__name", "user__name", "pk")


def partners_in(circle: Circle, user: User) -> list[User]:
    """With whom somebody coaches now in one circle; empty where it has no pairs. One query."""
    return [one.user for one in partners_now(user).filter(round__circle=circle)]


@dataclass(frozen=True)
class PairsAhead:
    """One of the rounds to come as names, group by group."""

    groups: tuple[tuple[str, ...], ...]


def pairs_page(seat: Seat) -> dict[str, Any]:
    """Who is with whom, after how many sessions that changes, and who would come next if nobody came or went."""
    circle = seat.circle
    rhythm = PairRhythm.objects.filter(circle=circle).select_related("chosen_by").first()
    now = PairRound.objects.filter(circle=circle, ended_at=None).first()
    people = ring_of(circle)
    names = {one.pk: str(one) for one in people}
    past = past_of(circle) if now else []
    ahead = rounds_ahead([one.pk for one in people], past) if now and rhythm else []
    left = max(1, rhythm.every - (sessions_held_by(circle) - now.held)) if now and rhythm else 0
    return {
        "seat": seat,
        "circle": circle,
        "rhythm": rhythm,
        "now": now,
        "groups": _named(past[-1], names) if past else (),
        "ahead": [PairsAhead(_named(groups, names)) for groups in ahead[:AHEAD]],
        "left": left,
        "enough": len(people) > 2,
        "mine": [str(one) for one in partners_in(circle, seat.user)],
    }


def _named(groups: Sequence[Sequence[int]], names: dict[int, str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(names[one] for one in group if one in names) for group in groups)
