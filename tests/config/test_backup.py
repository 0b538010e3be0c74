"""What cannot be put back says why, and no half backup is left. Whole ones are in tests/services/test_backups.py."""

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import User
from config.backup_services import (
    DATABASE,
    MANIFEST,
    _client,
    _put_postgresql,
    _put_sqlite,
    backup_make,
    backup_restore,
)
from config.replacing_services import CannotBackUp
from config.views import newest_migrations
from tests.factories import NOW, make_user, signed_in


@pytest.fixture
def kept(tmp_path: Path, transactional_db: None) -> Path:
    path = tmp_path / "kept.zip"
    backup_make(path=path, now=NOW)
    return path


def changed(path: Path, **changes: Any) -> Path:
    """The same backup with another manifest."""
    other = path.with_name(f"{uuid4()}.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        new.writestr(MANIFEST, json.dumps(json.loads(old.read(MANIFEST)) | changes))
        new.writestr(DATABASE, old.read(DATABASE))
    return other


def test_what_cannot_be_put_back_says_why(kept: Path) -> None:
    newer = json.loads(zipfile.ZipFile(kept).read(MANIFEST))["migrations"] + ["circles.9999_later"]
    for path, said in (
        (changed(kept, migrations=newer), "made by a newer version"),
        (changed(kept, database="another"), "another database"),
        (changed(kept, content_keys=["lost"]), "CONTENT_KEYS lacks lost"),
        (kept.with_name("missing.zip"), "is no whole backup"),
    ):
        with pytest.raises(CannotBackUp, match=said):
            backup_restore(path=path, now=NOW)
    half = kept.with_name("half.zip")
    half.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    with pytest.raises(CannotBackUp, match="no whole backup"):
        backup_restore(path=half, now=NOW)


def test_a_backup_that_lost_rows_is_not_put_back(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = json.loads(zipfile.ZipFile(kept).read(MANIFEST))["rows"]
    monkeypatch.setattr("config.backup_services._may_restore", lambda manifest: None)
    with pytest.raises(CannotBackUp, match=r"no whole backup|Not everything came back"):
        backup_restore(path=changed(kept, rows=rows | {"circles_circle": 7}), now=NOW)


def test_no_half_backup_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    def full(*args: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("config.backup_services._copy_sqlite", full)
    monkeypatch.setattr("config.backup_services._copy_postgresql", full)
    with pytest.raises(CannotBackUp, match="no space"):
        backup_make(path=tmp_path / "kept.zip", now=NOW)
    assert list(tmp_path.iterdir()) == []


def restored(path: Path) -> None:
    backup_restore(path=path, now=NOW)


def with_manifest(path: Path, manifest: bytes) -> Path:
    """The same backup with another manifest, byte by byte."""
    other = path.with_name(f"{uuid4()}.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        new.writestr(MANIFEST, manifest)
        new.writestr(DATABASE, old.read(DATABASE))
    return other


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": []}, {"rows": {"circles_circle": "7"}}, {"rows": None}, {"migrations": {"a": 1}}, {"migrations": [1]},
        {"content_keys": [["k"]]}, {"database": None}, {"made_at": 1}, {"key_checks": []}, {"key_checks": {"k": 1}},
    ],
)  # fmt: skip
def test_odd_manifests_are_refused_in_a_sentence(kept: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(CannotBackUp, match="no whole backup"):
        restored(changed(kept, **changes))


def test_what_is_no_manifest_is_refused_in_a_sentence(kept: Path) -> None:
    for manifest in (b"", b"[]", b"7", b"null", b"\xff\xfe", b"[" * 100_000, b'"' + b"x" * 1_000_001 + b'"'):
        with pytest.raises(CannotBackUp, match="no whole backup"):
            restored(with_manifest(kept, manifest))
    with zipfile.ZipFile(kept, "a") as archive:
        archive.writestr("more", "x")
    with pytest.raises(CannotBackUp, match="no whole backup"):
        restored(kept)


def test_a_database_with_people_is_replaced_only_where_that_is_said(kept: Path) -> None:
    before = make_user("Alice Archer")
    with pytest.raises(CannotBackUp, match="1 people have accounts, and nothing was changed"):
        restored(kept)
    with pytest.raises(CannotBackUp, match="no whole backup"):
        backup_restore(path=with_manifest(kept, b"[]"), now=NOW, replace=True)
    assert User.objects.get() == before
    backup_restore(path=kept, now=NOW, replace=True)
    assert not User.objects.exists()
    make_user("Bob Baker")


def test_whoever_was_signed_in_signs_in_afresh_once_a_backup_is_put_back(
    tmp_path: Path, transactional_db: None
) -> None:
    path, browser = tmp_path / "kept.zip", signed_in(make_user("Alice Archer"))
    assert browser.get("/account/").status_code == 200
    backup_make(path=path, now=NOW)
    backup_restore(path=path, now=NOW, replace=True)
    assert User.objects.get().name == "Alice Archer"
    assert browser.get("/account/").status_code == 302


def test_what_was_there_is_back_when_a_backup_does_not_fit(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = make_user("Alice Archer")
    monkeypatch.setattr("config.backup_services._put_postgresql", lambda copy: None)
    monkeypatch.setattr("config.backup_services._put_sqlite", lambda copy, rows: None)
    with pytest.raises(CannotBackUp, match="Not everything came back"):
        backup_restore(path=changed(kept, rows={"accounts_user": 7}), now=NOW, replace=True)
    assert User.objects.get() == before
    make_user("Bob Baker")


def test_a_database_that_was_only_migrated_takes_a_backup_as_it_is(kept: Path) -> None:
    """As `docker compose up` leaves it: tables and nobody in them."""
    restored(kept)
    assert MigrationRecorder(connection).applied_migrations().keys() >= newest_migrations()


def test_somebody_elses_database_is_never_replaced(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as theirs:
        theirs.setattr(type(connection.introspection), "table_names", lambda *args: ["wp_posts"])
        with pytest.raises(CannotBackUp, match="in this database that is not ours"):
            backup_restore(path=kept, now=NOW, replace=True)


def test_nothing_is_put_back_under_a_running_site(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy() -> bool:
        return False

    monkeypatch.setattr("circles.alone._take_file", busy)
    monkeypatch.setattr("circles.alone._take_postgresql", busy)
    with pytest.raises(CannotBackUp, match="The site is running on this database"):
        restored(kept)


def test_a_folder_that_this_user_may_not_write_to_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the image's user finds its own folder; whoever runs tests may be root, whom no folder stops."""

    def refused(**options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("config.backup_services.tempfile.TemporaryDirectory", refused)
    with pytest.raises(CannotBackUp, match=r"may not write to .*or give - for standard output"):
        backup_make(path=tmp_path / "kept.zip", now=NOW)


def test_another_key_than_the_backups_site_had_is_refused(kept: Path) -> None:
    (key_id,) = json.loads(zipfile.ZipFile(kept).read(MANIFEST))["key_checks"]
    with pytest.raises(CannotBackUp, match=f"another key under {key_id}"):
        restored(changed(kept, key_checks={key_id: "0" * 16}))


@pytest.mark.parametrize(
    "acts",
    [
        "CREATE TRIGGER acts AFTER INSERT ON accounts_user BEGIN DELETE FROM accounts_user; END",
        "CREATE VIEW acts AS SELECT * FROM accounts_user",
        "CREATE VIRTUAL TABLE acts USING fts5(a)",
    ],
)
def test_what_acts_by_itself_is_refused_on_sqlite(tmp_path: Path, acts: str) -> None:
    copy = tmp_path / "copy"
    with closing(sqlite3.connect(copy)) as opened:
        opened.execute("CREATE TABLE accounts_user (a)")
        opened.execute(acts)
        opened.commit()
    with pytest.raises(CannotBackUp, match="in this backup"):
        _put_sqlite(copy, {})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("acts", "kind"),
    [
        ("VIEW acts AS SELECT 1", "view"),
        ("FUNCTION acts() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function"),
        ("RULE acts AS ON INSERT TO accounts_user DO ALSO SELECT 1", "rule"),
    ],
)
def test_what_acts_by_itself_is_refused_on_postgresql(tmp_path: Path, acts: str, kind: str) -> None:
    if connection.vendor != "postgresql":
        return  # asked of its own programs, which list what a dump holds
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE {acts}")
        try:
            _client("pg_dump", "--format=custom", f"--file={tmp_path / 'copy'}")
        finally:
            cursor.execute(f"DROP {kind} acts" + (" ON accounts_user" if kind == "rule" else ""))
    with pytest.raises(CannotBackUp, match=f"There is a {kind} in this backup"):
        _put_postgresql(tmp_path / "copy")
