"""What landed before the formats engine is carried over: a definition in seconds without a frame becomes one with."""

import re
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from programmes.models import Programme
from sessions.models import Format, FormatVersion
from sessions.rules.reading import read_format
from tests.factories import NOW
from tests.steps import FIRST, migrate, step_by_step

fill = import_module("sessions.migrations.0003_formats_fill")

OLD: dict[str, Any] = {
    "schema": 1,
    "key": "council",
    "people": {"least": 3, "most": 6},
    "roles": ["host", "timekeeper", "scribe"],
    "source": {"from": "seed 001"},
    "texts": {"name": {"en": "Council"}},
    "blocks": [
        {
            "key": "start",
            "repeat": "once",
            "stages": [
                {"key": "opening", "kind": "fixed", "seconds": 240, "floor": "host", "texts": {"name": {"en": "O"}}},
                {"key": "check_in", "kind": "each", "seconds": 90, "floor": "each", "texts": {"name": {"en": "C"}}},
            ],
        },
        {
            "key": "finish",
            "repeat": "once",
            "stages": [
                {"key": "check_out", "kind": "each", "seconds": 60, "floor": "each", "texts": {"name": {"en": "C"}}},
                {"key": "closing", "kind": "fixed", "seconds": 240, "floor": "all", "texts": {"name": {"en": "E"}}},
            ],
        },
    ],
}


def test_an_old_definition_becomes_one_that_can_be_read() -> None:
    new = fill.with_frame(OLD)
    rule = read_format(new)
    assert [(key, stage.seconds) for key, stage in rule.stages.items()] == [
        ("opening", 240), ("check_in", 90), ("check_out", 60), ("closing", 240),
    ]  # fmt: skip
    assert rule.stage("check_out").part == "check_out"
    assert fill.with_frame(new) == new
    back = fill.without_frame(deepcopy(new))
    assert [stage["seconds"] for block in back["blocks"] for stage in block["stages"]] == [240, 90, 60, 240]


@pytest.fixture
def at_once(transactional_db: None) -> dict[str, list[str]]:
    """The tables that all other tests have."""
    return written()


@pytest.fixture
def migrated(at_once: object, tmp_path: Path) -> Iterator[None]:
    """A database that migrations make. On SQLite that of the tests was made without them: it is another file there."""
    usual = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        connection.close()
        connection.settings_dict["NAME"] = str(tmp_path / "migrated.sqlite3")
    yield
    connection.close()
    connection.settings_dict["NAME"] = usual


SHAPE = (
    "SELECT table_name || '.' || column_name, data_type, is_nullable, character_maximum_length::text"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT tablename, regexp_replace(indexdef, 'INDEX \\w+ ', 'INDEX ') FROM pg_indexes WHERE schemaname = 'public'",
    # The name that Django gives to a column's own uniqueness says whether it came with the column.
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
)


# A condition that was restored from a dump, as tests of backups do, is the same with its casts in other places.
CASTS = re.compile(r"::(character varying|text)(\[\])?|[()]")


def written() -> dict[str, list[str]]:
    """Every table, index and constraint, in words; columns come in the order in which they were thought of."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
            return {name: sorted(re.findall(r"[\w%']+|[<>=!]+", sql)) for name, sql in cursor.fetchall()}
        found = defaultdict[str, list[str]](list)
        for question in SHAPE:
            cursor.execute(question)
            for name, *rest in cursor.fetchall():
                found[name].append(CASTS.sub("", repr(rest)))
        return {name: sorted(rows) for name, rows in found.items()}


@pytest.mark.long
def test_a_database_of_the_first_formats_goes_on_step_by_step_to_the_same_tables(
    at_once: dict[str, list[str]], migrated: None
) -> None:
    """What has only some of the steps takes the others, one after the other, and then counts as if it had been made at once."""
    migrate([("circle_sessions", "0001_initial")])
    try:
        old = step_by_step().loader.project_state([("circle_sessions", "0001_initial")]).apps
        for key in ("council", "forum"):
            made = old.get_model("circle_sessions", "Format").objects.create(library_key=key)
            old.get_model("circle_sessions", "FormatVersion").objects.create(
                format=made, number=1, digest=key, definition=OLD
            )
    finally:
        call_command("migrate", verbosity=0)
    assert len(set(Format.objects.values_list("code", flat=True))) == 2
    assert all(version.rule.opening.seconds == 240 for version in FormatVersion.objects.all())
    assert written() == at_once
    assert {(label, "0001_tables") for label in FIRST} <= set(MigrationRecorder(connection).applied_migrations())


# Where the rooms stood when their steps were joined for the first time: a database that was made then says that it has
# the whole of `0001_tables`, which has more in it by now.
JOINED_FIRST = {
    "accounts": "0010_calendar_by",
    "agreements": "0003_alive_fill",
    "circle_sessions": "0012_calendar_answers",
    "circles": "0013_closing_early",
    "notifications": "0005_relay",
    "programmes": "0005_asked",
}


@pytest.mark.long
def test_a_database_from_between_goes_on_with_the_steps_that_came_since(
    at_once: dict[str, list[str]], migrated: None
) -> None:
    steps = list(JOINED_FIRST.items())
    migrate(steps)
    try:
        for label in JOINED_FIRST:
            MigrationRecorder(connection).record_applied(label, "0001_tables")
        old = step_by_step().loader.project_state(steps).apps
        vault = old.get_model("circles", "Vault").objects.create(wrapped_key=b"")
        old.get_model("programmes", "Programme").objects.create(
            name="Autumn", time_zone="UTC", starts_on=NOW, ends_on=NOW, vault=vault, created_at=NOW
        )
    finally:
        call_command("migrate", verbosity=0)
    assert Programme.objects.get().in_confidence  # filled by one of the steps, which nothing made at once has run
    assert written() == at_once
    call_command("migrate", check_unapplied=True, verbosity=0)


@pytest.mark.long
def test_what_is_made_at_once_is_taken_back_and_made_again(at_once: dict[str, list[str]], migrated: None) -> None:
    """The one migration a room that a new database takes."""
    try:
        call_command("migrate", verbosity=0)
        assert written() == at_once
        executor = MigrationExecutor(connection)
        executor.migrate([(label, None) for label in FIRST])
        assert [name for name in written() if name.startswith(tuple(f"{label}_" for label in FIRST))] == []
    finally:
        call_command("migrate", verbosity=0)
    assert written() == at_once
