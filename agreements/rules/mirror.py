"""Where the people of a circle differ most in how they see it. Pure: counts of scores, of nobody in particular."""

from collections.abc import Mapping, Sequence
from math import sqrt

LOWEST, HIGHEST = 1, 5
# Of fewer answers each could be told from the others.
FEWEST_SEEN = 5
# A second statement is named beside the widest where people differ about it nearly as much.
NEARLY = 0.75
NAMED_AT_MOST = 2

Counts = Mapping[str, Sequence[int]]


def nothing_said(statements: Sequence[str]) -> dict[str, list[int]]:
    """Counts before anybody has answered: for each statement how many gave 1, 2, … 5."""
    return {one: [0] * HIGHEST for one in statements}


def added(counts: Counts, scores: Mapping[str, int]) -> dict[str, list[int]]:
    """The counts with one more person's scores, from 1 to 5 each. KeyError where a statement has no score."""
    return {
        one: [number + (scores[one] == at) for at, number in enumerate(said, start=LOWEST)]
        for one, said in counts.items()
    }


def answers_in(counts: Counts) -> int:
    """How many people these counts are of."""
    return max((sum(said) for said in counts.values()), default=0)


def spread(said: Sequence[int]) -> float:
    """The standard deviation of scores, given how many gave each; 0 where nobody or only one answered."""
    number = sum(said)
    if number < 2:
        return 0.0
    mean = sum(at * how_many for at, how_many in enumerate(said, start=LOWEST)) / number
    return sqrt(sum(how_many * (at - mean) ** 2 for at, how_many in enumerate(said, start=LOWEST)) / number)


def widest(counts: Counts) -> list[str]:
    """The one or two statements about which people differ most, the widest first.

    Nothing of fewer than five answers, and nothing where all say the same. What differs alike stands in its own order.
    """
    if answers_in(counts) < FEWEST_SEEN:
        return []
    ordered = sorted(counts, key=lambda one: -round(spread(counts[one]), 9))
    most = spread(counts[ordered[0]])
    named = [one for one in ordered if most > 0 and spread(counts[one]) >= NEARLY * most]
    return named[:NAMED_AT_MOST]
