"""Up to three proposals that really differ: fewest who wait, most mixed, most wishes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from programmes.forming.model import Answer, Problem, Rules
from programmes.forming.running import run
from programmes.forming.solving import judged

# Two proposals differ where less than this share of their pairs is the same.
ALIKE = 0.75
# How much more what a proposal is made for weighs in it.
MORE = 8
# For something else that counts, one of so many people more may wait.
MORE_WAIT = 25
Circles = Sequence[Sequence[int]]


@dataclass(frozen=True)
class FormingProposal:
    """What a proposal was made for ("rules", "mixed", "wishes"), and the proposal under the rules as they are."""

    aim: str
    answer: Answer


def aims(rules: Rules) -> list[tuple[str, Rules]]:
    """The rules as they are, then with what a proposal is made for weighing more. Rules that must hold stay."""

    def more(*terms: str) -> Rules:
        changed: dict[str, Any] = {term: getattr(rules, term) * MORE for term in terms if getattr(rules, term) > 0}
        return replace(rules, **changed)

    asked = [("rules", rules), ("mixed", more("functions", "places", "alone", "met")), ("wishes", more("wishes"))]
    return [asked[0], *(one for one in asked[1:] if one[1] != rules)]


def alike(one: Circles, other: Circles) -> float:
    """The share of pairs that are together in both, of those that are in either; 1 where there are none."""
    first, second = _pairs(one), _pairs(other)
    return len(first & second) / len(first | second) if first | second else 1.0


def _pairs(circles: Circles) -> set[tuple[int, int]]:
    return {pair for circle in circles for pair in combinations(sorted(circle), 2)}


def choices(
    problem: Problem, seconds: float, seed: int = 1, solver: Callable[[Problem, float, int], Answer | None] = run
) -> list[FormingProposal]:
    """One to three proposals. The first is the best under the rules as they are, and has half of the seconds.

    Others are left out that are much the same, or in which many more people wait than in the first. A solver that
    answers None wants no more of them.
    """
    asked = aims(problem.rules)
    shares = [seconds / 2, *([seconds / 2 / (len(asked) - 1)] * (len(asked) - 1))] if len(asked) > 1 else [seconds]
    made: list[FormingProposal] = []
    for (aim, rules), share in zip(asked, shares, strict=True):
        found = solver(replace(problem, rules=rules), share, seed)
        if found is None:
            break
        if not made:
            made.append(FormingProposal(aim, found))
            continue
        first = made[0].answer
        if len(found.waiting) > len(first.waiting) + len(problem.people) // MORE_WAIT or any(
            alike(found.circles, one.answer.circles) >= ALIKE for one in made
        ):
            continue
        # Under the rules as they are: prices made for another aim compare with nothing.
        told = judged(problem, found.circles, first.bound, "aim", found.steps)
        made.append(FormingProposal(aim, told))
    return made
