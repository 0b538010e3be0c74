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
