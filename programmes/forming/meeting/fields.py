"""Groups of numbers with many rows of differences: finite fields, and products of them."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product


@dataclass(frozen=True)
class Field:
    """A finite field of `order` elements 0…order-1; `plus` and `times` are its tables."""

    order: int
    plus: tuple[tuple[int, ...], ...]
    times: tuple[tuple[int, ...], ...]


def prime_powers(number: int) -> list[tuple[int, int]]:
    """The prime factors of a number with their exponents: 12 is [(2, 2), (3, 1)]."""
    found, prime = [], 2
    while number > 1:
        exponent = 0
        while number % prime == 0:
            number //= prime
            exponent += 1
        if exponent:
            found.append((prime, exponent))
        prime += 1
    return found


def is_field_order(number: int) -> bool:
    """Whether there is a field of so many elements."""
    return len(prime_powers(number)) == 1


@lru_cache(maxsize=64)
def field(order: int) -> Field:
    """The field of a prime power: polynomials over the prime, modulo the first one that leads to no zero divisor."""
    ((prime, degree),) = prime_powers(order)
    elements = [tuple(reversed(digits)) for digits in product(range(prime), repeat=degree)]
    place = {element: at for at, element in enumerate(elements)}
    plus = tuple(
        tuple(place[tuple((a + b) % prime for a, b in zip(one, other, strict=True))] for other in elements)
        for one in elements
    )
    for tail in elements:
        times = tuple(tuple(place[_product(one, other, tail, prime)] for other in elements) for one in elements)
        if all(0 not in row[1:] for row in times[1:]):
            return Field(order, plus, times)
    raise AssertionError


def _product(one: tuple[int, ...], other: tuple[int, ...], tail: tuple[int, ...], prime: int) -> tuple[int, ...]:
    """Two polynomials multiplied, where x to the degree is minus `tail`."""
    degree = len(tail)
    whole = [0] * (2 * degree - 1)
    for at, a in enumerate(one):
        for to, b in enumerate(other):
            whole[at + to] = (whole[at + to] + a * b) % prime
    for at in range(len(whole) - 1, degree - 1, -1):
        top, whole[at] = whole[at], 0
        for to, part in enumerate(tail):
            whole[at - degree + to] = (whole[at - degree + to] - top * part) % prime
    return tuple(whole[:degree])
