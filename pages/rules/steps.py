"""What a circle's facilitator does next: exactly one step at a time. Pure."""

from dataclasses import dataclass
from enum import Enum


class Step(str, Enum):
    """The steps of a circle's first round, in order."""

    INVITE = "invite"
    AGREE = "agree"
    SCHEDULE = "schedule"
    ROLES = "roles"
    MEET = "meet"
    WRAP_UP = "wrap_up"
    # Nothing is theirs to do: others are asked, and have not answered.
    WAIT = "wait"


PATH = (Step.INVITE, Step.AGREE, Step.SCHEDULE, Step.ROLES, Step.MEET, Step.WRAP_UP)


@dataclass(frozen=True)
class Facts:
    """Counts and yes-or-no about a circle; nothing anyone said."""

    members: int
    min_size: int
    signed: int
    has_next: bool
    next_running: bool
    roles_held: int
    roles: int
    held: int
    checked_out: int
    came_last: int
    wrap_up_open: bool
    # Open invitations; whether the facilitator has signed; half an hour before the next session, or late for it.
    invited: int = 0
    i_signed: bool = True
    near: bool = False
    # Of the promised sessions: held, or with a date.
    dated: int = 0
    promised: int = 0


def done(facts: Facts) -> dict[Step, bool]:
    """Which steps are behind the circle now."""
    return {
        Step.INVITE: facts.members >= facts.min_size,
        Step.AGREE: facts.members > 0 and facts.signed >= facts.members,
        Step.SCHEDULE: facts.has_next and facts.dated >= facts.promised,
        Step.ROLES: facts.has_next and facts.roles_held >= facts.roles,
        Step.MEET: facts.held > 0,
        Step.WRAP_UP: facts.held > 0 and (facts.checked_out >= facts.came_last or not facts.wrap_up_open),
    }


def waits(facts: Facts) -> set[Step]:
    """Which steps the facilitator has taken, so that they wait for others."""
    asked = {
        Step.INVITE: facts.members + facts.invited >= facts.min_size,
        Step.AGREE: facts.i_signed,
    }
    behind = done(facts)
    return {step for step, mine_is_done in asked.items() if mine_is_done and not behind[step]}


def next_step(facts: Facts) -> Step:
    """The one step to take now: the facilitator's own, never one that others have to take.

    A session that runs, is about to begin or late, comes before everything. After one was held, wrapping up comes
    first while it is open; then whichever step of their own is missing. When none is, they wait for others, or all is
    ready and the next thing is to meet.
    """
    if facts.next_running or facts.near:
        return Step.MEET
    behind, others = done(facts), waits(facts)
    if facts.held and not behind[Step.WRAP_UP]:
        return Step.WRAP_UP
    for step in (Step.INVITE, Step.AGREE, Step.SCHEDULE, Step.ROLES):
        if not behind[step] and step not in others:
            return step
    return Step.WAIT if others else Step.MEET
