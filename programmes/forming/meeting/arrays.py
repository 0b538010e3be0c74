"""Rounds from differences. People stand in rows of g; each round shifts every row by its own amount, and a group is a
column. Two people of different rows meet at most once if no two rounds shift their rows apart by the same amount. What
holds for rounds and rows holds for rows and rounds, so that an array can be turned."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from programmes.forming.meeting.catalogue import ARRAYS
from programmes.forming.meeting.fields import field, is_field_order, prime_powers

Round = list[list[int]]
# How many tries a search for one more row of an array may take.
TRIES = 2_000
MOST_SEARCHED = 16
GREATEST_FIELD = 128


@dataclass(frozen=True)
class Shifts:
    """By how much each round shifts each row, and how elements are added."""

    rounds: tuple[tuple[int, ...], ...]
    plus: tuple[tuple[int, ...], ...]


@lru_cache(maxsize=256)
def shifts(groups: int, size: int) -> Shifts:
    """The most rounds known for so many groups of this size; one where a row is longer than there are groups."""
    cyclic = tuple(tuple((one + other) % groups for other in range(groups)) for one in range(groups))
    if size > groups:
        return Shifts(((0,) * size,), cyclic)
    if groups <= GREATEST_FIELD and is_field_order(groups):
        of = field(groups)
        return Shifts(tuple(of.times[at][:size] for at in range(groups)), of.plus)
    found = [_of_product(groups, size), Shifts(_searched(groups, size), cyclic)]
    for rows in ARRAYS.get(groups, ()):
        for turned in (rows, tuple("".join(column) for column in zip(*rows, strict=True))):
            if len(turned[0]) >= size:
                found.append(Shifts(tuple(tuple(int(sign) for sign in row[:size]) for row in turned), cyclic))
    return max(found, key=lambda one: len(one.rounds))


def _of_product(groups: int, size: int) -> Shifts:
    """The product of fields: as many rounds and rows as the smallest of them has elements."""
    factors = [field(prime**exponent) for prime, exponent in prime_powers(groups)]
    smallest = min((one.order for one in factors), default=1)

    def parts(element: int) -> list[int]:
        found = []
        for one in factors:
            found.append(element % one.order)
            element //= one.order
        return found

    def whole(values: Sequence[int]) -> int:
        total = 0
        for one, value in zip(reversed(factors), reversed(values), strict=True):
            total = total * one.order + value
        return total

    plus = tuple(
        tuple(
            whole([of.plus[a][b] for of, a, b in zip(factors, parts(one), parts(other), strict=True)])
            for other in range(groups)
        )
        for one in range(groups)
    )
    if size > smallest:
        return Shifts(((0,) * size,), plus)
    rounds = tuple(tuple(whole([of.times[at][to] for of in factors]) for to in range(size)) for at in range(smallest))
    return Shifts(rounds, plus)


def _searched(groups: int, size: int) -> tuple[tuple[int, ...], ...]:
    """Rounds one after another, each the first that goes with all before, in numbers modulo `groups`."""
    rounds: list[tuple[int, ...]] = [(0,) * size]
    while len(rounds) < min(groups, MOST_SEARCHED):
        left = [TRIES]
        row = _one_more(rounds, [0], size, groups, left)
        if row is None:
            break
        rounds.append(tuple(row))
    return tuple(rounds)


def _one_more(
    rounds: list[tuple[int, ...]], row: list[int], size: int, groups: int, left: list[int]
) -> list[int] | None:
    if len(row) == size:
        return row
    at = len(row)
    taken = {(row[to] - one[to] + one[at]) % groups for one in rounds for to in range(at)}
    for value in range(groups):
        left[0] -= 1
        if left[0] < 0:
            return None
        if value not in taken and (found := _one_more(rounds, [*row, value], size, groups, left)) is not None:
            return found
    return None


def rounds_of(groups: int, size: int) -> list[Round]:
    """The rounds themselves: person `row * groups + at` stands in that row at that place."""
    found = shifts(groups, size)
    return [
        [[row * groups + found.plus[at][shift[row]] for row in range(size)] for at in range(groups)]
        for shift in found.rounds
    ]
