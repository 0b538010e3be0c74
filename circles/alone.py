"""Whether anybody else may be writing.

Every connection to the database holds a shared lock for as long as it lives, whichever process it belongs to: without
a connection nobody writes, and no sign has to be set by anybody. Who must be alone takes the lock for themselves. It
is given only when there is no other connection, and none comes about until it is given back. PostgreSQL keeps such
locks itself; beside SQLite's file lies an empty one for it, which a process holds from its first connection to its end.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

# A number of our own among the advisory locks of the database.
NUMBER = 7_424_173
_held: dict[str, int] = {}
_guard = threading.Lock()


class NotAlone(Exception):
    """Another process has a connection to the database."""


def connect() -> None:
    """Ask every new connection for its share; called once, when the apps are ready."""
    connection_created.connect(_share, dispatch_uid="circles.alone")


def _share(sender: Any, connection: BaseDatabaseWrapper, **more: Any) -> None:
    shared = _share_postgresql if connection.vendor == "postgresql" else _share_sqlite
    if not shared(connection):
        connection.close()
        raise OperationalError("Somebody works on this database alone just now.")


def _asked(connection: BaseDatabaseWrapper, what: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {what}({NUMBER})")
        return bool(cursor.fetchone()[0])


def _share_postgresql(connection: BaseDatabaseWrapper) -> bool:
    return _asked(connection, "pg_try_advisory_lock_shared")


def _share_sqlite(connection: BaseDatabaseWrapper) -> bool:
    """Held until the process ends: a file more than one connection has open cannot be given back for one of them."""
    if connection.is_in_memory_db():  # type: ignore[attr-defined]
        return True
    path = f"{connection.settings_dict['NAME']}.writers"
    with _guard:
        if path in _held:
            return True
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        _held[path] = handle
        return True


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else has a connection to the database, and nobody gets one meanwhile. NotAlone when somebody has."""
    connection.ensure_connection()
    take, give_back = (
        (_take_postgresql, _give_postgresql) if connection.vendor == "postgresql" else (_take_file, _share_file)
    )
    if not take():
        raise NotAlone
    try:
        yield
    finally:
        give_back()


def _take_postgresql() -> bool:
    return _asked(connection, "pg_try_advisory_lock")


def _give_postgresql() -> None:
    _asked(connection, "pg_advisory_unlock")


def _take_file() -> bool:
    try:
        fcntl.flock(_held[f"{connection.settings_dict['NAME']}.writers"], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _share_file()  # trying gave our own share away
        return False
    return True


def _share_file() -> None:
    fcntl.flock(_held[f"{connection.settings_dict['NAME']}.writers"], fcntl.LOCK_SH)
