"""Real processes around a real SMTP sink, whose workers can be killed: what the benches of the outbox stand on."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from tests.browser.live_server import ROOT, Sink, Site, production_site

Rows = list[tuple[str, str]]


class SlowSink(Sink):
    """A sink that takes its time, and misbehaves towards some addresses.

    `manners` maps an address to `4xx`, `5xx`, `hang` or `drop` (accept the mail and cut the line).
    """

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__()
        self.delay, self.manners = delay, dict[str, str]()
        self.at: dict[str, float] = {}
        self.raw = b""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        manner = self.manners.get(address, "")
        if manner == "4xx":
            return "451 later"
        if manner == "5xx":
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        manner = self.manners.get(envelope.rcpt_tos[0], "")
        if manner == "hang":
            await asyncio.sleep(60)
        await asyncio.sleep(self.delay)
        self.raw = envelope.content
        answer = await super().handle_DATA(server, session, envelope)
        self.at[str(self.mails[-1]["Message-ID"])] = time.monotonic()
        if manner == "drop":
            server.transport.abort()
        return answer

    def ids(self) -> Counter[str]:
        """How many copies of each message came."""
        return Counter(str(mail["Message-ID"]) for mail in self.mails)


class Rig:
    """A production site without a web process, whose workers can be killed with all their children."""

    def __init__(self, site: Site) -> None:
        self.site, self.groups = site, list[subprocess.Popen[bytes]]()

    def celery(self, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        log = (self.site.folder / f"celery-{words[0]}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config", *words, "--loglevel", "WARNING"],
            cwd=ROOT, env=self.site.environment | environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        self.groups.append(process)
        return process

    def worker(self, processes: int = 1, **environment: str) -> subprocess.Popen[bytes]:
        name = f"w{len(self.groups)}@bench"
        return self.celery("worker", "--concurrency", str(processes), "-n", name, **environment)

    def beat(self, **environment: str) -> subprocess.Popen[bytes]:
        return self.celery("beat", "--scheduler", "config.beat:Scheduler", "--max-interval", "1", **environment)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """`kill -9` of a worker and everything it started."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.groups.remove(process)

    def stop(self) -> None:
        for process in list(self.groups):
            self.kill(process)

    def fill(self, mails: int, circles: int = 50) -> None:
        self.site.manage("bench_mail", "--mails", str(mails), "--circles", str(circles), wait=True)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg2.connect(self.site.environment["DATABASE_URL"]) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def waiting(self) -> int:
        return int(self.query("SELECT count(*) FROM notifications_message WHERE state = 'waiting'")[0][0])

    def wait_until_sent(self, seconds: float) -> float:
        """How long it took until nothing waited any more; RuntimeError when it did not end."""
        began = time.monotonic()
        while self.waiting():
            if time.monotonic() - began > seconds:
                raise RuntimeError(f"{self.waiting()} still wait after {seconds:.0f} s\n{self.site.logs()}")
            time.sleep(0.2)
        return time.monotonic() - began


@contextmanager
def rig(sink: Sink, redis_url: str = "redis://127.0.0.1:6379/14", database: str = "") -> Iterator[Rig]:
    sink.start()
    with (
        tempfile.TemporaryDirectory() as name,
        production_site(Path(name), sink, redis_url, migrated=not database) as site,
    ):
        if database:
            site.environment["DATABASE_URL"] = database
            site.manage("migrate", "--no-input", wait=True)
        made = Rig(site)
        try:
            yield made
        finally:
            made.stop()
            sink.stop()


def tally(sink: SlowSink, number: int) -> tuple[int, int]:
    """How many mails were lost, and how many came more than once."""
    ids = sink.ids()
    return number - len(ids), sum(ids.values()) - len(ids)


def until(sink: Sink, number: int, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while len(sink.mails) < number and time.monotonic() < deadline:
        time.sleep(0.05)
