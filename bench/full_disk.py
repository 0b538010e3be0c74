"""A disk that is really full, under a running site on SQLite: `python -m bench.full_disk` (as root: it mounts one).

A file system of eight megabytes in memory is filled to the last byte while somebody keeps pressing.
"""

import http.client
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.report import SECURITY, write
from bench.streams import running_site, sessions_of
from tests.browser.live_server import Site

TITLE, COMMAND = "A disk that is full", "python -m bench.full_disk"
REFUSED, PRESSES_AT_MOST = 30, 5000
DONE = (204, 302)


def press(line: dict[str, str], seq: int) -> int:
    parts = urlsplit(line["pause" if seq % 2 else "resume"])
    connection = http.client.HTTPConnection("localhost", parts.port)
    form = urlencode({"expected_seq": seq, "csrfmiddlewaretoken": line["csrf"]})
    headers = {"Cookie": line["cookie"], "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", parts.path, form, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def get(site: Site, line: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("localhost", site.port)
    connection.request("GET", "/", headers={"Cookie": line["cookie"]})
    status = connection.getresponse().status
    connection.close()
    return status


def events(folder: Path) -> tuple[int, str]:
    """How many presses are on disk, and whether the database is sound."""
    with closing(sqlite3.connect(folder / "talking-piece.sqlite3")) as opened:
        number = opened.execute("SELECT COUNT(*) FROM circle_sessions_sessionevent").fetchone()[0]
        return number, opened.execute("PRAGMA integrity_check").fetchone()[0]


def fill(folder: Path) -> Path:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return ballast


def measure(site: Site, folder: Path) -> list[tuple[str, str]]:
    line = sessions_of(site, 1, 2)[0][0]
    before, seq = events(folder)[0], 1
    ballast = fill(folder)
    statuses: list[int] = []
    while statuses.count(503) < REFUSED and len(statuses) < PRESSES_AT_MOST:  # what was set aside is used up first
        statuses.append(press(line, seq))
        seq += statuses[-1] in DONE
    reading = get(site, line)
    ballast.unlink()
    after = press(line, seq)
    seq += after in DONE
    number, sound = events(folder)
    refused = statuses.count(503)
    return [
        ("presses while the disk is full: refused with “try again” (503)", f"{refused} of {len(statuses)}"),
        ("the same: anything but done or refused (goal 0)", str(sum(s not in (*DONE, 503) for s in statuses))),
        ("a page to read meanwhile", str(reading)),
        ("the first press with space again", str(after)),
        (
            "presses answered as done and not on disk, or on disk and not answered so (goal 0)",
            str(seq - 1 - number + before),
        ),
        ("integrity of the database afterwards", sound),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", name], capture_output=True, check=False
        )
        if mounted.returncode:
            write(TITLE, COMMAND, [("a full disk", "not measured: no file system may be mounted here")], SECURITY)
            return
        try:
            with running_site(DATA_DIR=name) as site:
                rows = measure(site, folder)
        finally:
            subprocess.run(["umount", name], check=False)
    write(TITLE, COMMAND, rows, SECURITY)


if __name__ == "__main__":
    main()
