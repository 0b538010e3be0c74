"""When a proposed change of the agreement counts. Pure: people are numbers, `now` is handed in.

The rule stands in the agreement itself: at once when every member says yes; else after so many days (seven unless the
circle chose otherwise) without an open concern. A concern opens the next session, and after it those who were there
decide by more than half.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

USUAL_DAYS = 7


class Verdict(str, Enum):
    """What happens to a proposal now."""

    ADOPT = "adopt"
    WAIT = "wait"
    TALK = "talk"
    DECIDE = "decide"
    DECLINE = "decline"


@dataclass(frozen=True)
class Stances:
    """What is said to one proposal: who is for it, who has a concern, who was there when it was talked about."""

    made_at: datetime
    days: int
    members: frozenset[int]
    yes: frozenset[int]
    concerns: frozenset[int]
    talked_at: datetime | None = None
    present: frozenset[int] = frozenset()


def counts_from(said: Stances) -> datetime:
    """When the proposal counts if nobody raises a concern, or until when those who were there decide."""
    return (said.talked_at or said.made_at) + timedelta(days=said.days)


def verdict(said: Stances, *, now: datetime) -> Verdict:
    """`TALK`: a concern opens the next session. `DECIDE`: those who were there are asked. Who has left has no say.

    Where everybody who was there has left, the usual days decide.
    """
    yes, concerns = said.yes & said.members, said.concerns & said.members
    # Before anything else: where all want it no talk is needed, and none is waited for.
    if said.members and yes == said.members:
        return Verdict.ADOPT
    present = said.present & said.members
    if said.talked_at and present:
        # Of those who were there and not of all: whoever talked about it decides.
        if 2 * len(yes & present) > len(present):
            return Verdict.ADOPT
        return Verdict.DECLINE if now >= counts_from(said) else Verdict.DECIDE
    if concerns:
        return Verdict.TALK
    return Verdict.ADOPT if now >= counts_from(said) else Verdict.WAIT
