"""Signing in while others sign in, and while the database is busy: no fault of ours, and a calm page with its time."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import CacheRow
from tests.factories import PASSWORD, make_cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]
LOGIN = {"login": "bob@example.org", "password": PASSWORD}


@contextmanager
def comes_and_goes() -> Iterator[list[str]]:
    """Somebody else's lock, in the way when ours is written and given back before the next look.

    Theirs is written within our savepoint, which our own failure takes back.
    """
    met: list[str] = []

    def theirs(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT") and CacheRow._meta.db_table in sql and not met:
            met.append(sql)
            execute(sql, params, many, context)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(theirs):
        yield met


def test_a_lock_that_comes_and_goes_is_not_ours_and_no_fault() -> None:
    with comes_and_goes() as met:
        assert cache.add("a guess:lock", True, timeout=10) is False
    assert len(met) == 1
    assert cache.add("a guess:lock", True, timeout=10) is True
    assert cache.add("a guess:lock", True, timeout=10) is False


def test_what_is_kept_is_kept_in_place_of_what_stood_there() -> None:
    cache.set("guesses", [1.5], timeout=10)
    cache.set("guesses", [2.5, 1.5], timeout=10)
    assert cache.get("guesses") == [2.5, 1.5]
    assert CacheRow.objects.count() == 1


@pytest.mark.parametrize(("password", "status"), [("wrong words", 200), (PASSWORD, 302)])
def test_two_who_guess_at_one_account_in_one_moment_are_both_answered(password: str, status: int) -> None:
    make_cast()
    with comes_and_goes() as met:
        assert Client().post("/sign/login/", LOGIN | {"password": password}).status_code == status
    assert len(met) == 1


@contextmanager
def locked() -> Iterator[None]:
    """Somebody else writes for longer than anybody waits."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout = 20")
            with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
                other.execute("BEGIN IMMEDIATE")
                yield
            cursor.execute("PRAGMA busy_timeout = 20000")
            return
        cursor.execute("SET lock_timeout = 20")
        with closing(_another()) as other, other.cursor() as theirs:
            theirs.execute(f"LOCK TABLE {CacheRow._meta.db_table} IN ACCESS EXCLUSIVE MODE")
            yield
        cursor.execute("RESET lock_timeout")


def _another() -> Any:
    where = connection.get_connection_params()
    return psycopg2.connect(
        **{name: where[name] for name in ("dbname", "user", "password", "host", "port") if name in where}
    )


@contextmanager
def slow() -> Iterator[None]:
    """A statement takes longer than any may: PostgreSQL ends it."""
    with closing(_another()) as other, other.cursor() as theirs, connection.cursor() as cursor:
        theirs.execute(f"LOCK TABLE {CacheRow._meta.db_table} IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SET statement_timeout = 50")
        yield
        cursor.execute("RESET statement_timeout")


# SQLite has no time for a statement: nobody else's can be in its way but by the lock.
TROUBLES = [locked, slow] if connection.vendor == "postgresql" else [locked]


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("password", ["wrong words", PASSWORD])
def test_a_busy_database_is_a_calm_page_that_says_when(trouble: Callable[[], Any], password: str) -> None:
    make_cast()
    client = Client(raise_request_exception=False)
    with trouble():
        answer = client.post("/sign/login/", LOGIN | {"password": password})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert b"Nothing is lost and nothing was half done" in answer.content
    assert client.post("/sign/login/", LOGIN).status_code == 302
