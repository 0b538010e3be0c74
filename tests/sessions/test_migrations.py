"""What landed before the formats engine is carried over: a definition in seconds without a frame becomes one with."""

import re
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from sessions.models import Format, FormatVersion
from sessions.rules.reading import read_format

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


def written() -> dict[str, list[str]]:
    """The words of every table and index on SQLite; columns come in the order in which they were thought of."""
    if connection.vendor != "sqlite":
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: sorted(re.findall(r"[\w%']+|[<>=!]+", sql)) for name, sql in cursor.fetchall()}


@pytest.mark.long
def test_migrations_give_every_format_its_own_code_and_make_the_same_tables(
    at_once: dict[str, list[str]], migrated: None
) -> None:
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate([("circle_sessions", "0001_initial")])
    try:
        old = executor.loader.project_state([("circle_sessions", "0001_initial")]).apps
        for key in ("council", "forum"):
            made = old.get_model("circle_sessions", "Format").objects.create(library_key=key)
            old.get_model("circle_sessions", "FormatVersion").objects.create(
                format=made, number=1, digest=key, definition=OLD
            )
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(latest)
    assert len(set(Format.objects.values_list("code", flat=True))) == 2
    assert all(version.rule.opening.seconds == 240 for version in FormatVersion.objects.all())
    assert written() == at_once
