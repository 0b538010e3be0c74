"""What forming knows of people, what is wanted of circles, and what comes out. No arithmetic here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

VERSION: Final = 1
# The strength of a rule is what it costs to break it once: 0 is "not here", MUST is "never".
NOT_HERE: Final = 0
MUST: Final = -1
# A person who waits while nobody may: dear enough that nothing else decides, small enough for exact sums.
WAITING_MUST: Final = 1_000_000

Pair = tuple[int, int]


@dataclass(frozen=True)
class Person:
    """One person. What was not asked is None or empty, and then no rule holds it against them.

    `slots` are the starts of the week at which they can meet for long enough; None means that they named no times, the
    empty set that they can at none. `kinds` is whatever nobody should be the only one of. `avoid` was told in
    confidence.
    """

    id: int
    function: str | int | None = None
    place: str | int | None = None
    level: int | None = None
    kinds: frozenset[str] = frozenset()
    manager: int | None = None
    slots: frozenset[int] | None = None
    languages: frozenset[str] = frozenset()
    want: frozenset[int] = frozenset()
    avoid: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Rules:
    """Sizes, and how strong each rule is: MUST, a price per breach in whole numbers, or NOT_HERE.

    | field | one breach is |
    | --- | --- |
    | waiting | somebody without a place (MUST: as few as can be, before anything else) |
    | times | a circle that shares no start of the week |
    | choice | a circle that shares only one |
    | manager | a pair of somebody and their manager, up to `managers_up` levels up |
    | levels | a circle whose levels are more than `levels_apart` apart |
    | language | a circle in which those who named languages share none |
    | alone | somebody who is the only one of a kind in a circle |
    | functions, places | a pair of the same; with `places_alike` a pair of different places |
    | wishes | somebody who named people and has none of them |
    | met | a pair that met before; the price is divided by how many rounds ago that was |

    Whom somebody would rather not be with is no field: it always holds.
    """

    least: int
    most: int
    circles: int | None = None
    waiting: int = 1000
    times: int = MUST
    choice: int = 8
    manager: int = MUST
    managers_up: int = 1
    levels: int = MUST
    levels_apart: int = 1
    language: int = NOT_HERE
    alone: int = 30
    functions: int = 10
    places: int = 3
    places_alike: bool = False
    wishes: int = 5
    met: int = 40


@dataclass(frozen=True)
class Problem:
    """Everything a proposal is made from.

    `met` says how many rounds ago two people met last, 1 for the last round, under (smaller id, larger id). `locked`
    circles stay as they are; a `pinned` group stays together and others may join it. Both overrule the rules.
    """

    people: tuple[Person, ...]
    rules: Rules
    met: Mapping[Pair, int] = field(default_factory=dict)
    locked: tuple[tuple[int, ...], ...] = ()
    pinned: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Remark:
    """Something about the input that whoever reads the answer should know, and the people it is about."""

    what: str
    people: tuple[int, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Circles by id, each and all in ascending order, and what is known about how good they are.

    `cost` is the sum of `parts`; nothing under the same rules costs less than `bound`; `proved` says that they are
    equal. `steps` is how far a search went: the same problem, seed and steps give the same answer. `stopped` says what
    ended it: "proof", "steps", "clock", "asked", "lost" where the solver's process was killed, or "aim" where it is
    the best known for something else.
    """

    circles: tuple[tuple[int, ...], ...]
    waiting: tuple[int, ...]
    cost: int
    parts: Mapping[str, int]
    bound: int
    proved: bool
    steps: int = 0
    stopped: str = "proof"
    remarks: tuple[Remark, ...] = ()
