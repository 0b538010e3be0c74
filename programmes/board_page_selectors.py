"""What the page of a board shows: its circles as they are asked for, who waits and where they would fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from programmes.forming_selectors import Board, BoardCircle, Placed, board_of
from programmes.models import BoardStep, Round
from programmes.moving_selectors import hints_of
from programmes.proposal_selectors import run_of

ATTENTION, FREE, NOBODY = "attention", "free", "nobody"
SHOWN = (ATTENTION, FREE, NOBODY)
MONDAY = date(2024, 1, 1)


@dataclass(frozen=True)
class BoardFilter:
    """What is looked for on a board: a part of a name, a kind of circle, a weekday (Monday is 0); a card to open."""

    words: str = ""
    show: str = ""
    day: int | None = None
    opened: UUID | None = None

    @property
    def is_part(self) -> bool:
        """Whether anything is left out."""
        return bool(self.words or self.show or self.day is not None)


@dataclass(frozen=True)
class PotShown:
    """A circle of the board as its card shows it."""

    pot: BoardCircle
    least: int
    most: int
    is_open: bool

    @property
    def free(self) -> int:
        """How many seats are free."""
        return max(0, self.most - len(self.pot.people))

    @property
    def tag(self) -> tuple[str, str]:
        """The one thing to know of it, and the look of its tag."""
        number, pot = len(self.pot.people), self.pot
        if not number:
            return "", _("Nobody yet")
        if trouble := self._trouble:
            return "late", trouble
        if pot.fit.unsaid:
            n = len(pot.fit.unsaid)
            return "", ngettext("%(n)s without hours", "%(n)s without hours", n) % {"n": n}
        if self.free:
            return "", ngettext("%(n)s seat free", "%(n)s seats free", self.free) % {"n": self.free}
        return "go", _("Fits")

    @property
    def _trouble(self) -> str:
        number, pot = len(self.pot.people), self.pot
        said = [
            (bool(pot.managed or pot.managed_from_outside), _("Somebody with their manager")),
            (bool(pot.unfit), _("No shared time")),
            (number < self.least, _("%(n)s too few") % {"n": self.least - number}),
            (number > self.most, _("%(n)s too many") % {"n": number - self.most}),
        ]
        # One thing only, the gravest first: a card with four tags is read by nobody.
        return next((words for is_so, words in said if is_so), "")

    @property
    def needs(self) -> bool:
        """Whether something has to be settled before it can be made."""
        return bool(self.pot.blocks)


@dataclass(frozen=True)
class WaitingShown:
    """Somebody who waits, and the circles they would fit now."""

    placed: Placed
    fits: str


@dataclass(frozen=True)
class PublishTold:
    """What goes out when the circles of a board are made: invitations, mails to who looks after one, dates."""

    invited: int
    led: int
    dates: int
    waiting: int


def goes_out(board: Board, by: User) -> PublishTold:
    """Counted as publishing does it, for whoever presses."""
    programme = board.round.programme
    led = [pot.draft.facilitator for pot in board.pots]
    # Whoever looks after a circle is in it without an invitation, so they are not counted among those who get one.
    users = [[one.enrolment.user for one in pot.people] for pot in board.pots]
    invited = sum(user != leads for leads, some in zip(led, users, strict=True) for user in some)
    dates = programme.sessions + (1 if programme.practice else 0)
    return PublishTold(invited, sum(user != by for user in led), dates * len(board.pots), len(board.unplaced))


def board_page(round_: Round, asked: BoardFilter, by: User) -> dict[str, Any]:
    """Everything the board's page shows `by` somebody. Queries do not grow with people or circles."""
    board = board_of(round_)
    programme = round_.programme
    pots = [PotShown(pot, programme.min_size, programme.max_size, _opens(pot, asked)) for pot in board.pots]
    waiting = _waiting(board, asked)
    return {
        "board": board,
        "goes_out": goes_out(board, by) if board.placed and not board.blocks else None,
        "round": round_,
        "asked": asked,
        "pots": [shown for shown in pots if _is_shown(shown, asked)],
        "waiting": waiting,
        "counts": {
            ATTENTION: sum(shown.needs for shown in pots),
            FREE: sum(bool(shown.free) for shown in pots),
            NOBODY: sum(shown.pot.draft.facilitator_id is None for shown in pots),
        },
        "silent": sum(1 for one in board.everybody if not one.person.stretches),
        "lacking": sum(1 for pot in board.pots if pot.people and pot.draft.facilitator_id is None),
        "weekdays": [(str(at), date_format(MONDAY + timedelta(days=at), "l")) for at in range(7)],
        "run": run_of(round_),
        "steps": BoardStep.objects.filter(round=round_).count(),
    }


def _matches(text: str, asked: BoardFilter) -> bool:
    return asked.words.casefold() in text.casefold()


def _opens(pot: BoardCircle, asked: BoardFilter) -> bool:
    """Whether a card stands open: it is small where all fits, and open where somebody is looked for in it."""
    found = bool(asked.words) and any(_matches(one.person.name, asked) for one in pot.people)
    return found or pot.draft.code == asked.opened


def _is_shown(shown: PotShown, asked: BoardFilter) -> bool:
    pot = shown.pot
    if asked.words and not _matches(pot.draft.name, asked) and not _opens(pot, asked):
        return False
    if asked.day is not None and (pot.first is None or pot.first.weekday() != asked.day):
        return False
    kinds = {ATTENTION: shown.needs, FREE: bool(shown.free), NOBODY: pot.draft.facilitator_id is None}
    return kinds.get(asked.show, True)


def _waiting(board: Board, asked: BoardFilter) -> list[WaitingShown]:
    hints = hints_of(board)
    found: Sequence[Placed] = board.unplaced
    if asked.words:
        found = [one for one in found if _matches(one.person.name, asked)]
    return [WaitingShown(one, _fits(one, hints.get(one.enrolment.pk))) for one in found]


def _fits(one: Placed, names: list[str] | None) -> str:
    if not one.person.stretches:
        return _("Has named no times")
    # Not looked for on a board so large; an empty list would say that they fit nowhere.
    if names is None:
        return ""
    return _("Fits %s") % ", ".join(names) if names else _("Fits no circle as it is")
