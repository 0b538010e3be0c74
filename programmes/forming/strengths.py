"""What a programme says of each rule in a word, and the strengths that the engine takes them as."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from programmes.forming.model import MUST, NOT_HERE, Rules

MUSTS, MATTERS, LITTLE, NONE = "must", "matters", "little", "none"
MANAGERS_UP: Final = 2


@dataclass(frozen=True)
class Term:
    """A rule a programme can weigh: what it is worth by itself, and what one breach costs where it only counts."""

    name: str
    usual: str
    matters: int
    little: int
    strengths: tuple[str, ...] = (MUSTS, MATTERS, LITTLE, NONE)


# In the order in which a page asks for them. Somebody who waits always counts: without that, no circle is worth making.
TERMS: Final = (
    Term("waiting", MATTERS, 1000, 120, (MUSTS, MATTERS, LITTLE)),
    Term("times", MUSTS, 200, 40),
    Term("choice", LITTLE, 24, 8),
    Term("manager", MUSTS, 200, 60),
    Term("levels", NONE, 60, 15),
    Term("language", MATTERS, 120, 30),
    Term("alone", NONE, 30, 8),
    Term("functions", MATTERS, 10, 3),
    Term("places", LITTLE, 10, 3),
    Term("wishes", LITTLE, 20, 5),
    Term("met", MATTERS, 40, 10),
)
BY_NAME: Final = {one.name: one for one in TERMS}


def words_of_rules(stored: Mapping[str, Any]) -> dict[str, str]:
    """By rule, the word that holds: what the programme chose, else the usual one."""
    return {one.name: word if (word := stored.get(one.name)) in one.strengths else one.usual for one in TERMS}


def rules_for(stored: Mapping[str, Any], least: int, most: int) -> Rules:
    """The rules of a programme whose circles have so many people; as usual where no word for one is stored."""
    prices: dict[str, Any] = {name: _price(name, word) for name, word in words_of_rules(stored).items()}
    return Rules(
        least,
        most,
        managers_up=MANAGERS_UP,
        levels_apart=stored.get("levels_apart", 1),
        places_alike=bool(stored.get("places_alike", False)),
        **prices,
    )


def _price(name: str, word: str) -> int:
    term = BY_NAME[name]
    return {MUSTS: MUST, MATTERS: term.matters, LITTLE: term.little, NONE: NOT_HERE}[word]
