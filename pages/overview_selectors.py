"""Reads for the overview of a circle: the one next step, what else waits, the arc of its promise, who does what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from agreements.commitment_selectors import commitments_listed_for
from circles.access import Seat
from circles.models import Circle, Invitation, Membership
from circles.rules.ring import RingSeat
from circles.selectors import covenant_of
from pages.opening_selectors import KnownDates, Opening, dates_known, members_with_signatures, opened
from pages.selectors import local_times, ring_seats, ring_sentence
from sessions.planning.roles_selectors import roles_in

ROLES_SHOWN = 2
COMMITMENTS_SHOWN = 3
USUAL_PROMISE = 6
# So many beads stand side by side with their dates; those of a longer promise are drawn without.
BEADS_WITH_DATES = 8


@dataclass(frozen=True)
class Bead:
    """One promised session in the arc: `done`, `now` (the next one) or `ahead`, and its day once it has one."""

    number: int
    state: str
    on: datetime | None


def overview_page(seat: Seat, *, now: datetime) -> dict[str, Any]:
    """The first page of a circle for one of its members. Fifteen queries at most, and one for each thing that waits."""
    circle = seat.circle
    members = members_with_signatures(circle)
    covenant = covenant_of(circle)
    dates = dates_known(circle, seat.user, now=now)
    shown, ahead = roles_in(dates.coming[:ROLES_SHOWN])
    held = sum(holder is not None for holder in ahead[0][1]) if ahead else 0
    found = opened(Opening(seat, members, covenant, dates, held), now=now)
    empty = _empty_seats(circle, members, found.invited)
    mine = commitments_listed_for(seat.user, now=now, circle=circle)
    promised = covenant.sessions if covenant else USUAL_PROMISE
    return {
        "seat": seat,
        "circle": circle,
        "now": now,
        "today": seat.user.today(now),
        "opened": found,
        "next": dates.next,
        "near": dates.next is not None and dates.next.is_near(now),
        "ring": [*ring_seats(members, seat.user, local_times(members, now)), *empty],
        "ring_label": ring_sentence(circle, members, seat.user) + _also_invited(empty),
        "covenant": covenant,
        "promised": promised,
        "beads": beads(promised, dates),
        "with_dates": promised <= BEADS_WITH_DATES,
        "held_count": dates.count,
        "roles_shown": shown,
        "roles_ahead": ahead,
        "commitments": mine[:COMMITMENTS_SHOWN],
        "commitments_more": max(0, len(mine) - COMMITMENTS_SHOWN),
    }


def _empty_seats(circle: Circle, members: Sequence[Membership], invited: Sequence[Invitation]) -> list[RingSeat]:
    """A dashed seat for each who is invited, as far as the circle has room: for those who look after it."""
    room = max(0, circle.max_size - sum(member.takes_part for member in members))
    names = [(one.called.split() or [one.email.split("@")[0]])[0] for one in invited[:room]]
    return [RingSeat(name[:1].upper(), name[:1].upper() + name[1:], _("invited"), away=True) for name in names]


def _also_invited(empty: Sequence[RingSeat]) -> str:
    """The end of the sentence that stands for the picture: who else has a seat drawn."""
    return " " + _("Invited: %s.") % ", ".join(seat.name for seat in empty) if empty else ""


def beads(promised: int, dates: KnownDates) -> list[Bead]:
    """The promise, session by session: what was held, what has a date, what has none yet."""
    done = min(dates.count, promised)
    held = [one.starts_at for one in reversed(dates.held) if getattr(one, "promised", False)]
    ahead = [one.starts_at for one in dates.coming if getattr(one, "promised", False)]
    days: list[datetime | None] = [*held[len(held) - done :], *ahead, *[None] * promised]
    return [
        Bead(at + 1, "done" if at < done else "now" if at == done and ahead else "ahead", on)
        for at, on in enumerate(days[:promised])
    ]
