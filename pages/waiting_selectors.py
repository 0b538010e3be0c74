"""What waits for somebody: asked of them in one circle or in all of theirs, and drawn in one way wherever it stands."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import Level
from accounts.models import User
from accounts.statements import FixedStatement
from agreements.selectors import agreements_to_sign, proposals_to_answer
from circles.models import Circle
from circles.selectors import changes_to_answer, removals_to_answer, slips_to_confirm
from pages.rules.steps import Matter, Wait
from programmes.pulse_selectors import tickets_open
from sessions.enums import Attendance, ParticipantKind, SessionStatus
from sessions.live.windows import OPEN_FOR, check_out_open
from sessions.models import CheckOut, CircleSession, Participation, PollOption
from sessions.planning.covenant_selectors import decisions_to_make
from sessions.planning.finding_selectors import polls_to_answer
from sessions.planning.roles_selectors import swaps_open
from sessions.shelf.selectors import items_to_answer

# More of one kind than this are never listed at once.
AT_MOST = 12
# A poll of so few dates is answered where it is told of.
DATES_IN_PLACE = 3
NAMES_SAID = 2


@dataclass(frozen=True)
class WaitingLine:
    """One thing that waits, as a page draws it: what, in which circle, and the row or names it is about."""

    wait: Wait
    circle: Circle
    thing: Any = None

    @property
    def icon(self) -> str:
        """The drawing beside it."""
        return DRAWN[self.wait.matter]


DRAWN = {
    Matter.MEET: "play", Matter.DECIDE: "question", Matter.CLOSE: "circle", Matter.SIGN: "pen", Matter.INVITE: "mail",
    Matter.SCHEDULE: "calendar", Matter.ROLES: "arrows", Matter.SLIP: "file", Matter.ASKED: "people",
    Matter.SWAP: "arrows", Matter.REMOVAL: "leave", Matter.CHANGE: "info", Matter.PROPOSAL: "pen",
    Matter.LEND: "file", Matter.COME: "calendar", Matter.POLL: "clock", Matter.SELF_RUN: "people",
    Matter.PULSE: "heart", Matter.CHECK_OUT: "check", Matter.WRAP_UP: "check", Matter.LOOK: "pen",
}  # fmt: skip

# How each kind of what is asked leads to its circle.
CIRCLE_OF: dict[Matter, str] = {
    Matter.DECIDE: "circle",
    Matter.SIGN: "agreement__circle",
    Matter.SLIP: "circle",
    Matter.ASKED: "circle",
    Matter.SWAP: "session__circle",
    Matter.REMOVAL: "membership__circle",
    Matter.PROPOSAL: "agreement__circle",
    Matter.LEND: "circle",
    Matter.POLL: "circle",
    Matter.PULSE: "circle",
    Matter.CHECK_OUT: "session__circle",
}


def asked_of(user: User, *, now: datetime, circle: Circle | None = None) -> dict[Matter, QuerySet[Any]]:
    """All that somebody can be asked, in one circle or in all of theirs; nothing is asked yet."""
    asked: dict[Matter, QuerySet[Any]] = {
        Matter.DECIDE: decisions_to_make(user),
        Matter.SIGN: agreements_to_sign(user),
        Matter.SLIP: slips_to_confirm(user),
        Matter.ASKED: changes_to_answer(user),
        Matter.SWAP: swaps_open(user, now=now).filter(asked=user),
        Matter.REMOVAL: removals_to_answer(user),
        Matter.PROPOSAL: proposals_to_answer(user),
        Matter.LEND: items_to_answer(user),
        Matter.POLL: polls_to_answer(user, now=now),
        Matter.PULSE: tickets_open(user),
        Matter.CHECK_OUT: not_checked_out(now).filter(user=user).select_related("session__circle"),
    }
    if circle is None:
        return asked
    return {matter: rows.filter(**{CIRCLE_OF[matter]: circle}) for matter, rows in asked.items()}


class SeldomThere:
    """What there is of many things that are seldom there. One query says which, and one more reads each of those.

    `asked` gives the querysets of them by name for a `user` and whatever else it is asked with. Of those in `whether`
    it is enough to know that they are there: none is read, and True stands for all of them.
    """

    def __init__(self, asked: Callable[..., dict[str, QuerySet[Any]]], *, whether: Collection[str] = ()) -> None:
        self.asked, self.whether = asked, whether
        self.there: FixedStatement[..., dict[str, bool]] = FixedStatement(self._there)
        self.read: dict[str, FixedStatement[..., Any]] = {}

    def __call__(self, user: User, **given: Any) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for name, is_there in self.there(user, **given)[0].items():
            key = name.removeprefix("has_")
            found[key] = [True] if is_there and key in self.whether else []
            if is_there and key not in self.whether:
                # Made at its first use and kept: putting a statement together takes longer than asking it.
                found[key] = self.read.setdefault(key, FixedStatement(partial(self._rows, key)))(user, **given)
        return found

    def _there(self, user: User, **given: Any) -> QuerySet[User, Any]:
        flags = {f"has_{key}": Exists(rows) for key, rows in self.asked(user, **given).items()}
        return User.objects.filter(pk=user.pk).values(**flags)

    def _rows(self, key: str, user: User, **given: Any) -> QuerySet[Any]:
        return self.asked(user, **given)[key][:AT_MOST]


def lines_of(found: Mapping[Matter, Iterable[Any]], *, now: datetime) -> list[WaitingLine]:
    """What was found of `asked_of` as lines. One query more where there is a poll: its dates."""
    lines = []
    for matter, things in found.items():
        kept = [one for one in things if matter != Matter.CHECK_OUT or check_out_open(one.session, now=now)]
        if matter == Matter.POLL:
            _dates_of(kept, now)
        lines += [WaitingLine(Wait(matter, about=at), _circle_of(matter, one), one) for at, one in enumerate(kept)]
    return lines


def _circle_of(matter: Matter, thing: Any) -> Circle:
    for name in CIRCLE_OF[matter].split("__"):
        thing = getattr(thing, name)
    return cast(Circle, thing)


def _dates_of(polls: list[Any], now: datetime) -> None:
    """Give each poll its `dates` that are still to come, in order, and the `levels`; `in_place` where they are few."""
    options = PollOption.objects.filter(poll__in=polls, starts_at__gt=now).order_by("starts_at")
    for poll in polls:
        poll.dates = []
    by_pk = {poll.pk: poll for poll in polls}
    for option in options:
        by_pk[option.poll_id].dates.append(option)
    for poll in polls:
        poll.in_place, poll.levels = len(poll.dates) <= DATES_IN_PLACE, Level.choices


def not_checked_out(now: datetime) -> QuerySet[Participation]:
    """Those who came to a session that has just been held and have not checked out of it; nothing is asked yet."""
    out = CheckOut.objects.filter(participation=OuterRef("pk"))
    rows = Participation.objects.filter(
        ~Exists(out), attendance=Attendance.CAME, kind=ParticipantKind.MEMBER, session__status=SessionStatus.ENDED,
        session__ended_at__gt=now - OPEN_FOR, session__circle__closed_at=None,
    )  # fmt: skip
    return rows.order_by("-session__ended_at", "pk")


def come_lines(sessions: Iterable[CircleSession], *, seated: Callable[[int], bool]) -> list[WaitingLine]:
    """The next session of each circle as a question whether somebody comes, where they have a seat and have not said.

    The sessions carry `said`: what they answered (see `with_answers`).
    """
    lines: list[WaitingLine] = []
    # Only the next session of each circle: with a series of six the page would ask six times.
    seen = set[int]()
    for session in sessions:
        if session.circle_id not in seen and session.is_planned and seated(session.circle_id):
            seen.add(session.circle_id)
            if not getattr(session, "said", ""):
                lines.append(WaitingLine(Wait(Matter.COME, about=len(lines)), session.circle, session))
    return lines


def names_said(people: Iterable[User]) -> str:
    """Who it is, as part of a sentence: one or two first names, else how many."""
    names = [user.first for user in people]
    if len(names) > NAMES_SAID:
        return _("%(n)s people") % {"n": len(names)}
    return _(" and ").join(names)
