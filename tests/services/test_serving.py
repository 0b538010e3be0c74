"""What `manage.py serve` says: what is missing, one thing after the other; and where it listens."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.test_settings import GOOD, ROOT, start

pytestmark = pytest.mark.services


def test_serving_says_what_is_missing_and_where_it_listens(tmp_path: Path) -> None:
    """Style sheets, then migrations, then a port; with all of them the address stands in the first line."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        site = GOOD | {
            "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3",
            "STATIC_ROOT": str(tmp_path / "static"),
            "PORT": str(taken.getsockname()[1]),
        }
        assert f"no style sheets in {tmp_path}/static. Run: manage.py collectstatic" in start(site, "serve").stderr
        (tmp_path / "static").mkdir()
        (tmp_path / "static" / "staticfiles.json").write_text("{}")
        assert "of an earlier version. Make a backup, then run: manage.py migrate" in start(site, "serve").stderr
        assert start(site, "migrate", "-v", "0").returncode == 0
        assert f"Port {site['PORT']} on 127.0.0.1 is in use" in start(site, "serve").stderr
        assert "HOST is 192.0.2.1" in start(site | {"HOST": "192.0.2.1"}, "serve").stderr
    said = served(site)
    assert said == f"Talking Piece listens at http://127.0.0.1:{site['PORT']} for https://circles.example.org"


def served(environment: dict[str, str]) -> str:
    """The first line that a server says; it is ended then."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    command = [sys.executable, "manage.py", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=kept | environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            return server.stdout.readline().strip()  # type: ignore[union-attr]
        finally:
            server.kill()
