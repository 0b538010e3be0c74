"""Each room has one migration that makes its tables, in place of the steps that 0.1 takes to them; all can be taken back."""

from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

from tests.steps import FIRST


def test_each_migration_can_be_taken_back() -> None:
    """One that could not would have to say why here."""
    ours = {at: one for at, one in MigrationLoader(None).disk_migrations.items() if at[0] in FIRST}
    assert len(ours) > 50
    assert [at for at, one in ours.items() if not all(step.reversible for step in one.operations)] == []


def test_one_migration_a_room_makes_its_tables_and_replaces_every_step_to_them() -> None:
    """What a new database takes; whatever is filled or tightened on the way is for rows that it does not have."""
    ours = {at: one for at, one in MigrationLoader(None).disk_migrations.items() if at[0] in FIRST}
    replacing = {at[0]: set(one.replaces) for at, one in ours.items() if at[1] == "0001_tables"}
    assert set(replacing) == set(FIRST)
    assert all((label, name) in replacing[label] for label, name in FIRST.items())
    for (label, name), one in ours.items():
        assert (label, name) not in replacing[label] or within(one, label, replacing[label]), f"{label}.{name}"


def within(one: Migration, label: str, steps: set[tuple[str, str]]) -> bool:
    """Whether what it stands on in its own room is replaced with it."""
    return {tuple(at) for at in one.dependencies if at[0] == label} <= steps
