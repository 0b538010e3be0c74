"""`kill -9` in the middle of `migrate`, again and again: running it once more finishes what was begun."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from tests.browser.live_server import REDIS, ROOT, Sink, production_site

pytestmark = pytest.mark.services


def migrate(environment: dict[str, str], *, killed_after: float | None = None) -> bool:
    """Whether it was killed before it was done."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "migrate", "--no-input", "-v", "0"], cwd=ROOT, env=environment
    )
    try:
        assert process.wait(timeout=killed_after or 120) == 0
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def killed_and_finished(environment: dict[str, str]) -> float:
    """Kill it later and later, then let it finish; it is clean. How long the last one took, in seconds."""
    starting = time.monotonic()
    subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, check=True, capture_output=True)
    start = time.monotonic() - starting
    kills = sum(migrate(environment, killed_after=start + 0.15 * number) for number in range(1, 13))
    assert kills >= 3
    migrate(environment)
    for words in (("migrate", "--check"), ("makemigrations", "--check", "--dry-run")):
        done = subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return start


def of_sqlite(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as opened:
        return sorted(text for (text,) in opened.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))


def test_on_sqlite(tmp_path: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    folders = [tmp_path / "killed", tmp_path / "whole"]
    environments = [kept | {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"} for folder in folders]
    killed_and_finished(environments[0])
    migrate(environments[1])
    killed, whole = (of_sqlite(folder / "talking-piece.sqlite3") for folder in folders)
    assert killed == whole


def test_on_postgresql(tmp_path: Path) -> None:
    redis = REDIS.rsplit("/", 1)[0] + "/13"
    seen = []
    with production_site(tmp_path, Sink(), redis) as one, production_site(tmp_path, Sink(), redis) as other:
        killed_and_finished(one.environment)
        migrate(other.environment)
        for site in (one, other):
            with psycopg2.connect(site.environment["DATABASE_URL"]) as connection, connection.cursor() as cursor:
                cursor.execute(
                    "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
                    " WHERE table_schema = 'public' ORDER BY 1, 2"
                )
                columns = cursor.fetchall()
                cursor.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
                seen.append((columns, cursor.fetchall()))
    assert seen[0] == seen[1]
