"""Room for a backup in a database in which something is already: it lies aside until the backup is in its place."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection, transaction

from circles.alone import NotAlone, alone

ASIDE = "before_restore"
# What any version of ours has; a database without them is somebody else's.
OURS = {"accounts_user", "django_migrations"}


class CannotBackUp(Exception):
    """Says in a sentence why there is no backup, or why one was not put back; nothing was changed."""


@contextmanager
def room_made(*, replace: bool) -> Iterator[None]:
    """Nothing stands in the way of a backup meanwhile, and nobody else writes. What stood there is back after a fault.

    CannotBackUp when people have accounts there and nobody said `replace`, when it is no database of ours, and when
    another process has a connection to it.
    """
    tables = connection.introspection.table_names()
    if not tables:
        yield
        return
    _may_go(set(tables), replace=replace)
    try:
        # SQLite puts a whole database in place of another in one step; PostgreSQL's tables are moved.
        with alone(), _moved(tables) if connection.vendor == "postgresql" else nullcontext():
            yield
    except NotAlone as error:
        raise CannotBackUp("The site is running on this database. Stop it first: nothing was changed.") from error


def _may_go(tables: set[str], *, replace: bool) -> None:
    if not tables >= OURS:
        raise CannotBackUp("There is something in this database that is not ours. A backup goes into an empty one.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM accounts_user")
        people = cursor.fetchone()[0]
    if people and not replace:
        raise CannotBackUp(
            f"There is something in this database: {people} people have accounts, and nothing was changed. "
            "With --replace all of it is deleted and the backup put in its place."
        )


@contextmanager
def _moved(tables: list[str]) -> Iterator[None]:
    """PostgreSQL's tables lie in a schema of their own meanwhile: gone after a good end, back after a bad one."""
    _set_aside(tables)
    try:
        yield
    except BaseException:
        _put_back(tables)
        raise
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {ASIDE} CASCADE")


@transaction.atomic
def _set_aside(tables: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [ASIDE])
        if cursor.fetchone():
            raise CannotBackUp(
                f"A restore was cut off: what this database held lies in its schema {ASIDE}. Move or drop that first."
            )
        cursor.execute(f"CREATE SCHEMA {ASIDE}")
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" SET SCHEMA {ASIDE}')


@transaction.atomic
def _put_back(tables: list[str]) -> None:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'DROP TABLE "{table}" CASCADE')
        cursor.execute("SELECT current_schema()")
        (here,) = cursor.fetchone()
        for table in tables:
            cursor.execute(f'ALTER TABLE {ASIDE}."{table}" SET SCHEMA "{here}"')
        cursor.execute(f"DROP SCHEMA {ASIDE}")
