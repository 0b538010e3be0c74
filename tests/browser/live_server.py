"""The real thing in its own processes: `manage.py run`, or web, worker and beat; and an SMTP sink beside it."""

import asyncio
import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any

import psycopg2

from tests.lines import EndsLines

ROOT = Path(__file__).resolve().parents[2]
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sql(statement: str) -> None:
    """One statement on the PostgreSQL server, outside any transaction."""
    connection = psycopg2.connect(POSTGRES)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


class Sink:
    """A real SMTP server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.came = threading.Condition()
        self.port = free_port()
        self.controller: EndsLines | None = None

    def start(self) -> None:
        """Answer on the same port as before; a stopped controller cannot be used again."""
        self.controller = EndsLines(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self) -> None:
        if self.controller:
            self.controller.stop()
            self.controller = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=default)
        with self.came:
            self.mails.append(message)  # type: ignore[arg-type]
            self.came.notify_all()
        await asyncio.sleep(0)
        return "250 kept"

    def wait_for(self, to: str, words: str, *, seconds: float = 30) -> EmailMessage:
        """The first mail to an address whose subject contains the words; fails when none comes in time."""
        with self.came:
            found = self.came.wait_for(lambda: self._find(to, words), timeout=seconds)
        assert found, f"no mail to {to} about {words!r}; got {[(m['to'], m['subject']) for m in self.mails]}"
        return found

    def _find(self, to: str, words: str) -> EmailMessage | None:
        return next((m for m in self.mails if m["to"] == to and words in m["subject"]), None)


def words_of(mail: EmailMessage) -> str:
    """What a mail says as plain text, beside its page."""
    body = mail.get_body(("plain",))
    assert body
    return str(body.get_content())


class Site:
    """A running site with a folder of its own."""

    def __init__(self, folder: Path, sink: Sink, *, production: bool = False) -> None:
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.folder = folder
        self.sink = sink
        self.processes: list[subprocess.Popen[bytes]] = []
        self.production = production
        self.environment = os.environ | {
            "DATA_DIR": str(folder),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "SITE_URL": self.address,
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(sink.port),
            "EMAIL_USE_TLS": "0",
            "TICK_SECONDS": "1",
            "PRESS_APART_MS": "0",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONWARNINGS": "default",
        }

    def manage(self, *words: str, wait: bool = False) -> "subprocess.Popen[bytes]":
        log = (self.folder / f"{words[0]}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, stdout=log, stderr=log
        )
        if not wait:
            self.processes.append(process)
            return process
        try:
            assert process.wait(timeout=600) == 0, (self.folder / f"{words[0]}.log").read_text()
        finally:
            if process.poll() is None:  # what is forgotten while it runs fails tests that have nothing to do with it
                process.kill()
                process.wait()
        return process

    def migrated(self) -> None:
        """On SQLite: begin with all tables made, which takes longer than most of what is tried then."""
        self.environment.pop("DATABASE_URL", None)
        self.environment.pop("REDIS_URL", None)
        shutil.copytree(_migrated_folder(), self.folder, dirs_exist_ok=True)

    def celery(self, *words: str) -> None:
        log = (self.folder / f"celery-{words[0]}.log").open("ab")
        command = [sys.executable, "-m", "celery", "-A", "config", *words, "--loglevel", "WARNING"]
        self.processes.append(subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log))

    def start(self) -> None:
        if self.production:
            self.manage("migrate", "--no-input", wait=True)
            self.manage("collectstatic", "--no-input", wait=True)
            self.manage("serve")
            self.celery("worker", "--concurrency", "1")
            self.celery("beat", "--scheduler", "config.beat:Scheduler", "--max-interval", "1")
        else:
            self.manage("run")
        self.wait_until_up()

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.address}/healthz", timeout=1) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                assert self.processes[-1].poll() is None or self.production, self.logs()
            threading.Event().wait(0.1)
        raise AssertionError(f"the site did not come up\n{self.logs()}")

    def kill_web(self) -> None:
        """kill -9 of the process that serves pages (in embedded mode it does everything)."""
        self.processes[0].send_signal(signal.SIGKILL)
        self.processes[0].wait()

    def restart_web(self) -> None:
        self.processes.pop(0)
        self.manage("serve" if self.production else "run")
        self.processes.insert(0, self.processes.pop())
        self.wait_until_up()

    @contextmanager
    def demonstrated(self) -> Iterator["Site"]:
        """Running with the demonstration, as `make run DEMO=1` loads it; ended also when it does not come up."""
        self.migrated()
        try:
            self.manage("run", "--demo")
            self.wait_until_up()
            yield self
        finally:
            self.stop()

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def logs(self) -> str:
        return "\n".join(f"== {f.name}\n{f.read_text()[-3000:]}" for f in self.folder.glob("*.log"))


@cache
def _migrated_folder() -> Path:
    """The folder of a site on SQLite that was migrated and never used, made once for all sites of this process."""
    folder = Path(tempfile.mkdtemp(prefix="talking-piece-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    site = Site(folder, Sink())
    site.environment.pop("DATABASE_URL", None)
    site.environment.pop("REDIS_URL", None)
    site.manage("migrate", "--no-input", "-v", "0", wait=True)
    (folder / "migrate.log").unlink()
    return folder


@cache
def _migrated_database() -> str:
    """A database of PostgreSQL that was migrated and never used, to make others from; it goes with this process."""
    name = f"piece_migrated_{uuid.uuid4().hex[:12]}"
    sql(f'CREATE DATABASE "{name}"')
    atexit.register(sql, f'DROP DATABASE "{name}" WITH (FORCE)')
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), Sink())
        site.environment |= {"DATABASE_URL": _database(name)}
        site.manage("migrate", "--no-input", "-v", "0", wait=True)
    return name


def _database(name: str) -> str:
    return POSTGRES.rsplit("/", 1)[0] + f"/{name}"


@contextmanager
def production_site(folder: Path, sink: Sink, redis_url: str, *, migrated: bool = False) -> Iterator[Site]:
    """A site in production mode on a database of its own, which goes with it; nothing of it is started yet.

    `migrated`: with all tables made, which takes longer than most of what is tried then.
    """
    name = f"piece_{uuid.uuid4().hex[:12]}"
    sql(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{_migrated_database()}"' if migrated else ""))
    site = Site(folder, sink, production=True)
    site.environment |= {
        "MODE": "production",
        "SECRET_KEY": uuid.uuid4().hex * 2,
        "CONTENT_KEYS": "t1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "DATABASE_URL": _database(name),
        "REDIS_URL": redis_url,
        "STATIC_ROOT": str(folder / "static"),
    }
    try:
        yield site
    finally:
        site.stop()
        sql(f'DROP DATABASE "{name}" WITH (FORCE)')
