"""What waits in a circle: which of it is the one next step, and which few stand below it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LINES_AT_MOST = 4


class Matter(StrEnum):
    """What can wait, in the order in which it comes first."""

    MEET = "meet"  # a session runs, begins within the hour, or is late
    DECIDE = "decide"
    CLOSE = "close"
    SIGN = "sign"
    INVITE = "invite"
    SCHEDULE = "schedule"
    ROLES = "roles"
    # Answers that somebody waits for.
    SLIP = "slip"
    ASKED = "asked"
    SWAP = "swap"
    REMOVAL = "removal"
    CHANGE = "change"
    PROPOSAL = "proposal"
    LEND = "lend"  # to the shelf
    COME = "come"
    POLL = "poll"
    SELF_RUN = "self_run"
    PULSE = "pulse"
    CHECK_OUT = "check_out"
    WRAP_UP = "wrap_up"
    LOOK = "look"


ORDER = {matter: at for at, matter in enumerate(Matter)}
# What nobody has to do anything about stands among the lines, and is no step unless it is the reader's own.
NEVER_FIRST_FOR_OTHERS = (Matter.CHANGE, Matter.POLL, Matter.LOOK)


@dataclass(frozen=True)
class Wait:
    """One thing that waits: for the reader (`mine`), or for others, who can be reminded of it.

    `about` tells several of one kind apart, in the order in which they were found.
    """

    matter: Matter
    mine: bool = True
    about: int = 0

    @property
    def rank(self) -> tuple[int, int]:
        """Where it stands among others; `mine` does not matter for that."""
        return ORDER[self.matter], self.about

    @property
    def may_be_first(self) -> bool:
        """Whether it can be the one next step."""
        return self.mine or self.matter not in NEVER_FIRST_FOR_OTHERS


@dataclass(frozen=True)
class Facts:
    """Counts and yes-or-no about a circle and one reader in it; nothing anyone said."""

    # Whether the reader may do what a facilitator does.
    runs: bool = False
    on_hold: bool = False
    # A session runs, begins within the hour, or is late.
    near: bool = False
    # The promised sessions are held: whether the reader has said how to go on. None while that is not asked.
    decided: bool | None = None
    # The circle is closing: whether the reader has written their thanks. None while it is not.
    thanked: bool | None = None
    signed: bool = True
    # Others who have not signed.
    unsigned: int = 0
    members: int = 0
    min_size: int = 0
    invited: int = 0
    # Sessions of the promise that are held or have a date, and how many there should be.
    dated: int = 0
    promised: int = 0
    has_next: bool = False
    roles_held: int = 0
    roles: int = 0
    # Others who came last time and can still check out.
    not_out: int = 0


def waits_of(facts: Facts) -> list[Wait]:
    """What these facts make wait: the steps of a circle, apart from what somebody asks the reader."""
    found: list[tuple[Matter, bool | None]] = [
        (Matter.MEET, True if facts.near else None),
        (Matter.DECIDE, None if facts.decided is None else not facts.decided),
        (Matter.CLOSE, None if facts.thanked is None else facts.runs or not facts.thanked),
        (Matter.SIGN, True if not facts.signed else False if facts.runs and facts.unsigned else None),
    ]
    if facts.runs and not facts.on_hold and facts.thanked is None:
        missing = facts.members < facts.min_size
        undated = not facts.has_next or facts.dated < facts.promised
        found += [
            (Matter.INVITE, facts.members + facts.invited < facts.min_size if missing else None),
            (Matter.SCHEDULE, True if undated and facts.decided is None else None),
            (Matter.ROLES, True if facts.has_next and facts.roles_held < facts.roles else None),
        ]
    if facts.runs and facts.not_out:
        found.append((Matter.WRAP_UP, False))
    return [Wait(matter, mine) for matter, mine in found if mine is not None]


@dataclass(frozen=True)
class Arranged:
    """What a page puts first, the few lines below that, and all else, which is folded away."""

    step: Wait | None
    lines: tuple[Wait, ...]
    more: tuple[Wait, ...]


def arranged(waits: Iterable[Wait]) -> Arranged:
    """One next step and at most four lines, all in the order of `Matter`.

    The step is the reader's own while anything is; else the first that others have to take, of which they can be
    reminded; None when nothing waits and all is ready. What is the reader's own is folded away last.
    """
    found = sorted(set(waits), key=lambda one: (not one.mine, one.rank))
    step = next((one for one in found if one.may_be_first), None)
    rest = [one for one in found if one != step]
    shown = sorted(rest[:LINES_AT_MOST], key=lambda one: one.rank)
    return Arranged(step, tuple(shown), tuple(sorted(rest[LINES_AT_MOST:], key=lambda one: one.rank)))
