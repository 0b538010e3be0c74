"""A backup in one file, and putting it back into an empty place.

The database is copied by its own means (SQLite's `VACUUM INTO`, `pg_dump`), so that the site goes on meanwhile and the
copy is of one moment. Beside it lies what it is: when and from what it was made, which migrations it knows, how many
rows each table has, and the ids of the content keys without which nothing that was said can be read. Never a key.
"""

import json
import os
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from circles.vault import Vault, content_keys
from notifications.models import Heartbeat, Relay
from notifications.services import messages_after_restore

MANIFEST, DATABASE = "manifest.json", "database"


class CannotBackUp(Exception):
    """Says in a sentence why there is no backup, or why one was not put back; nothing was changed."""


def backup_make(*, path: Path, now: datetime) -> dict[str, Any]:
    """Write a backup to `path`, readable by its owner only; what it holds. The file appears whole or not at all."""
    if path.exists():
        raise CannotBackUp(f"There is a file {path} already.")
    if not path.parent.is_dir():
        raise CannotBackUp(f"There is no folder {path.parent}.")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
            return _written(Path(folder), path, now)
    except (OSError, sqlite3.Error) as error:
        raise CannotBackUp(f"{path} could not be written: {error}.") from error


def _written(folder: Path, path: Path, now: datetime) -> dict[str, Any]:
    copy, whole = folder / DATABASE, folder / "whole"
    rows = _copy_sqlite(copy) if connection.vendor == "sqlite" else _copy_postgresql(copy)
    keys = Vault.objects.filter(destroyed_at=None).values_list("key_id", flat=True)
    manifest = {
        "made_at": now.isoformat(timespec="seconds"),
        "database": connection.vendor,
        "migrations": sorted(".".join(name) for name in MigrationRecorder(connection).applied_migrations()),
        "content_keys": sorted(set(keys)),
        "rows": rows,
    }
    with zipfile.ZipFile(whole, "x", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        archive.write(copy, DATABASE)
    whole.chmod(0o600)
    whole.replace(path)
    return manifest


def backup_restore(*, path: Path, now: datetime) -> dict[str, Any]:
    """Put a backup into an empty database, bring it up to this version, and sign everybody out; what it holds.

    Nothing that was due before `now` is mailed by itself (`not_sent` is how many): it may have gone out already.

    CannotBackUp when the database is not empty, when the backup was made by a newer version or for another kind of
    database, when a content key it needs is missing, or when it is not whole.
    """
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
            _may_restore(manifest)
            copy = Path(archive.extract(DATABASE, folder))
            if connection.vendor == "sqlite":
                _put_sqlite(copy, manifest["rows"])
            else:
                _put_postgresql(copy)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise CannotBackUp(f"{path} is no whole backup ({type(error).__name__}).") from error
    if (found := _rows_here()) != manifest["rows"]:
        raise CannotBackUp(f"Not everything came back: {_differences(manifest['rows'], found)}.")
    call_command("migrate", interactive=False, verbosity=0)
    cache.clear()
    for model in (Session, UserSession, Heartbeat, Relay):
        model.objects.all().delete()
    return manifest | {"not_sent": messages_after_restore(now=now)}


def _may_restore(manifest: dict[str, Any]) -> None:
    if manifest["database"] != connection.vendor:
        raise CannotBackUp(f"This backup is of another database: {manifest['database']}, not {connection.vendor}.")
    known = {".".join(name) for name in MigrationLoader(None).disk_migrations}
    if set(manifest["migrations"]) - known:
        raise CannotBackUp("This backup was made by a newer version. Install that one first.")
    if missing := set(manifest["content_keys"]) - set(content_keys()):
        raise CannotBackUp(f"CONTENT_KEYS lacks {', '.join(sorted(missing))}: nothing said under them could be read.")
    if connection.introspection.table_names():
        raise CannotBackUp("There is something in this database. A backup goes into an empty one.")


def _rows(cursor: Any, tables: Iterable[str]) -> dict[str, int]:
    """How many rows each table has."""
    rows = {}
    for table in sorted(tables):
        cursor.execute(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608 (a name that the database gave)
        rows[table] = cursor.fetchone()[0]
    return rows


def _rows_here() -> dict[str, int]:
    with connection.cursor() as cursor:
        return _rows(cursor, connection.introspection.table_names(cursor))


def _differences(wanted: dict[str, int], found: dict[str, int]) -> str:
    return ", ".join(
        f"{table} {found.get(table, 0)} of {number}" for table, number in wanted.items() if found.get(table) != number
    )


def _copy_sqlite(copy: Path) -> dict[str, int]:
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as source:
        source.execute("VACUUM INTO ?", [str(copy)])
    return _rows_of_sqlite(copy)


def _rows_of_sqlite(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as opened:
        tables = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return _rows(opened.cursor(), [name for (name,) in tables.fetchall()])


def _put_sqlite(copy: Path, rows: dict[str, int]) -> None:
    try:
        with closing(sqlite3.connect(copy)) as opened:
            sound = opened.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        whole = sound and _rows_of_sqlite(copy) == rows
    except sqlite3.DatabaseError as error:
        raise ValueError from error
    if not whole:
        raise ValueError("not the rows that were counted")
    connections.close_all()
    target = Path(connection.settings_dict["NAME"])
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in ("-wal", "-shm"):
        Path(f"{target}{left}").unlink(missing_ok=True)
    with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(target)) as opened:
        source.backup(opened)


@contextmanager
def _snapshot() -> Iterator[str]:
    """One moment of a PostgreSQL database that `pg_dump` and our own counting both look at."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor.fetchone()[0]
        finally:
            cursor.execute("COMMIT")


def _copy_postgresql(copy: Path) -> dict[str, int]:
    with _snapshot() as moment:
        _client("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}", f"--file={copy}")
        return _rows_here()


def _put_postgresql(copy: Path) -> None:
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _client("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(copy))


def _client(program: str, *words: str) -> None:
    """One of PostgreSQL's own programs. The password is handed over in the environment, where no list shows it."""
    given = connection.settings_dict
    named = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    environment = os.environ | {name: str(given[key]) for name, key in named.items() if given.get(key)}
    try:
        done = subprocess.run([program, *words], env=environment, capture_output=True, check=False)  # noqa: S603 (no shell)
    except FileNotFoundError as error:
        raise CannotBackUp(f"{program} is missing. On Debian: apt-get install postgresql-client") from error
    if done.returncode:
        raise CannotBackUp(f"{program} said: {done.stderr.decode(errors='replace').strip()[:500]}")
