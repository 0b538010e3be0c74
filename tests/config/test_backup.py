"""What cannot be put back says why, and no half backup is left. Whole ones are in tests/services/test_backups.py."""

import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from config.backup_services import DATABASE, MANIFEST, CannotBackUp, backup_make, backup_restore
from tests.factories import NOW


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
        (kept, "There is something in this database"),
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
    with pytest.raises(CannotBackUp, match=r"no whole backup|pg_restore said"):
        backup_restore(path=changed(kept, rows=rows | {"circles_circle": 7}), now=NOW)


def test_no_half_backup_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    def full(*args: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("config.backup_services._copy_sqlite", full)
    monkeypatch.setattr("config.backup_services._copy_postgresql", full)
    with pytest.raises(CannotBackUp, match="no space"):
        backup_make(path=tmp_path / "kept.zip", now=NOW)
    assert list(tmp_path.iterdir()) == []
