"""What a circle decides after the sessions it promised: a rule of the circle, not of its facilitator. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass


def milestones(sessions: int) -> set[int]:
    """The first, the middle and the last of so many sessions: when everybody's line is read out."""
    return {1, (sessions + 1) // 2, sessions}


def is_half_time(number: int, sessions: int) -> bool:
    """Whether the `number`-th of so many sessions is the middle one: from three on, so that one comes before it."""
    return sessions >= 3 and number == (sessions + 1) // 2


@dataclass(frozen=True)
class VoteCount:
    """How many said each, who has not said anything, and what more than half of the circle want."""

    counts: Mapping[str, int]
    silent: tuple[int, ...]
    wanted: str


def standing(said: Mapping[int, str], ring: Collection[int]) -> VoteCount:
    """Voices of people who are no longer in the circle do not count. With a tie, nothing is wanted: they talk."""
    counts = Counter(choice for person, choice in said.items() if person in ring)
    wanted = next((choice for choice, number in counts.items() if number * 2 > len(ring)), "")
    return VoteCount(dict(counts), tuple(person for person in ring if person not in said), wanted)
