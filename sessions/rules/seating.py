"""Who sits down to a session, and the plan for them. Pure: seats and numbers in, a plan out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sessions.rules.format import FormatRule
from sessions.rules.speaking_order import longest_wait_first, next_order
from sessions.rules.timeline import FitChoice, Plan, PlanError, choices, fitted, plan, present_today

# What people can bring before a session: without any of it there is nothing to wait for.
BROUGHT = ("issue", "page")


@dataclass(frozen=True)
class History:
    """Past sessions of a circle, the oldest first, in user ids: who spoke in which order, who came, who presented."""

    orders: tuple[tuple[int, ...], ...] = ()
    presented: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = ()


@dataclass(frozen=True)
class Seating:
    """Seats in speaking order, those who present, in which order people have waited for it, agreed seconds.

    `unsaid` are those among the presenters whose turn is kept for them, though they have brought nothing yet.
    """

    order: tuple[int, ...]
    presenters: tuple[int, ...]
    waits: tuple[int, ...]
    turns: Mapping[int, int] = field(default_factory=dict)
    host: int | None = None
    unsaid: frozenset[int] = frozenset()

    def plan(self, format_: FormatRule, *, room: int, how: str = "") -> Plan | None:
        """The plan, with `how` applied if it does not fit; None when nobody is there or nobody can present.

        Agreed minutes that no longer work out, because somebody is missing, give way to equal shares.
        """
        for turns in (self.turns, {}):
            try:
                return fitted(
                    format_,
                    self.order,
                    self.presenters,
                    room=room,
                    how=how,
                    waits=self.waits,
                    host=self.host,
                    turns=turns,
                )
            except PlanError:
                continue
        return None

    def choices(self, format_: FormatRule, *, room: int) -> tuple[FitChoice, ...]:
        """What can give; empty when everything fits."""
        for turns in (self.turns, {}):
            try:
                return choices(
                    format_, self.order, self.presenters, room=room, waits=self.waits, host=self.host, turns=turns
                )
            except PlanError:
                continue
        return ()


def sit_down(
    format_: FormatRule,
    seats: Mapping[int, int],
    *,
    bringing: Iterable[int],
    history: History = History(),
    minutes: Mapping[int, int] | None = None,
    host: int | None = None,
    keep_open: bool = False,
) -> Seating:
    """Who speaks in which order today.

    `seats` maps user ids to seats, in the order of the ring, of those who are here. `host` is the seat that opens, also
    of somebody who takes no turns. Everybody presents while nobody has brought anything; when more bring something than
    the format holds, those who waited longest do. With `keep_open`, as days before, whoever has brought nothing yet
    keeps a turn after those who have, as far as the format has room: one issue is no reason to drop the other turns.
    """
    order = next_order(list(seats), history.orders)
    waits = longest_wait_first(order, history.presented)
    wanted = set(bringing)
    able = [user_id for user_id in order if user_id in wanted]
    if not able and format_.before != "choice":
        able = order
    presenting = set(present_today(format_, able, waits))
    # Days before: people bring things until the evening itself, so no turn is given away yet.
    kept = keep_open and format_.before in BROUGHT and format_.has_presenters and not format_.rotates
    if kept:
        waits = sorted(waits, key=lambda user_id: user_id not in wanted)
        presenting = set(present_today(format_, order, waits))
    return Seating(
        order=tuple(seats[user_id] for user_id in order),
        presenters=tuple(seats[user_id] for user_id in order if user_id in presenting),
        waits=tuple(seats[user_id] for user_id in waits),
        turns={seats[user_id]: told * 60 for user_id, told in (minutes or {}).items() if user_id in presenting},
        host=host,
        unsaid=frozenset(seats[user_id] for user_id in presenting - wanted) if kept else frozenset(),
    )


def longest(format_: FormatRule, people: int) -> Plan:
    """The plan for so many people, with as many presenters as the format holds, at full length."""
    seats = list(range(1, people + 1))
    presenters = [] if format_.before == "choice" else seats[: format_.most_presenters]
    return plan(format_, seats, presenters)
