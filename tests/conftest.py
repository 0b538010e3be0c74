"""Fixtures every test may use. No test sleeps and none looks at the wall clock: `now` is handed in."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import time_machine
from _pytest.runner import pytest_runtest_protocol as run_one
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.db.models.expressions import OrderBy
from django.db.models.sql.compiler import SQLCompiler
from django.template import RequestContext
from django.test import TransactionTestCase, override_settings
from hypothesis import settings

from tests.factories import NOW, Cast
from tests.kept import kept_cast
from tests.together import empty_tables

# How long one example takes says nothing on a busy machine; speed is measured in bench/. What is found wrong is found
# again by the next run and by the next person; the long runs (make security) look elsewhere every time.
settings.register_profile("house", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

# Playwright is installed for the browser tests only (make browser, .ci/run). Asking for them without it runs no
# test, which pytest reports as a failure.
collect_ignore = [] if find_spec("playwright") else ["browser"]
# What happens in one moment is tried where two can write in one: SQLite has no such moments.
# The way back through all migrations takes as long there as fifty tests, and is the same on both.
ONLY_POSTGRESQL = ["races", "config/test_migrations.py"]
collect_ignore += [] if connection.vendor == "postgresql" else ONLY_POSTGRESQL
# Rows that were deleted stay in the files while any transaction of the server is open, also one of another worker's
# database: there it has a run of its own (.ci/run).
BY_ITSELF = ["pages/test_leftovers.py"]
collect_ignore += BY_ITSELF if connection.vendor == "postgresql" and "PYTEST_XDIST_WORKER" in os.environ else []


ASK_FOR_ONE = {
    "db",
    "transactional_db",
    "django_db_reset_sequences",
    "django_db_serialized_rollback",
    "django_db_setup",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `database` every test that has one, by its mark or through a fixture, and as `long` those measured so."""
    long = set((Path(__file__).parent / "long.txt").read_text().split())
    for item in items:
        if item.nodeid.partition("[")[0] in long:
            item.add_marker("long")
        if item.get_closest_marker("django_db") or ASK_FOR_ONE & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")


# What is imported and collected stays to the end: looking through it for rubbish again and again is a seventh of the time.
gc.set_threshold(50_000, 20, 100)


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.collect()
    gc.freeze()


def with_room(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    return run_one(item, nextitem)


# Python keeps the frames of functions in pieces of 16 KiB, and asks the system for one, and gives it back, whenever a
# call crosses the edge of a piece: a page, with its templates in templates, does so hundreds of times. A function that
# says it needs more than half a megabyte gets a piece of one, and all that it calls stands in what is left of it.
with_room.__code__ = with_room.__code__.replace(co_stacksize=70_000)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    return with_room(item, nextitem)


@pytest.fixture
def people(db: None) -> Cast:
    return kept_cast()


@pytest.fixture
def clock() -> Iterator[Any]:
    """It is `NOW` and stays so, until a test moves it: `clock.move_to(…)`."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tables that were made at once (tests/settings.py) are those of the migrations, and say so."""
    if connection.settings_dict["TEST"]["MIGRATE"]:
        return
    with django_db_blocker.unblock():
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        for app, name in MigrationLoader(None).disk_migrations:
            recorder.record_applied(app, name)


@pytest.fixture(autouse=True, scope="session")
def tables_emptied_quickly() -> Iterator[None]:
    """After a test with real transactions Django truncates every table and makes all permissions anew: seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty_tables())
        yield


@pytest.fixture(autouse=True, scope="session")
def no_page_hides_what_every_page_knows() -> Iterator[None]:
    """What a view hands to its page goes before what every page is given (config/context.py): no name may be both."""
    bound = RequestContext.bind_template

    @contextmanager
    def watched(self: RequestContext, template: Any) -> Iterator[None]:
        with bound(self, template):
            # Mails of the library are handed whom they are for, who need not be who asks.
            given = self.dicts[self._processors_index].keys() - {"request", "user"}
            above = {name for one in self.dicts[self._processors_index + 1 :] for name in one}
            assert not above & given, f"{template.name} is handed {sorted(above & given)}"
            yield

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequestContext, "bind_template", watched)
        yield


def _pairs_or_newest_first(pairs: Any) -> Any:
    def asked(self: SQLCompiler) -> Iterator[tuple[OrderBy, bool]]:
        found = list(pairs(self))
        yield from found
        query = self.query
        plain = type(self) is SQLCompiler and not (query.subquery or query.distinct or query.combinator)
        if plain and not found and query.group_by is None and query.model:
            yield OrderBy(F("pk"), descending=True), False

    return asked


@pytest.fixture(autouse=True, scope="session")
def what_nobody_ordered_comes_newest_first() -> Iterator[None]:
    """A database may give rows that nobody ordered in any order, and mostly gives them as they were written.

    Where everybody is asked everything they come the other way round, so that what leans on their order falls over.
    """
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("THOROUGH"):
            patch.setattr(SQLCompiler, "_order_by_pairs", _pairs_or_newest_first(SQLCompiler._order_by_pairs))
        yield


@pytest.fixture(autouse=True, scope="session")
def static_files_on_demand() -> Iterator[None]:
    """Every new test client would otherwise list all static files first: half the time of the suite."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield
