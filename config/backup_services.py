"""A backup in one file, and putting it back.

The database is copied by its own means (SQLite's `VACUUM INTO`, `pg_dump`), so that the site goes on meanwhile and the
copy is of one moment. Beside it lies what it is: when and from what it was made, which migrations it knows, how many
rows each table has, and the ids of the content keys without which nothing that was said can be read. Never a key.
"""

import json
import os
import re
import sqlite3
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from circles.keys_services import keys_wrong
from circles.rules.crypto import check_value
from circles.vault import Vault, content_keys
from config.replacing_services import CannotBackUp, room_made
from notifications.models import Heartbeat, Relay
from notifications.services import messages_after_restore

MANIFEST, DATABASE = "manifest.json", "database"
LARGEST_MANIFEST = 1_000_000
KINDS = {"made_at": str, "database": str, "migrations": list, "content_keys": list, "rows": dict, "key_checks": dict}
# What a site of ours is made of. Anything that acts by itself would go on acting in the new place.
OBJECTS_OF_POSTGRESQL = {
    "TABLE", "TABLE DATA", "SEQUENCE", "SEQUENCE SET", "SEQUENCE OWNED BY", "DEFAULT", "CONSTRAINT", "FK CONSTRAINT",
    "CHECK CONSTRAINT", "INDEX", "COMMENT", "SCHEMA", "ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE",
}  # fmt: skip
SETTINGS_OF_CLIENTS = {
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL", "channel_binding": "PGCHANNELBINDING", "gssencmode": "PGGSSENCMODE",
    "target_session_attrs": "PGTARGETSESSIONATTRS", "application_name": "PGAPPNAME",
}  # fmt: skip


def backup_make(*, path: Path, now: datetime) -> dict[str, Any]:
    """Write a backup to `path`, readable by its owner only; what it holds. The file appears whole or not at all."""
    if path.exists():
        raise CannotBackUp(f"There is a file {path} already.")
    if not path.parent.is_dir():
        raise CannotBackUp(f"There is no folder {path.parent}.")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
            return _written(Path(folder), path, now)
    except PermissionError as error:
        raise CannotBackUp(
            f"This user may not write to {path.parent.absolute()}. Name a file in a folder of theirs, such as "
            f"{settings.DATA_DIR / path.name}, or give - for standard output."
        ) from error
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
        # Whether a key is the right one, without saying anything of it.
        "key_checks": {key_id: check_value(key_id, key) for key_id, key in content_keys().items()},
        "rows": rows,
    }
    with zipfile.ZipFile(whole, "x", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        archive.write(copy, DATABASE)
    whole.chmod(0o600)
    whole.replace(path)
    return manifest


def backup_restore(*, path: Path, now: datetime, replace: bool = False) -> dict[str, Any]:
    """Put a backup into the database, bring it up to this version, and sign everybody out; what it holds.

    Nothing that was due before `now` is mailed by itself (`not_sent` is how many): it may have gone out already.
    A database in which nobody has an account, as `migrate` leaves it, counts as empty; with `replace` whatever this
    site kept in it goes.

    CannotBackUp when the database is not empty, when another process works on it, when the backup was made by a newer
    version or for another kind of database, when a content key it needs is missing, or when it is not whole.
    """
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder, room_made(replace=replace):
            manifest = _manifest_in(archive)
            _may_restore(manifest)
            copy = Path(archive.extract(DATABASE, folder))
            if connection.vendor == "sqlite":
                _put_sqlite(copy, manifest["rows"])
            else:
                _put_postgresql(copy)
            if (found := _rows_here()) != manifest["rows"]:
                raise CannotBackUp(f"Not everything came back: {_differences(manifest['rows'], found)}.")
            call_command("migrate", interactive=False, verbosity=0)
    except PermissionError as error:
        raise CannotBackUp(f"{path} may not be read by this user ({error.strerror}).") from error
    except (OSError, KeyError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise CannotBackUp(f"{path} is no whole backup ({type(error).__name__}).") from error
    cache.clear()
    for model in (Session, UserSession, Heartbeat, Relay):
        model.objects.all().delete()
    if wrong := keys_wrong():
        raise CannotBackUp(
            f"Everything is back, but CONTENT_KEYS holds another key under {', '.join(sorted(wrong))}: "
            "put the earlier one there before anybody writes."
        )
    return manifest | {"not_sent": messages_after_restore(now=now)}


def _manifest_in(archive: zipfile.ZipFile) -> dict[str, Any]:
    """What the backup says of itself. ValueError when that is not what we write, or it holds anything else."""
    if sorted(archive.namelist()) != sorted([MANIFEST, DATABASE]):
        raise ValueError("other files than ours")
    if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise ValueError("too large")
    try:
        manifest: Any = json.loads(archive.read(MANIFEST))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(manifest, dict):
        raise ValueError("not what we write")
    found: dict[str, Any] = {"key_checks": {}} | manifest
    if any(not isinstance(found.get(name), kind) for name, kind in KINDS.items()):
        raise ValueError("not what we write")
    names = [*found["migrations"], *found["content_keys"], *found["rows"], *found["key_checks"].values()]
    if not all(isinstance(one, str) for one in names) or not all(type(one) is int for one in found["rows"].values()):
        raise ValueError("not what we write")
    return found


def _may_restore(manifest: dict[str, Any]) -> None:
    if manifest["database"] != connection.vendor:
        raise CannotBackUp(f"This backup is of another database: {manifest['database']}, not {connection.vendor}.")
    known = {".".join(name) for name in MigrationLoader(None).disk_migrations}
    if set(manifest["migrations"]) - known:
        raise CannotBackUp("This backup was made by a newer version. Install that one first.")
    if missing := set(manifest["content_keys"]) - set(content_keys()):
        raise CannotBackUp(f"CONTENT_KEYS lacks {', '.join(sorted(missing))}: nothing said under them could be read.")
    ours = content_keys()
    kept = manifest["key_checks"].items()
    if other := [key_id for key_id, value in kept if key_id in ours and check_value(key_id, ours[key_id]) != value]:
        raise CannotBackUp(
            f"CONTENT_KEYS holds another key under {', '.join(sorted(other))} than the backup's site had."
        )


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
            odd = "type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'"
            acts = opened.execute(f"SELECT type FROM sqlite_master WHERE {odd}").fetchall()  # noqa: S608 (our own words)
        whole = sound and _rows_of_sqlite(copy) == rows
    except sqlite3.DatabaseError as error:
        raise ValueError from error
    if acts:
        raise CannotBackUp(f"There is a {acts[0][0]} in this backup. A site's own holds tables and indexes only.")
    if not whole:
        raise ValueError("not the rows that were counted")
    connections.close_all()
    target = Path(connection.settings_dict["NAME"])
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(target)) as opened:
        source.backup(opened)


@contextmanager
def _snapshot() -> Iterator[str]:
    """One moment of a PostgreSQL database that `pg_dump` and our own counting both look at."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # The snapshot is held, idle, for as long as the copy takes.
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
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
    listed = _client("pg_restore", "--list", str(copy))
    kinds = re.findall(r"^\d+; \d+ \d+ ([A-Z][A-Z ]*[A-Z]) ", listed, re.MULTILINE)
    if odd := sorted(set(kinds) - OBJECTS_OF_POSTGRESQL):
        raise CannotBackUp(f"There is a {odd[0].lower()} in this backup. A site's own holds tables and indexes only.")
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _client("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(copy))


def _client(program: str, *words: str) -> str:
    """What one of PostgreSQL's own programs says. It connects as we do, over TLS too.

    The password is handed over in the environment, where no list shows it.
    """
    given = connection.settings_dict
    named = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    environment = os.environ | {name: str(given[key]) for name, key in named.items() if given.get(key)}
    asked = given["OPTIONS"]
    environment |= {name: asked[word] for word, name in SETTINGS_OF_CLIENTS.items() if word in asked}
    try:
        done = subprocess.run([program, *words], env=environment, capture_output=True, check=False)  # noqa: S603 (no shell)
    except FileNotFoundError as error:
        raise CannotBackUp(f"{program} is missing. On Debian: apt-get install postgresql-client") from error
    if done.returncode:
        raise CannotBackUp(f"{program} said: {done.stderr.decode(errors='replace').strip()[:500]}")
    return done.stdout.decode(errors="replace")
