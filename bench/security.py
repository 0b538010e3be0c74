"""The long runs of what must hold against people with worse intentions; `make security` writes docs/security.md.

`python -m bench.security`: every form that a page shows, filled with what nobody should type, on both databases.
"""

import os
import subprocess
import sys
import time

from bench.report import SECURITY, write

POSTS = int(os.environ.get("POSTS", "20000"))
SERVER = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")


def fuzz(database: str) -> str:
    """Run the posts on one database; a fault ends everything with the test's own words."""
    env = os.environ | {"POSTS": str(POSTS)}
    env.pop("DATABASE_URL", None)
    if database:
        env["DATABASE_URL"] = database
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/pages/test_fuzz.py"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout[-6000:])
    return f"0 server errors in {POSTS:,} posts ({(time.perf_counter() - began) / 60:.0f} min)"


def main() -> None:
    rows = [
        ("every form of every page, on SQLite (goal 0)", fuzz("")),
        ("every form of every page, on PostgreSQL (goal 0)", fuzz(SERVER)),
    ]
    write("Forms filled with what nobody should type", "python -m bench.security", rows, SECURITY)


if __name__ == "__main__":
    main()
