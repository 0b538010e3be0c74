"""Going through rows so that one that cannot be dealt with keeps nobody else waiting.

Every periodic task uses this. What failed is counted and logged by its place, never with what was in it, and is
there again at the next turn. A database that is away ends the turn: there is nothing to go through.
"""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import connection, transaction

T = TypeVar("T")
AT_ONCE = 250
log = logging.getLogger("talking_piece.turns")


def each(what: str, rows: Iterable[T], act: Callable[[T], object]) -> int:
    """Do something with every row, each in a transaction of its own.

    How many things were done: one a row, unless `act` answers with a number, or with False where there was nothing.
    """
    done = failed = 0
    for row in rows:
        try:
            with transaction.atomic():
                answer = act(row)
            done += int(answer) if isinstance(answer, int) else 1
        except Exception as error:
            failed += 1
            _failed(what, row, error)
    if failed:
        log.error("%s: failed for %d, done for the others", what, failed)
    return done


def together(what: str, rows: Iterable[T], act: Callable[[list[T]], object]) -> int:
    """Do something with many rows at once, in one transaction; where that fails, with halves of them.

    For what asks few questions about all of them. How many it was done for.
    """
    found = list(rows)
    return sum(_halves(what, found[first : first + AT_ONCE], act) for first in range(0, len(found), AT_ONCE))


def _halves(what: str, rows: list[T], act: Callable[[list[T]], object]) -> int:
    try:
        with transaction.atomic():
            act(rows)
    except Exception as error:
        if len(rows) == 1:
            _failed(what, rows[0], error)
            return 0
        # By halves: one bad row of 250 costs some sixteen more tries and not 250.
        middle = len(rows) // 2
        return _halves(what, rows[:middle], act) + _halves(what, rows[middle:], act)
    return len(rows)


def all_of(what: str, *steps: Callable[[], object]) -> None:
    """Several things of one turn that have nothing to do with each other."""
    for step in steps:
        try:
            step()
        except Exception as error:
            _failed(what, step, error)


def _failed(what: str, row: object, error: Exception) -> None:
    log.error("%s: failed for %s %s", what, type(row).__name__, getattr(row, "pk", ""), exc_info=error)
    # Only outside a transaction can it be asked: inside, the question itself would be refused.
    if not connection.in_atomic_block and connection.connection and not connection.is_usable():
        raise error
