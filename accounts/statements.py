"""Questions to the database that are put together once and then asked with other values.

Django makes the SQL of a question anew each time it is asked, which takes many times as long as the answer. What a
`FixedStatement` wraps is made twice with values that stand for others; where they come out in the SQL is where the real
ones go from then on. It may look at nothing but what it is handed: of a row it may ask the primary key alone.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet

Asked = ParamSpec("Asked")
Row = TypeVar("Row")

# Lists of other lengths are other statements; where there are more lengths than this, the rest is put together anew.
SHAPES_AT_MOST = 64
# Of another day, hour, second and weekday each, so that whoever rounds one or takes its day is found out.
MOMENTS: tuple[datetime, datetime] = (
    datetime(1990, 2, 3, 4, 5, 6, 700, tzinfo=UTC),
    datetime(1991, 7, 9, 13, 17, 29, 300, tzinfo=UTC),
)
DAYS: tuple[date, date] = (date(1991, 2, 3), date(1992, 8, 17))
# Two stand-ins for the n-th value, by kind: what differs between the two statements is what was handed in.
STAND_INS: dict[type, Callable[[int, int], Any]] = {
    int: lambda at, other: 20_011 + 31 * at + 7_001 * other,
    str: lambda at, other: f"stand-in {at} {other}",
    UUID: lambda at, other: UUID(int=(at + 1) * 1_000_003 + other),
    datetime: lambda at, other: MOMENTS[other] + timedelta(seconds=at * (1 + other)),
    date: lambda at, other: DAYS[other] + timedelta(days=at * (1 + other)),
}

# Which value goes somewhere, and how much later than it is.
Place = tuple[int, timedelta | None]


@dataclass(frozen=True, eq=False)
class Made:
    """A statement as it was put together: its text, and which value goes where; None stands for what is always so."""

    rows: QuerySet[Any, Any]
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    places: tuple[Place | None, ...]

    def ask(self, values: list[Any]) -> list[Any]:
        """The rows, as the queryset itself would give them."""
        given = tuple(
            fixed if place is None else _at(place, values)
            for fixed, place in zip(self.params, self.places, strict=True)
        )
        compiler = copy(self.compiler)
        compiler.connection, compiler.as_sql = connections[DEFAULT_DB_ALIAS], lambda: (self.sql, given)
        converters = self._converters(compiler)
        compiler.get_converters = lambda _columns: converters
        old: Any = self.rows
        query = object.__new__(type(old.query))
        query.__dict__ = old.query.__dict__ | {"get_compiler": lambda *_given, **_named: compiler}
        fresh: Any = type(old)(old.model, query, old._db)
        fresh._iterable_class, fresh._fields = old._iterable_class, old._fields
        fresh._prefetch_related_lookups = old._prefetch_related_lookups
        return list(fresh)

    def _converters(self, compiler: Any) -> Any:
        """What makes values of Python of what the database gives. They are of the connection, and kept as long."""
        kept = compiler.connection.__dict__.setdefault("converters_kept", {})
        if self not in kept:
            kept[self] = compiler.get_converters([one[0] for one in compiler.select[: compiler.col_count]])
        return kept[self]


class FixedStatement(Generic[Asked, Row]):
    """A function that gives a queryset, as one that gives its rows: the same rows, in a fraction of the time.

    Numbers, words, dates, moments (or a fixed time before or after them), codes and rows go in as values, lists of them
    too. Anything else (None, True, a member of an enum) is part of what is asked: each makes a statement of its own.
    """

    def __init__(self, make: Callable[Asked, QuerySet[Any, Row]]) -> None:
        self.make = make
        self.known: dict[Any, Made | None] = {}

    def __call__(self, *args: Asked.args, **named: Asked.kwargs) -> list[Row]:
        values: list[Any] = []
        shape = (connection.vendor, *(_shape(one, values) for one in args), *named)
        shape += tuple(_shape(one, values) for one in named.values())
        if shape not in self.known:
            if len(self.known) >= SHAPES_AT_MOST:
                return list(self.make(*args, **named))
            self.known[shape] = self._put_together(*args, **named)
        made = self.known[shape]
        return made.ask(values) if made else []

    def _put_together(self, *args: Any, **named: Any) -> Made | None:
        """None for what nothing can answer, as in an empty list. TypeError where values come out changed."""
        sides = []
        for other in (0, 1):
            used: list[Any] = []
            unnamed = [_stand_in(one, used, other) for one in args]
            rows = self.make(*unnamed, **{name: _stand_in(one, used, other) for name, one in named.items()})
            compiler = rows.query.get_compiler(using=rows.db)
            try:
                sql, params = compiler.as_sql()
            except EmptyResultSet:
                return None
            sides.append((rows, compiler, sql, params, used))
        (rows, compiler, sql, params, used), (_rows, _compiler, sql_2, params_2, used_2) = sides
        places = [_place(pair, used, used_2) for pair in zip(params, params_2, strict=True)]
        changed = [one for one, two, at in zip(params, params_2, places, strict=True) if at is None and one != two]
        if changed or sql != sql_2:
            raise TypeError(f"{self.make.__qualname__} asks with something that it was not handed: {changed}")
        return Made(rows, compiler, sql, tuple(params), tuple(places))


def _at(place: Place, values: list[Any]) -> Any:
    at, later = place
    return _prepared(values[at] if later is None else values[at] + later)


def _place(pair: tuple[Any, Any], used: list[Any], used_2: list[Any]) -> Place | None:
    """Which value stands there, or so much before or after it; None for none of them."""
    sides = list(zip(used, used_2, strict=True))
    for at, side in enumerate(sides):
        if pair == (_prepared(side[0]), _prepared(side[1])):
            return at, None
    for at, (value, other) in enumerate(sides):
        if isinstance(value, date):
            later, later_2 = _later(pair[0], value), _later(pair[1], other)
            if later is not None and later == later_2:
                return at, later
    return None


def _later(found: Any, value: date) -> timedelta | None:
    """How much later than a stand-in a parameter is; None where it is nothing of the kind."""
    kind = type(value)
    if isinstance(found, str):
        try:
            found = kind.fromisoformat(found)
        except ValueError:
            return None
    if type(found) is not kind:
        return None
    if isinstance(found, datetime) and found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    difference: timedelta = found - value
    return difference


def _prepared(value: Any) -> Any:
    """A value as the database takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


def _shape(one: Any, values: list[Any]) -> Any:
    """What kind of value it is; the value itself is noted."""
    if isinstance(one, list | tuple):
        return tuple(_shape(each, values) for each in one)
    if isinstance(one, Model):
        values.append(one.pk)
        return one.__class__
    if type(one) in STAND_INS:
        values.append(one)
        return type(one)
    return (one,)


def _stand_in(one: Any, used: list[Any], other: int) -> Any:
    if isinstance(one, list | tuple):
        return type(one)(_stand_in(each, used, other) for each in one)
    if isinstance(one, Model):
        pk = -STAND_INS[int](len(used), other)
        used.append(pk)
        # Nothing but its key is there: whoever looks at more of it is told that there is no such row.
        return one.__class__.from_db(None, [one._meta.pk.attname], [pk])
    if type(one) in STAND_INS:
        value = STAND_INS[type(one)](len(used), other)
        used.append(value)
        return value
    return one
