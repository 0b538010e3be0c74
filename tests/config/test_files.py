"""L12, L14: what lies in DATA_DIR is for its owner alone, also where it was left open; a mail is written whole or not."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.db import connection

from config.env import kept_secret
from config.mail import ReadableFiles

ROOT = Path(__file__).resolve().parents[2]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.django_db(transaction=True)
def test_the_files_of_sqlite_are_private_and_made_so() -> None:
    if connection.vendor != "sqlite":
        return  # its files are the server's
    name = Path(connection.settings_dict["NAME"])
    name.chmod(0o644)
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE written (a)")
        cursor.execute("DROP TABLE written")
    assert {mode(Path(f"{name}{end}")) for end in ("", "-wal", "-shm", ".writers")} == {0o600}


def test_secrets_and_mails_are_private_and_made_so(tmp_path: Path, settings: object) -> None:
    secret = tmp_path / "kept" / "secret_key"
    assert kept_secret(secret, "made") == "made"
    assert (mode(secret), mode(secret.parent)) == (0o600, 0o700)
    secret.chmod(0o644)
    assert kept_secret(secret, "another") == "made"
    assert mode(secret) == 0o600
    folder = tmp_path / "mail"
    folder.mkdir(mode=0o755)
    settings.EMAIL_FILE_PATH = folder  # type: ignore[attr-defined]
    ReadableFiles().send_messages([EmailMessage("Hello", "Words", "a@example.org", ["b@example.org"])])
    (file,) = folder.iterdir()
    assert (file.suffix, mode(file), mode(folder)) == (".eml", 0o600, 0o700)


def test_a_mail_that_cannot_be_written_leaves_no_half_file(tmp_path: Path) -> None:
    """A limit on the size of files is met as a full disk is: in the middle of writing."""
    write = "import resource,signal,sys; from pathlib import Path; from config.mail import private_file; "
    limit = "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); "
    act = f"private_file(Path({str(tmp_path / 'a.eml')!r}), b'x' * 100_000)"
    done = subprocess.run([sys.executable, "-c", write + limit + act], cwd=ROOT, capture_output=True, text=True)
    assert "OSError" in done.stderr
    assert list(tmp_path.iterdir()) == []
