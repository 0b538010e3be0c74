"""Doing several things at the same moment, each on a thread and a connection of its own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections, transaction

from accounts.refusals import Refused

PATIENCE = 20.0  # seconds until a test gives up on a thread


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


class _Overlap:
    """Two acts of which the second begins when the first has written and not committed yet."""

    def __init__(self, first: Callable[[], object], second: Callable[[], object]) -> None:
        self.acts = (first, second)
        self.said = ["", ""]
        self.wrong: list[Exception] = []
        self.written, self.may_commit = threading.Event(), threading.Event()
        self.begun, self.done = threading.Event(), threading.Event()
        self.second_pid = 0

    def tried(self, at: int) -> None:
        try:
            self.acts[at]()
        except Refused as refusal:
            self.said[at] = str(refusal) or "refused"

    def guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:
            self.wrong.append(error)
        finally:
            for event in (self.written, self.begun, self.done):
                event.set()
            connections.close_all()

    def hold(self) -> None:
        with transaction.atomic():
            self.tried(0)
            self.written.set()
            self.may_commit.wait(PATIENCE)

    def follow(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.second_pid = cursor.fetchone()[0]
        self.begun.set()
        self.tried(1)

    def waits(self) -> bool:
        """Whether the second waits for the first by now."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [self.second_pid])
            return bool(cursor.fetchone()[0])

    def run(self) -> list[str]:
        first = threading.Thread(target=self.guarded, args=(self.hold,))
        second = threading.Thread(target=self.guarded, args=(self.follow,))
        first.start()
        self.written.wait(PATIENCE)
        self.done.clear()
        second.start()
        self.begun.wait(PATIENCE)
        while not self.done.wait(0.005) and not self.waits():
            pass
        self.may_commit.set()
        for thread in (first, second):
            thread.join(PATIENCE)
            assert not thread.is_alive()
        for error in self.wrong:
            raise error
        return self.said


def overlapping(first: Callable[[], object], second: Callable[[], object]) -> list[str]:
    """Two things done in one moment: neither sees what the other writes, unless something makes it wait.

    The second begins once the first has written everything and not committed; the first commits when the second is
    done, or waits for it. What refused each of them, "" where nothing did; anything else that they raise is raised.
    On SQLite, where whoever writes is alone, they come one after the other.
    """
    race = _Overlap(first, second)
    if connection.vendor == "postgresql":
        return race.run()
    for at in (0, 1):
        race.tried(at)
    return race.said


# What is there without anybody having done anything.
ALWAYS_THERE = {"django_migrations", "django_content_type", "auth_permission", "django_site"}


def empty_tables() -> None:
    """Take every row out, as `flush` does in a hundredth of its time: constraints are looked at once all are gone."""
    names = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    with transaction.atomic(), connection.cursor() as cursor:
        for name in sorted(names - ALWAYS_THERE):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")


@contextmanager
def other_connection() -> Iterator[Any]:
    """A cursor on a connection of its own to the database of the tests, in which `BEGIN` is for whoever asks."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()
