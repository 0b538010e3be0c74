"""The pages of participation at 10, 100 and 1,000 circles of 8 people with 26 sessions, on PostgreSQL.

`python -m bench.participation`. Each size has a database of its own, made by `manage.py bench_programme` and dropped
afterwards. Pages are asked for in turns with the floor: the list of programmes, which counts nothing.
"""

import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from typing import Any
from urllib.parse import quote

from bench.report import write

SIZES, ROUNDS = (10, 100, 1000), 25
SERVER = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
NAME = "talking_piece_bench"
PAGES = (
    "overview",
    "overview filtered",
    "report",
    "export",
    "circle",
    "facilitators",
    "pulses",
    "circles of a pulse",
    "evaluation",
    "people",
)


def database(statement: str) -> None:
    import psycopg2

    connection = psycopg2.connect(SERVER)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def paths(programme: Any) -> dict[str, str]:
    from django.urls import reverse

    from circles.models import Membership
    from programmes.models import Pulse, RoundCircle

    row = RoundCircle.objects.filter(round__programme=programme).select_related("circle").first()
    if row is None:
        raise RuntimeError("the programme has no circle")
    facilitator = Membership.objects.get(circle=row.circle, facilitates=True).user
    found = {
        name: reverse(f"programmes:{name}", args=[programme.code])
        for name in ("overview", "report", "export", "facilitators", "pulses", "pulse_circles", "evaluation", "people")
    }
    found["overview filtered"] = f"{found['overview']}?facilitator={quote(facilitator.name)}&first=2020-01-01"
    found["circles of a pulse"] = reverse("programmes:pulse_circles", args=[Pulse.objects.latest("pk").code])
    found["circle"] = reverse("programmes:circle", args=[programme.code, row.circle.code])
    return found


def counting(queries: list[str]) -> Callable[..., Any]:
    """A wrapper of the database's cursor that notes each statement."""

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        queries.append(sql)
        return execute(sql, params, many, context)

    return note


def measure(circles: int) -> dict[str, Any]:
    """One size, in this process, whose DATABASE_URL is the database to fill."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from accounts.models import User
    from config.starting import files_collect
    from programmes.figures_services import figures_count
    from programmes.models import Programme

    call_command("migrate", verbosity=0)
    files_collect()
    call_command("bench_programme", circles=circles, verbosity=0, stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    programme = Programme.objects.get()
    client = Client()
    client.force_login(User.objects.get(name="Admin"), backend="allauth.account.auth_backends.AuthenticationBackend")
    found: dict[str, Any] = {"pages": {}}
    asked = paths(programme)
    for name in PAGES:
        times: dict[str, list[float]] = {asked[name]: [], "/programmes/": []}
        client.get(asked[name], SERVER_NAME="localhost")
        queries: list[str] = []
        with connection.execute_wrapper(counting(queries)):
            answer = client.get(asked[name], SERVER_NAME="localhost")
        if answer.status_code != 200:
            raise RuntimeError(f"{name}: {answer.status_code}")
        for _round in range(ROUNDS):
            for path, spans in times.items():
                began = time.perf_counter()
                client.get(path, SERVER_NAME="localhost")
                spans.append(time.perf_counter() - began)
        page, floor = (statistics.median(spans) * 1000 for spans in times.values())
        found["pages"][name] = [page, floor, len(queries), len(gzip.compress(answer.content)) / 1000]
    began = time.perf_counter()
    figures_count(programme=programme, now=timezone.now())
    found["counting"] = time.perf_counter() - began
    return found


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
        return
    rows = []
    for size in SIZES:
        database(f"DROP DATABASE IF EXISTS {NAME}")
        database(f"CREATE DATABASE {NAME}")
        env = os.environ | {
            "DATABASE_URL": SERVER.rsplit("/", 1)[0] + f"/{NAME}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SITE_URL": "http://localhost:8000",
        }
        done = subprocess.run(
            [sys.executable, "-m", "bench.participation", str(size)],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        found = json.loads(done.stdout.splitlines()[-1])
        for name, (page, floor, queries, size_kb) in found["pages"].items():
            told = (
                f"{page:.0f} ms, {page / floor:.1f} × the floor ({floor:.0f} ms), {queries} queries, {size_kb:.1f} kB"
            )
            rows.append((f"{size} circles: {name}", told))
        rows.append((f"{size} circles: counting all of them afresh, in the background", f"{found['counting']:.1f} s"))
        database(f"DROP DATABASE {NAME}")
    title = "Participation: circles of 8 people with 26 sessions, 300 promises and 24 pulse answers each"
    write(title, "python -m bench.participation", rows)


if __name__ == "__main__":
    main()
