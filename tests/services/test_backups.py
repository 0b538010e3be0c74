"""A backup is put back into an empty place, and every row is compared: on SQLite, and on PostgreSQL by its own programs."""

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from django.conf import settings

from config.backup_services import MANIFEST
from tests.browser.live_server import REDIS, ROOT, Sink, Site, production_site

pytestmark = pytest.mark.services


# Made afresh by a restored site: who is signed in, what is counted for a minute, who was seen working.
PASSING = {"django_session", "usersessions_usersession", "accounts_cacherow", "notifications_heartbeat"}


def manage(folder: Path, *words: str, fails: bool = False) -> str:
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    environment = kept | {"DATA_DIR": str(folder), "CONTENT_KEYS": ",".join(settings.CONTENT_KEYS)}
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert bool(done.returncode) is fails, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr if fails else done.stdout


def rows_of_sqlite(folder: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(folder / "talking-piece.sqlite3")) as opened:
        tables = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: sorted(opened.execute(f'SELECT * FROM "{table}"').fetchall(), key=repr)
            for table in tables
            if table not in PASSING
        }


def test_a_site_on_sqlite_comes_back_in_an_empty_place(tmp_path: Path) -> None:
    here, there, kept = tmp_path / "here", tmp_path / "there", tmp_path / "kept.zip"
    here.mkdir()
    there.mkdir()
    manage(here, "migrate", "-v", "0")
    manage(here, "demo")
    assert "To read it again, keep the content keys with these ids" in manage(here, "backup", str(kept))
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "everybody signs in afresh" in manage(there, "restore", str(kept))
    before, after = rows_of_sqlite(here), rows_of_sqlite(there)
    assert sum(len(rows) for rows in before.values()) > 1000
    assert before == after
    assert "There is something in this database" in manage(there, "restore", str(kept), fails=True)
    assert "already" in manage(here, "backup", str(kept), fails=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "kept.zip", "there"]
    said = json.dumps(json.loads(zipfile.ZipFile(kept).read(MANIFEST)))
    assert not any(key.split(":")[1] in said for key in settings.CONTENT_KEYS)


def through(folder: Path, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    environment = kept | {"DATA_DIR": str(folder), "CONTENT_KEYS": ",".join(settings.CONTENT_KEYS)}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, input=given, check=True)


def test_a_backup_goes_through_standard_output_and_input(tmp_path: Path) -> None:
    """As a user of the image who may write nowhere makes it, and into a database that compose has migrated."""
    here, there = tmp_path / "here", tmp_path / "there"
    manage(here, "migrate", "-v", "0")
    manage(here, "demo")
    manage(there, "migrate", "-v", "0")
    made = through(here, "backup", "-")
    assert b"keep the content keys with these ids" in made.stderr
    assert b"everybody signs in afresh" in through(there, "restore", "-", given=made.stdout).stdout
    assert rows_of_sqlite(here) == rows_of_sqlite(there)
    manage(here, "shell", "-v", "0", "-c", "from circles.models import Goal; Goal.objects.all().delete()")
    (tmp_path / "kept.zip").write_bytes(made.stdout)
    assert "With --replace" in manage(here, "restore", str(tmp_path / "kept.zip"), fails=True)
    through(here, "restore", "-", "--replace", given=made.stdout)
    assert rows_of_sqlite(here) == rows_of_sqlite(there)


def test_a_backup_of_an_earlier_version_is_brought_up_to_this_one(tmp_path: Path) -> None:
    """Upgrading as the README has it, as far as a test can: migrations from an earlier state, on data of that state."""
    here, there, kept = tmp_path / "here", tmp_path / "there", tmp_path / "kept.zip"
    earlier = "[('programmes', '0001_initial'), ('notifications', '0001_initial'), ('accounts', '0003_rhythm')]"
    manage(here, "shell", "-v", "0", "-c", f"from tests.steps import migrate; migrate({earlier})")
    with closing(sqlite3.connect(here / "talking-piece.sqlite3")) as opened:
        columns = [row for row in opened.execute("PRAGMA table_info(accounts_user)") if row[5] == 0]
        values = {name: default_of(kind) for _at, name, kind, required, _default, _key in columns if required}
        values |= {"email": "alice@example.org", "name": "Alice Archer", "time_zone": "Europe/London"}
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        opened.execute(f"INSERT INTO accounts_user ({names}) VALUES ({marks})", list(values.values()))
        opened.commit()
    assert "of an earlier version" in manage(here, "serve", fails=True)
    manage(here, "backup", str(kept))
    manage(there, "restore", str(kept))
    manage(here, "migrate", "-v", "0")
    for folder in (here, there):
        asked = "from accounts.models import User; print(User.objects.get().first, User.objects.get().time_zone)"
        assert manage(folder, "shell", "-v", "0", "-c", asked).strip().endswith("Alice Europe/London")
        assert "[ ]" not in manage(folder, "showmigrations")


def default_of(kind: str) -> object:
    return 0 if "int" in kind or "bool" in kind else "2027-01-11 09:00:00" if "datetime" in kind else uuid4().hex


def rows_of(site: Site) -> dict[str, list[str]]:
    with psycopg2.connect(site.environment["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = {}
        for (table,) in cursor.fetchall():
            if table not in PASSING:
                cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')
                found[table] = [row for (row,) in cursor.fetchall()]
        return found


def test_a_site_on_postgresql_comes_back_in_an_empty_place(tmp_path: Path) -> None:
    kept, folders = tmp_path / "kept.zip", [tmp_path / "here", tmp_path / "there"]
    for folder in folders:
        folder.mkdir()
    redis = REDIS.rsplit("/", 1)[0] + "/13"
    with production_site(folders[0], Sink(), redis) as here, production_site(folders[1], Sink(), redis) as there:
        here.manage("migrate", "--no-input", wait=True)
        here.manage("demo", wait=True)
        here.manage("backup", str(kept), wait=True)
        there.manage("restore", str(kept), wait=True)
        before, after = rows_of(here), rows_of(there)
        assert sum(len(rows) for rows in before.values()) > 1000
        assert before == after
