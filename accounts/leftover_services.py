"""Deleting is deleting: what a deleted row leaves behind in the files of the database is written over.

A database marks a deleted row as free and leaves its bytes where they lay. Whoever deletes for good notes the tables
in the same transaction (`leftovers_note`); a task writes them over soon after (`leftovers_sweep`), and the note goes
once that is known to have happened. Until then it stays and is tried again: a long reader may need the old rows.

SQLite zeroes what it deletes (`secure_delete` in the settings), but its log still has the old pages: it is brought
into the file and cut to nothing. PostgreSQL leaves old bytes even after `VACUUM`, so the table is written anew
(`VACUUM FULL`), indexes too. That holds other people up, so it waits for nobody and takes a few seconds at most; a
table too large for that is left for `manage.py sweep_deleted`, which takes the time it needs.
"""

import logging
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, models

from accounts.models import Leftover, User

log = logging.getLogger("talking_piece.leftovers")

# Milliseconds: while this waits for its lock, whoever else wants the table waits behind it.
WAITS_MS = 500
TAKES_MS = 3_000
# A database from before its deleted rows were written over: everything in it once.
EVERYTHING = "*"
_FIRST_NUMBER_OF_DETAIL = re.compile(r"\n\D*(\d+)")


def leftovers_note(*about: type[models.Model]) -> None:
    """Rows of these were deleted or emptied in this transaction; once it is committed their bytes are to go.

    A row a note, so that nobody who deletes waits for somebody else who does.
    """
    Leftover.objects.bulk_create(Leftover(table=table) for table in sorted({one._meta.db_table for one in about}))


def models_of_people() -> list[type[models.Model]]:
    """Where something that names a person lies: addresses, names and what shows that they were here."""
    named = [model for model in apps.get_models() if any(isinstance(f, models.EmailField) for f in model._meta.fields)]
    of_sign_in = [model for model in apps.get_models() if model._meta.app_label in ("mfa", "socialaccount")]
    seen = [model for model in apps.get_models() if model._meta.label_lower == "usersessions.usersession"]
    return [User, Session, *named, *of_sign_in, *seen]


def leftovers_sweep(*, patiently: bool = False) -> int:
    """Write over what was noted; how many tables are left for another time. Never inside a transaction."""
    noted = list(Leftover.objects.values_list("pk", "table"))
    if not noted:
        return 0
    sweep = _sweep_sqlite if connection.vendor == "sqlite" else _sweep_postgresql
    tables = {table for _pk, table in noted}
    gone = sweep(tables, patiently)
    # These very notes: whoever deletes more meanwhile writes others.
    Leftover.objects.filter(pk__in=[pk for pk, table in noted if table in gone]).delete()
    return len(tables - gone)


def _sweep_sqlite(tables: set[str], patiently: bool) -> set[str]:
    """Bring the log into the file and cut it to nothing, unless somebody reads or writes just now."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as opened:
        opened.execute(f"PRAGMA busy_timeout={60_000 if patiently else WAITS_MS}")
        opened.execute("PRAGMA secure_delete=ON")
        try:
            if EVERYTHING in tables:
                opened.execute("VACUUM")
            busy, _pages, _moved = opened.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:  # locked
            return set()
    return set() if busy else tables


def _sweep_postgresql(tables: set[str], patiently: bool) -> set[str]:
    every = {model._meta.db_table for model in apps.get_models() if not model._meta.proxy}
    known = every if EVERYTHING in tables else tables & every
    left = {table for table in sorted(known) if not _written_anew(table, patiently)}
    return tables - left - ({EVERYTHING} if left else set())


def _written_anew(table: str, patiently: bool) -> bool:
    """Whether a table was written anew without its dead rows: none of them is needed by a transaction any more."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"SET lock_timeout = {0 if patiently else WAITS_MS}")
            cursor.execute(f"SET statement_timeout = {0 if patiently else TAKES_MS}")
            said: Any = cursor.connection.notices
            # Notices of earlier statements would be read as this one's.
            del said[:]
            cursor.execute(f'VACUUM (FULL, VERBOSE) "{table}"')
            return _none_kept(said)
        except DatabaseError as error:
            log.info("%s is written anew another time (%s)", table, type(error).__name__)
            return False
        finally:
            # The connection is used again, by what needs the usual bounds.
            cursor.execute("RESET lock_timeout")
            cursor.execute("RESET statement_timeout")


def _none_kept(said: Iterable[str]) -> bool:
    """VERBOSE says, in whatever language, how many dead rows it had to keep: the first number of the second line."""
    found = [int(number[1]) for line in said if (number := _FIRST_NUMBER_OF_DETAIL.search(line))]
    return bool(found) and not any(found)


def everything_note() -> None:
    """Write everything over once, for a database that grew before this was done, or after an accident."""
    Leftover.objects.create(table=EVERYTHING)
