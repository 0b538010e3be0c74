"""Doing several things at the same moment, each on a thread and a connection of its own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections


def at_once(*acts: Callable[[], object]) -> None:
    """Begin all of them together and wait until all are done; what one raises is its own affair."""
    gate = threading.Barrier(len(acts))

    def work(act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()  # so that none is held up on its way
            gate.wait()
            act()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def other_connection() -> Iterator[Any]:
    """A cursor on a connection of its own to the database of the tests, in which `BEGIN` is for whoever asks."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()
