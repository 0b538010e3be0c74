"""What landed before the formats engine is carried over: a definition in seconds without a frame becomes one with."""

from copy import deepcopy
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

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


@pytest.mark.django_db(transaction=True)
def test_the_migration_gives_every_format_its_own_code() -> None:
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes("circle_sessions")
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
    from sessions.models import Format, FormatVersion

    assert len(set(Format.objects.values_list("code", flat=True))) == 2
    assert all(version.rule.opening.seconds == 240 for version in FormatVersion.objects.all())
