"""The people that most tests begin with, made once: their rows are laid down again, and they are as they were."""

import pickle
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from tests.factories import Cast, make_cast


@dataclass(frozen=True)
class Kept:
    rows: tuple[str, ...]  # statements of SQL
    people: bytes


# By the day on which it is: in most tests the clock stands still, in others it does not.
KEPT: dict[date, Kept] = {}


def kept_cast() -> Cast:
    """As `make_cast`, in a tenth of the time. Where numbers of rows go on after a rollback, or somebody is there: made."""
    day = timezone.now().date()
    if connection.vendor != "sqlite" or User.objects.exists():
        return make_cast()
    if day not in KEPT:
        before = _counts()
        made = make_cast()
        KEPT[day] = Kept(_rows(before), pickle.dumps(made))
        return made
    with transaction.atomic(), connection.cursor() as cursor:  # within one, a row may name another that is yet to come
        for statement in KEPT[day].rows:
            cursor.execute(statement)
    people: Cast = pickle.loads(KEPT[day].people)
    return people


def _counts() -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            counts[table] = cursor.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
    return counts


def _rows(before: dict[str, int]) -> tuple[str, ...]:
    """A statement for each table that was empty before and is not now; in one that was not, nothing has come."""
    made = []
    with connection.cursor() as cursor:
        for table, count in _counts().items():
            assert before[table] in (0, count), table
            if before[table] or not count:
                continue
            columns = [one.name for one in connection.introspection.get_table_description(cursor, table)]
            quoted = " || ',' || ".join(f'quote("{name}")' for name in columns)
            cursor.execute(f'SELECT {quoted} FROM "{table}" ORDER BY rowid')
            values = ",".join(f"({row[0]})" for row in cursor.fetchall())
            names = ",".join(f'"{name}"' for name in columns)
            made.append(f'INSERT INTO "{table}" ({names}) VALUES {values}')
    return tuple(made)
