"""Whether anybody could tell from the whole database who gave an answer that carries no name.

The attacker has every column of every table, also those that a database keeps by itself (where a row lies, which
transaction wrote it), and knows everything but who gave which answer. Two kinds of guess are tried, without a thought
for what a column means:

- in order: the people of a group, as they stand in any table ordered by any of its columns (the first or the last row
  of each), are laid beside the answers ordered by any of theirs, forwards and backwards;
- by what they share: an answer belongs to whoever is the only one of the group in whose rows its value stands too; and,
  for times, to whoever has the nearest one.

By chance one guess of a group's is right on average, whatever its size: in a random order one person stands in their own
place. The number of right guesses over many independent groups is therefore about Poisson with the number of groups as its
mean; where a group has one answer only, it is binomial with one over the size. All guesses of one sort are one test, and a
sort is taken for a leak when chance would bring so many right ones with a probability of less than one in a hundred thousand
divided by the number of sorts.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import comb, exp
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey

from accounts.models import User

FALSE_ALARM = 1e-5
# An address, or a code with or without hyphens.
MARK = re.compile(r"[\w.]+@[\w.]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?")
Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Secret:
    """One answer without a name, as it lies in its table, and whose it is."""

    row: Row
    truth: int


@dataclass(frozen=True)
class Group:
    """The people who may have given some answers, by id, and the answers; codes that say which rows are about them."""

    people: frozenset[int]
    answers: Sequence[Secret]
    about: frozenset[str] = frozenset()


@dataclass
class Sort:
    """All guesses of one sort: how many were right, and how many chance brings on average."""

    right: int = 0
    chance: float = 0.0
    guesses: int = 0
    alone: bool = True  # whether every group has one answer only

    def luck(self) -> float:
        """The probability that chance brings as many right guesses or more."""
        if self.alone:
            p = self.chance / self.guesses
            ways = range(self.right, self.guesses + 1)
            return sum(comb(self.guesses, n) * p**n * (1 - p) ** (self.guesses - n) for n in ways)
        term = total = exp(-self.chance)
        for number in range(1, self.right):
            term *= self.chance / number
            total += term
        return max(0.0, 1 - total) if self.right else 1.0


@dataclass
class Attack:
    """What came of all sorts of guesses."""

    sorts: dict[str, Sort] = field(default_factory=lambda: defaultdict(Sort))

    @property
    def leaks(self) -> dict[str, tuple[int, int]]:
        """The sorts of guesses that are right more often than by chance: right ones, of how many."""
        bound = FALSE_ALARM / max(1, len(self.sorts))
        return {
            name: (sort.right, sort.guesses)
            for name, sort in self.sorts.items()
            if sort.right > sort.chance and sort.luck() < bound
        }

    @property
    def best(self) -> float:
        """The share of right guesses of the best sort that guessed often."""
        often = [one for one in self.sorts.values() if one.guesses >= 20]
        return max((one.right / one.guesses for one in often), default=0.0)

    def count(self, name: str, right: int, chance: float, *, guesses: int = 1, alone: bool) -> None:
        sort = self.sorts[name]
        sort.right, sort.chance, sort.guesses = sort.right + right, sort.chance + chance, sort.guesses + guesses
        sort.alone = sort.alone and alone


def whole_database() -> dict[str, list[dict[str, Any]]]:
    """Every table with every column, in the order in which the rows lie, and what the database itself knows of a row."""
    hidden = {"sqlite": "rowid", "postgresql": "ctid::text, xmin::text::bigint, xmax::text::bigint, cmin::text::bigint"}
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            columns = hidden[connection.vendor]
            cursor.execute(f'SELECT *, {columns} FROM "{table}"')
            names = [one[0] for one in cursor.description[: -len(columns.split(","))]]
            names += [f"({one.split('::')[0].strip()})" for one in columns.split(",")]
            rows = [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]
            found[table] = [row | {"(place)": place} for place, row in enumerate(rows)]
    return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def attack(tables: Tables, groups: Sequence[Group], *, near: Sequence[str] = ("(xmin)",)) -> Attack:
    """Try every sort of guess on every group; `near` names columns of numbers that grow, beside times."""
    found = Attack()
    whose = _whose()
    rows = {
        table: [(row, someone, _codes(row)) for row in some if (someone := whose(table, row))]
        for table, some in tables.items()
    }
    for group in groups:
        whole = len(group.answers) == len(group.people)
        for name, people in _people_in_order(rows, group) if whole else ():
            for column, answers in _answers_in_order(group.answers):
                right = sum(one == answer.truth for one, answer in zip(people, answers, strict=True))
                found.count(f"{name} beside {column}", right, 1.0, guesses=len(answers), alone=False)
        _shared(found, rows, group)
        _nearest(found, rows, group, near)
    return found


def _whose() -> Callable[[str, Row], int]:
    """To whom a row belongs: through a key to a person or to a row that does, or by an address or code in it."""
    to_user: dict[str, list[str]] = {}
    to_row: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for model in apps.get_models(include_auto_created=True):
        keys = [one for one in model._meta.get_fields() if isinstance(one, ForeignKey)]
        table = model._meta.db_table
        to_user[table] = [one.column for one in keys if one.related_model is User]
        for one in keys:
            if one.related_model is not User:
                related: Any = one.related_model
                to_row[table].append((one.column, related._meta.db_table, related._meta.pk.column))
    to_user[User._meta.db_table] = ["id"]
    marks = _marks()
    through = _through(to_user)

    def whose(table: str, row: Row) -> int:
        for column in to_user.get(table, ()):
            if row.get(column):
                return int(row[column])
        for column, other, _pk in to_row.get(table, ()):
            if someone := through.get((other, row.get(column))):
                return someone
        for value in row.values():
            for mark in MARK.findall(value) if isinstance(value, str) else ():
                if mark in marks:
                    return marks[mark]
        return 0

    return whose


def _marks() -> dict[str, int]:
    """Texts that stand for one person: their address, and the codes of rows that are theirs alone."""
    found: dict[str, int] = {}
    for pk, email, code in User.objects.values_list("pk", "email", "code"):
        found |= {email: pk, str(code): pk, code.hex: pk}
    for model in apps.get_models():
        names = {one.name for one in model._meta.fields}
        if {"code", "user"} <= names and model is not User:
            for code, user in model._default_manager.filter(user__isnull=False).values_list("code", "user"):
                found |= {str(code): user, code.hex: user}
    return found


def _through(to_user: Mapping[str, Sequence[str]]) -> dict[tuple[str, Any], int]:
    """The rows that belong to one person through a key, by table and primary key."""
    found: dict[tuple[str, Any], int] = {}
    for model in apps.get_models(include_auto_created=True):
        columns = to_user.get(model._meta.db_table, ())
        for field_ in model._meta.get_fields():
            if isinstance(field_, ForeignKey) and field_.column in columns:
                rows = model._base_manager.filter(**{f"{field_.name}__isnull": False})
                for pk, user in rows.values_list("pk", field_.attname):
                    found.setdefault((model._meta.db_table, pk), user)
    return found


def _codes(row: Row) -> frozenset[str]:
    return frozenset(
        mark.replace("-", "") for value in row.values() if isinstance(value, str) for mark in MARK.findall(value)
    )


# By table: rows that belong to somebody, to whom, and the codes that stand in them.
Known = Mapping[str, Sequence[tuple[Row, int, frozenset[str]]]]


def _people_in_order(rows: Known, group: Group) -> Iterator[tuple[str, list[int]]]:
    """Every order in which all people of a group stand somewhere, also in those rows only that are about the answers."""
    for table, some in rows.items():
        ours = [(row, someone, codes) for row, someone, codes in some if someone in group.people]
        for name, part in (("", ours), (", about it", [one for one in ours if one[2] & group.about])):
            if {someone for _row, someone, _codes in part} == group.people:
                yield from _orders(f"{table}{name}", part)


def _orders(name: str, part: Sequence[tuple[Row, int, frozenset[str]]]) -> Iterator[tuple[str, list[int]]]:
    for column in part[0][0]:
        ordered = [one[1] for one in sorted(part, key=lambda one: _sortable(one[0][column]))]
        yield f"{name}.{column}, first", list(dict.fromkeys(ordered))
        yield f"{name}.{column}, last", list(dict.fromkeys(reversed(ordered)))


def _answers_in_order(answers: Sequence[Secret]) -> Iterator[tuple[str, list[Secret]]]:
    for column in answers[0].row:
        ordered = sorted(answers, key=lambda one: _sortable(one.row[column]))
        yield column, ordered
        yield f"{column}, backwards", ordered[::-1]


def _sortable(value: Any) -> tuple[str, Any]:
    if isinstance(value, bool | int | float):
        return "number", value
    return type(value).__name__, value if isinstance(value, str | bytes | date) else str(value)


def _shared(found: Attack, rows: Known, group: Group) -> None:
    """An answer belongs to whoever alone has one of its values."""
    alone = len(group.answers) == 1
    for table, some in rows.items():
        owners: dict[str, dict[Hashable, set[int]]] = defaultdict(lambda: defaultdict(set))
        for row, someone, _codes_there in some:
            if someone in group.people:
                for column, value in row.items():
                    if isinstance(value, Hashable) and value not in (None, "", b"", 0, 1, True, False):
                        owners[column][value].add(someone)
        for column, by_value in owners.items():
            for answer in group.answers:
                for mine, value in answer.row.items():
                    of = by_value.get(value, set()) if isinstance(value, Hashable) else set()
                    if len(of) == 1:
                        right = int(answer.truth in of)
                        found.count(f"{mine} in {table}.{column}", right, 1 / len(group.people), alone=alone)


def _nearest(found: Attack, rows: Known, group: Group, near: Sequence[str]) -> None:
    """An answer belongs to whoever has the nearest time before it, or after it; or the nearest of `near`."""
    alone = len(group.answers) == 1
    for table, some in rows.items():
        ours = [(row, someone) for row, someone, _codes_there in some if someone in group.people]
        for column in ours[0][0] if ours else ():
            points = [(at, someone) for row, someone in ours if (at := _point(column, row[column], near)) is not None]
            for answer in group.answers if points else ():
                for mine, value in answer.row.items():
                    point = _point(mine, value, near)
                    if point is not None and (mine in near) == (column in near):
                        _at, someone = min(points, key=lambda one: abs(one[0] - point))
                        right = int(someone == answer.truth)
                        found.count(f"{mine} near {table}.{column}", right, 1 / len(group.people), alone=alone)


def _point(column: str, value: Any, near: Sequence[str]) -> float | None:
    if column in near:
        return float(value)
    moment = _time(value)
    return moment.replace(tzinfo=UTC).timestamp() if moment else None


def _time(value: Any) -> datetime | None:
    if isinstance(value, str) and (found := MOMENT.match(value)):
        return datetime.fromisoformat(found.group())
    return value.replace(tzinfo=None) if isinstance(value, datetime) else None


def rows_of(tables: Tables, model: Any, pks: Iterable[Any]) -> list[Row]:
    """The rows of a model with these primary keys, as they lie in the database."""
    column = model._meta.pk.column
    wanted = {_key(pk) for pk in pks}
    return [row for row in tables[model._meta.db_table] if _key(row[column]) in wanted]


def _key(value: Any) -> str:
    return str(value).replace("-", "")
