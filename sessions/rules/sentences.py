"""Sentences without a name: which are published together, and the marks by which they can be taken away. Pure.

A batch has at most one sentence of each circle, at least five, and nobody has read two of them before: whoever is in
several circles knows from which all of theirs are, and what is left must still be of any of four with the same chance.
"""

import hmac
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")
# So long each member of the circle can say that they would rather it stayed there.
OBJECTED_FOR = timedelta(days=7)
CIRCLES_AT_LEAST = 5
# More than a circle has members: every sentence has as many, so that their number says nothing of the circle.
MARKS = 16
MINE, OURS = "mine", "ours"


def batch_of(agreed: Mapping[int, Sequence[T]], random: Random, *, knows: Callable[[T], Collection[int]]) -> list[T]:
    """What is published now of what circles have agreed to, shuffled: one of each, nothing of fewer than five.

    `knows` are those who may know of one while it waits, its writer too: no two of a batch have anybody in common, so
    that several circles of one person count as one. Which circle chooses first is left to chance, so that a batch which
    fails by it is another one the next time.
    """
    waiting = [list(some) for some in agreed.values() if some]
    random.shuffle(waiting)
    batch: list[T] = []
    known: set[int] = set()
    for some in waiting:
        if free := [one for one in some if known.isdisjoint(knows(one))]:
            batch.append(random.choice(free))
            known |= set(knows(batch[-1]))
    random.shuffle(batch)
    return batch if len(batch) >= CIRCLES_AT_LEAST else []


def mark_of(secret: str, purpose: str, code: UUID) -> str:
    """What somebody with this secret is known by on one sentence, and on no other."""
    return hmac.new(secret.encode(), f"{purpose}:{code}".encode(), sha256).hexdigest()


def marks_of(code: UUID, *, writer: str, others: Sequence[str]) -> list[str]:
    """The marks of one sentence, in an order that says nothing: the writer's, the others', and random ones."""
    real = [mark_of(writer, MINE, code)] if writer else []
    real += [mark_of(secret, OURS, code) for secret in others]
    real = real[:MARKS]
    return sorted(real + [secrets.token_hex(32) for _place in range(MARKS - len(real))])


def found_by(secret: str, code: UUID, marks: Sequence[str]) -> str:
    """Whose a sentence is to somebody with this secret: `MINE`, `OURS`, or empty for none of theirs."""
    return next((purpose for purpose in (MINE, OURS) if mark_of(secret, purpose, code) in marks), "")
