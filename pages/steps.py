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


def done(facts: Facts) -> dict[Step, bool]:
    """Which steps are behind the circle now."""
    return {
        Step.INVITE: facts.members >= facts.min_size,
        Step.AGREE: facts.members > 0 and facts.signed >= facts.members,
        Step.SCHEDULE: facts.has_next,
        Step.ROLES: facts.has_next and facts.roles_held >= facts.roles,
        Step.MEET: facts.held > 0,
        Step.WRAP_UP: facts.held > 0 and (facts.checked_out >= facts.came_last or not facts.wrap_up_open),
    }


def next_step(facts: Facts) -> Step:
    """The one step to take now.

    A session that runs comes before everything. After one was held, wrapping up comes first while it is open; then
    the circle goes on with whichever step is missing, and when nothing is, the next thing is to meet.
    """
    if facts.next_running:
        return Step.MEET
    behind = done(facts)
    if facts.held and not behind[Step.WRAP_UP]:
        return Step.WRAP_UP
    for step in (Step.INVITE, Step.AGREE, Step.SCHEDULE, Step.ROLES):
        if not behind[step]:
            return step
    return Step.MEET
