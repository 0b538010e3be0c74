"""The steps that `0001_tables` of each room replaces: how 0.1 came to the tables of today, one after the other.

Django takes them for a database that has only some of them, and forgets them for any other; tests go back and forth.
"""

from django.apps import apps
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

# What was shipped first, 0.1. A database can be taken back to here; further back it would be an empty one.
FIRST = {
    "accounts": "0004_has_left",
    "agreements": "0003_alive_fill",
    "circle_sessions": "0008_practice",
    "circles": "0004_arc_and_removal",
    "notifications": "0003_keys_by_person",
    "programmes": "0001_initial",
}


class StepByStep(MigrationLoader):
    def load_disk(self) -> None:
        """Each that replaces steps of ours does nothing by itself here, and comes after them."""
        super().load_disk()
        for (label, name), one in self.disk_migrations.items():
            if label in FIRST and one.replaces:
                above = Migration(name, label)
                above.dependencies = list(one.replaces)
                self.disk_migrations[label, name] = above


def step_by_step() -> MigrationExecutor:
    executor = MigrationExecutor(connection)
    executor.loader = StepByStep(connection)
    return executor


def migrate(targets: list[tuple[str, str]]) -> None:
    """To these steps, forth or back."""
    step_by_step().migrate(targets)


def newest() -> list[tuple[str, str]]:
    """The last migration of each room."""
    ours = {one.label for one in apps.get_app_configs()} & set(FIRST)
    return [node for node in MigrationLoader(None).graph.leaf_nodes() if node[0] in ours]
