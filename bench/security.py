"""The long runs of what must hold against people with worse intentions; `make security` writes docs/security.md.

`python -m bench.security`: a thousand circles' lives against their promises; every form that a page shows, filled with
what nobody should type, on both databases, also while what it is about is closed, held, cancelled or ended, a key is
missing or destroyed, and Redis or the mail server is away.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from urllib.parse import urlsplit

from bench.report import SECURITY, write

POSTS = int(os.environ.get("POSTS", "20000"))
LIVES, STEPS = int(os.environ.get("LIVES", "1000")), int(os.environ.get("STEPS", "30"))
RUNNING: list[subprocess.Popen[str]] = []
SERVER = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")


def of_its_own(name: str) -> str:
    """A database of the server for one run alone: what runs beside it would empty its tables."""
    return urlsplit(SERVER)._replace(path=f"/security_{name}").geturl()


def fuzz(database: str) -> str:
    """Run the posts on one database."""
    env = os.environ | {"POSTS": str(POSTS)}
    env.pop("DATABASE_URL", None)
    if database:
        env["DATABASE_URL"] = database
    return f"0 server errors in {POSTS:,} posts ({passed('tests/pages/test_fuzz.py', env)} min)"


def greatest(database: str) -> str:
    """The greatest and nastiest texts in every field of every form, on one database."""
    env = os.environ | {"GREATEST": "all"}
    env.pop("DATABASE_URL", None)
    if database:
        env["DATABASE_URL"] = database
    return f"0 over the bound, 0 server errors ({passed('tests/pages/test_greatest_inputs.py', env)} min)"


def lives() -> str:
    """Circles that live through whatever hypothesis thinks of, on SQLite."""
    env = os.environ | {"LIVES": str(LIVES), "STEPS": str(STEPS)}
    env.pop("DATABASE_URL", None)
    minutes = passed("tests/pages/test_stateful.py", env)
    return f"0 broken promises in {LIVES:,} lives of up to {STEPS} steps ({minutes} min)"


def passed(test: str, env: dict[str, str]) -> str:
    """Run one test; how many minutes it took. A fault ends everything at once, with the test's own words."""
    began = time.perf_counter()
    words = [sys.executable, "-m", "pytest", "-q", test]
    with subprocess.Popen(words, env=env | {"HYPOTHESIS_PROFILE": "search"}, stdout=subprocess.PIPE, text=True) as run:
        RUNNING.append(run)
        said, _none = run.communicate()
    if run.returncode:
        for other in RUNNING:
            other.terminate()
        raise SystemExit(said[-6000:])
    return f"{(time.perf_counter() - began) / 60:.0f}"


def main() -> None:
    with ThreadPoolExecutor() as side_by_side:
        on_sqlite, on_postgresql = side_by_side.submit(fuzz, ""), side_by_side.submit(fuzz, of_its_own("fuzz"))
        lived = side_by_side.submit(lives)
        great = side_by_side.submit(greatest, ""), side_by_side.submit(greatest, of_its_own("greatest"))
        for ended in as_completed((on_sqlite, on_postgresql, lived, *great)):
            ended.result()  # the first that failed, not those that were stopped because of it
    rows = [("P3 to P9 over circles' lives (goal 0)", lived.result())]
    write("Circles' lives", "python -m bench.security", rows, SECURITY)
    rows = [
        ("every form of every page, on SQLite (goal 0)", on_sqlite.result()),
        ("every form of every page, on PostgreSQL (goal 0)", on_postgresql.result()),
        ("the greatest texts in every field, on SQLite (goal 0)", great[0].result()),
        ("the greatest texts in every field, on PostgreSQL (goal 0)", great[1].result()),
    ]
    write("Forms filled with what nobody should type", "python -m bench.security", rows, SECURITY)


if __name__ == "__main__":
    main()
