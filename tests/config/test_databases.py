"""`DATABASE_URL`: what is not heard is refused in a sentence, and no password is printed."""

import pytest
from django.db import connection
from django.test import Client

from circles.models import Circle
from config.databases import FILES, HEARD, database
from config.env import BadSetting
from config.views import newest_migrations
from tests.factories import make_cast, signed_in
from tests.together import other_connection

LIMITS = {"statement_timeout": 20000, "lock_timeout": 5000}
HOST = "postgres://piece:{}@db:5432/piece"


@pytest.mark.parametrize("password", ["a/b", "a#b", "a?b", "12/34", "12#4", "12?sslmode=require", "a[b", "/", "#", "?"])
def test_an_odd_password_is_explained_and_never_printed(password: str) -> None:
    with pytest.raises(BadSetting) as refused:
        database(HOST.format(password), LIMITS)
    assert "DATABASE_URL" in str(refused.value)
    assert HOST.format(password) not in str(refused.value)


@pytest.mark.parametrize("password", ["a%2Fb", "a%23b", "a%3Fb", "a%40b", "a@b", "a:b", "a%25b", "a%20b"])
def test_a_password_written_with_percent_signs_is_taken(password: str) -> None:
    found = database(HOST.format(password), LIMITS)
    wanted = password.replace("%2F", "/").replace("%23", "#").replace("%3F", "?").replace("%40", "@")
    wanted = wanted.replace("%20", " ").replace("%25", "%")
    assert (found["PASSWORD"], found["HOST"], found["NAME"]) == (wanted, "db", "piece")


def test_what_is_asked_of_postgresql_reaches_it() -> None:
    for name in sorted(HEARD - {"options"}):
        value = {"sslmode": "require"}.get(name, __file__ if name in FILES else "7")
        assert database(f"{HOST.format('x')}?{name}={value}", LIMITS)["OPTIONS"][name] == value
    found = database(f"{HOST.format('x')}?options=-c%20statement_timeout%3D1", LIMITS)["OPTIONS"]
    assert found["options"] == "-c statement_timeout=20000 -c lock_timeout=5000 -c statement_timeout=1"
    assert found["connect_timeout"] == 3


@pytest.mark.parametrize(
    "asked",
    ["ssl=true", "sslmode=", "sslmode=sure", "sslmode=require&sslmode=disable", "conn_max_age=0", "schema=x", "x"],
)
def test_what_is_not_heard_is_refused(asked: str) -> None:
    with pytest.raises(BadSetting, match="DATABASE_URL"):
        database(f"{HOST.format('x')}?{asked}", LIMITS)


@pytest.mark.parametrize(
    "url", ["mysql://a@b/c", "sqlite:///x?timeout=5", "sqlite:///x#y", "sqlite://", "nonsense", "postgres://db"]
)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(BadSetting, match="DATABASE_URL"):
        database(url, LIMITS)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(BadSetting, match=f"DATABASE_URL: {name} is a file that cannot be read"):
        database(f"{HOST.format('x')}?sslmode=verify-full&{name}=/no/such/file.pem", LIMITS)
    assert database(f"{HOST.format('x')}?sslrootcert=system", LIMITS)["OPTIONS"]["sslrootcert"] == "system"


def test_a_file_of_sqlite_in_a_folder_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadSetting, match="no folder for this file of SQLite"):
        database("sqlite:////no/such/folder/site.sqlite3", LIMITS)


def test_migrations_are_read_from_their_files_once() -> None:
    assert newest_migrations() is newest_migrations()
    assert any(app == "circles" for app, _name in newest_migrations())


@pytest.mark.django_db(transaction=True)
def test_a_locked_table_is_a_calm_page_within_the_limit_and_not_ready() -> None:
    if connection.vendor != "postgresql":
        return  # SQLite's readers wait for nobody
    people = make_cast()
    client = signed_in(people.alice)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("5s",)
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("20s",)
        cursor.execute("SET lock_timeout = 200")
    with other_connection() as other:
        other.execute("BEGIN")
        other.execute(f'LOCK TABLE "{Circle._meta.db_table}" IN ACCESS EXCLUSIVE MODE')
        client.raise_request_exception = False
        answer = client.get("/circles/")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert b"One moment" in answer.content
        assert Client().get("/readyz").json()["database"] is False
        other.execute("ROLLBACK")
    assert client.get("/circles/").status_code == 200
    assert Client().get("/readyz").json()["database"] is True
