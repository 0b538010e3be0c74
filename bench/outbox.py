"""The outbox while things die: workers killed, Redis emptied, PostgreSQL stopped, bad relays, clocks that jump.

`python -m bench.outbox`, or `make faults`: real processes, a real SMTP sink, a PostgreSQL and a Redis of its own where
they are stopped. One part alone: `python -m bench.outbox kills`. The figures go to docs/reliability.md.
"""

import asyncio
import os
import shutil
import signal
import smtplib
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from bench.faults import OwnRedis
from bench.report import RELIABILITY, write
from tests.browser.live_server import ROOT, Sink, Site, free_port, production_site

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
    with tempfile.TemporaryDirectory() as name, production_site(Path(name), sink, redis_url) as site:
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


def kills(number: int = 3000, times: int = 5) -> Rows:
    """Five `kill -9` of a two-process worker during 3,000 sends, each a fifth further on."""
    sink = SlowSink(delay=0.02)
    left = []
    with rig(sink) as site:
        site.fill(number)
        site.beat()
        worker = site.worker(processes=2)
        for at in range(1, times + 1):
            until(sink, number * at // (times + 1))
            site.kill(worker)
            left.append(site.waiting())
            worker = site.worker(processes=2)
        site.wait_until_sent(400)
        lost, extra = tally(sink, number)
    pending = ", ".join(map(str, left))
    return [
        (f"{times} × `kill -9` of a worker with two processes during {number} sends: lost (must be 0)", str(lost)),
        (f"the same: extra copies, all with the same Message-ID (at most {times * 2})", str(extra)),
        ("the same: still waiting at each kill", pending),
    ]


def redis_away(number: int = 3000) -> Rows:
    """Redis emptied three times, then stopped for ten seconds, while mails go out."""
    sink = SlowSink(delay=0.005)
    with tempfile.TemporaryDirectory() as name:
        redis = OwnRedis(Path(name))
        try:
            with rig(sink, f"redis://127.0.0.1:{redis.port}/0") as site:
                site.fill(number)
                site.beat()
                site.worker(processes=2)
                for at in (1, 2, 3):
                    until(sink, number * at // 5)
                    subprocess.run(["redis-cli", "-p", str(redis.port), "FLUSHALL"], check=True, capture_output=True)
                redis.stop()
                time.sleep(10)
                redis.start()
                site.wait_until_sent(300)
                lost, extra = tally(sink, number)
        finally:
            redis.stop()
    return [
        (f"Redis emptied three times and stopped for 10 s during {number} sends: lost (must be 0)", str(lost)),
        ("the same: extra copies (must be 0)", str(extra)),
    ]


class OwnPostgres:
    """A PostgreSQL cluster of this measurement, which can be stopped hard."""

    def __init__(self, folder: Path) -> None:
        self.bin = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
        self.folder, self.port = folder / "cluster", free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def _run(self, *words: str) -> None:
        command = ["su", "postgres", "-c", " ".join(words)] if os.geteuid() == 0 else list(words)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def make(self) -> None:
        self.folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
            self.folder.parent.chmod(0o755)
        self._run(f"{self.bin}/initdb", "-D", str(self.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8")
        self.start()

    def start(self) -> None:
        options = f"'-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1'"
        self._run(
            f"{self.bin}/pg_ctl", "-D", str(self.folder), "-w", "-l", f"{self.folder}/log", "-o", options, "start"
        )

    def stop(self) -> None:
        self._run(f"{self.bin}/pg_ctl", "-D", str(self.folder), "-m", "immediate", "stop")


def page(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{address}/sign/login/", timeout=10) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def postgres_away(number: int = 2000) -> Rows:
    """PostgreSQL stopped hard for twenty seconds while mails go out and pages are asked for."""
    sink = SlowSink(delay=0.01)
    with tempfile.TemporaryDirectory() as name:
        postgres = OwnPostgres(Path(name))
        if postgres.bin is None:
            return [("PostgreSQL stopped hard for 20 s", "not measured: there is no PostgreSQL program here")]
        postgres.make()
        try:
            with rig(sink, database=postgres.url) as site:
                site.fill(number)
                site.site.manage("collectstatic", "--no-input", wait=True)
                site.site.manage("serve")
                site.site.wait_until_up()
                site.beat()
                site.worker(processes=2)
                until(sink, number // 3)
                postgres.stop()
                said = Counter[str]()
                end = time.monotonic() + 20
                while time.monotonic() < end:
                    status, text = page(site.site.address)
                    said[f"{status} {'try again' if 'again' in text else 'something else'}"] += 1
                    time.sleep(0.5)
                postgres.start()
                began = time.monotonic()
                while page(site.site.address)[0] != 200:
                    time.sleep(0.05)
                back = time.monotonic() - began
                site.wait_until_sent(300)
                lost, extra = tally(sink, number)
                site.site.stop()
                site.stop()
        finally:
            postgres.stop()
    pages = ", ".join(f"{many} × {what}" for what, many in said.most_common())
    return [
        (f"PostgreSQL stopped hard for 20 s during {number} sends: lost (must be 0)", str(lost)),
        ("the same: extra copies", str(extra)),
        ("the same: what pages said meanwhile", pages),
        ("the same: first good page after it was back (at most 5 s)", f"{back:.2f} s"),
    ]


def many_engines(number: int = 400) -> Rows:
    """Two beats, two workers and the embedded loop on one database."""
    sink = SlowSink(delay=0.005)
    with rig(sink) as site:
        site.fill(number)
        embedded = site.site.environment | {
            "MODE": "embedded", "PORT": str(free_port()), "REDIS_URL": "", "TICK_SECONDS": "1",
        }  # fmt: skip
        log = (site.site.folder / "embedded.log").open("ab")
        loop = subprocess.Popen(
            [sys.executable, "manage.py", "run"], cwd=ROOT, env=embedded, stdout=log, stderr=log, start_new_session=True
        )
        site.groups.append(loop)
        for _pair in range(2):
            site.worker(processes=2)
            site.beat()
        site.wait_until_sent(120)
        time.sleep(3)
        alive = sum(process.poll() is None for process in site.groups)
        lost, extra = tally(sink, number)
    return [
        (
            f"two beats, two workers and the embedded loop ({alive} of 5 alive at the end) on one database:"
            f" of {number} came (must be all)",
            str(number - lost),
        ),
        ("the same: extra copies (must be 0)", str(extra)),
    ]


def relays() -> Rows:
    """A relay that refuses, hangs, or takes a mail and cuts the line; how late are the mails of others?"""
    found: Rows = []
    for manner in ("4xx", "5xx", "hang", "drop"):
        sink = SlowSink()
        with rig(sink) as site:
            site.fill(60, circles=12)
            people = site.query("SELECT DISTINCT user_id FROM notifications_message WHERE state = 'waiting'")
            bad = [row[0] for row in people[:3]]
            named = site.query(f"SELECT email FROM accounts_user WHERE id IN ({','.join(map(str, bad))})")
            sink.manners = {row[0]: manner for row in named}
            others = int(
                site.query(
                    "SELECT count(*) FROM notifications_message WHERE state = 'waiting'"
                    f" AND user_id NOT IN ({','.join(map(str, bad))})"
                )[0][0]
            )
            began = time.monotonic()
            site.beat()
            site.worker(processes=1)
            deadline = began + 180
            good: list[float] = []
            while time.monotonic() < deadline:
                came = {str(mail["Message-ID"]) for mail in list(sink.mails) if mail["to"] not in sink.manners}
                good = [at - began for key, at in list(sink.at.items()) if key in came]
                if len(good) >= others:
                    break
                time.sleep(0.2)
            time.sleep(2)
            states = dict(
                site.query(
                    f"SELECT state, count(*) FROM notifications_message WHERE user_id IN ({','.join(map(str, bad))})"
                    " AND key LIKE 'bench:%' GROUP BY state"
                )
            )
        latest = f"{max(good):.1f} s" if len(good) == others else f"only {len(good)} of {others} came"
        what = ", ".join(f"{many} {state}" for state, many in sorted(states.items()))
        found.append((f"relay answers {manner} to three people: last mail of the others (at most 60 s late)", latest))
        found.append((f"the same ({manner}): what became of the three people's mails by then", what))
    return found


def clocks(number: int = 600) -> Rows:
    """The clock of a process that sends set three hours back, two hours forward, and right again."""
    sink = SlowSink(delay=0.02)
    with rig(sink) as site:
        file = site.site.folder / "hours"
        file.write_text("0")
        site.fill(number)
        embedded = site.site.environment | {"MODE": "embedded", "REDIS_URL": "", "TICK_SECONDS": "1"}
        log = (site.site.folder / "clock.log").open("ab")
        words = [sys.executable, "-m", "bench.clock", str(file)]
        site.groups.append(
            subprocess.Popen(words, cwd=ROOT, env=embedded, stdout=log, stderr=log, start_new_session=True)
        )
        until(sink, number // 4)
        file.write_text("-3")
        time.sleep(5)
        meanwhile = len(sink.mails)
        file.write_text("2")
        until(sink, number * 3 // 4)
        file.write_text("0")
        site.wait_until_sent(300)
        lost, extra = tally(sink, number)
    return [
        (
            f"clock set 3 h back, 2 h forward, right again during {number} sends: extra (must be 0)",
            str(extra),
        ),
        ("the same: lost", str(lost)),
        ("the same: sent when the clock had been 3 h back for 5 s (what is due later waits)", str(meanwhile)),
    ]


def bare_loop(port: int, like: bytes, number: int) -> float:
    """Mails a second through one connection with nothing around it: the floor."""
    with smtplib.SMTP("127.0.0.1", port) as connection:
        began = time.perf_counter()
        for _mail in range(number):
            connection.sendmail("a@bench.invalid", ["b@bench.invalid"], like)
        return number / (time.perf_counter() - began)


def resident_mib(pid: int) -> float:
    """The resident sizes of a process and its children together."""
    pids = [pid, *map(int, subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split())]
    sizes = []
    for one in pids:
        try:
            status = Path(f"/proc/{one}/status").read_text()
        except OSError:
            continue
        sizes += [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")]
    return sum(sizes)


def burst_postgres(number: int = 10_000) -> Rows:
    """10,000 due at once, one Celery worker with two processes, as docker-compose.yml starts it, on PostgreSQL."""
    sink = SlowSink()
    with rig(sink) as site:
        site.fill(number, circles=200)
        site.beat()
        worker = site.worker(processes=2)
        until(sink, 200)
        began, already, small = time.perf_counter(), len(sink.mails), resident_mib(worker.pid)
        site.wait_until_sent(600)
        rate = (number - already) / (time.perf_counter() - began)
        grown = resident_mib(worker.pid) - small
        lost, extra = tally(sink, number)
        floor = bare_loop(sink.port, sink.raw, 2000)
    return [
        (
            f"{number} due at once, PostgreSQL, one Celery worker of two processes: lost, extra (must be 0, 0)",
            f"{lost}, {extra}",
        ),
        ("the same: mails a second (at least 100)", f"{rate:.0f}"),
        ("the same, against a bare SMTP loop on one connection (at least 0.15)", f"{rate / floor:.2f} ({floor:.0f}/s)"),
        ("the same: memory of the worker grows by (under 50 MiB)", f"{grown:.1f} MiB"),
    ]


def pages_p95(address: str, stop: Callable[[], bool], least: int = 60) -> float:
    """The 95th percentile of the sign-in page's time in seconds, asked for one after the other."""
    took: list[float] = []
    while len(took) < least or not stop():
        began = time.perf_counter()
        page(address)
        took.append(time.perf_counter() - began)
        time.sleep(0.05)
        if len(took) > 2000:
            break
    return statistics.quantiles(took, n=20)[-1]


def burst_embedded(number: int = 10_000) -> Rows:
    """10,000 due at once in the one process on SQLite; pages stay quick."""
    sink = SlowSink()
    sink.start()
    with tempfile.TemporaryDirectory() as name:
        site = Site(Path(name), sink)
        site.environment.pop("DATABASE_URL", None)
        site.environment.pop("REDIS_URL", None)
        site.start()
        try:
            idle = pages_p95(site.address, lambda: True, least=150)
            small = resident_mib(site.processes[0].pid)
            site.manage("bench_mail", "--mails", str(number), "--circles", "200", wait=True)
            until(sink, 1)
            done = threading.Event()
            threading.Thread(target=lambda: (until(sink, number, 900), done.set()), daemon=True).start()
            began = time.perf_counter()
            busy = pages_p95(site.address, lambda: done.is_set() or time.perf_counter() - began > 60, least=150)
            until(sink, number, 900)
            rate = number / (time.perf_counter() - began)
            time.sleep(5)  # the last ones are marked
            grown = resident_mib(site.processes[0].pid) - small
            _known, extra = tally(sink, number)
            # The loop ran while the circles were made, and sent some mails about that too.
            with sqlite3.connect(next(Path(name).glob("*.sqlite3"))) as connection:
                asked = "SELECT count(*) FROM notifications_message WHERE key LIKE 'bench:%' AND state = 'sent'"
                lost = number - int(connection.execute(asked).fetchone()[0])
        finally:
            site.stop()
            sink.stop()
    return [
        (f"{number} due at once, SQLite, the embedded loop: lost, extra (must be 0, 0)", f"{lost}, {extra}"),
        ("the same: mails a second (paced)", f"{rate:.0f}"),
        (
            "the same: 95th percentile of a page against idle (at most 2)",
            f"{busy / idle:.2f} ({idle * 1000:.0f} ms idle)",
        ),
        ("the same: memory of the process grows by", f"{grown:.1f} MiB"),
    ]


PARTS: dict[str, Callable[[], Rows]] = {
    "kills": kills,
    "redis": redis_away,
    "postgres": postgres_away,
    "engines": many_engines,
    "relays": relays,
    "clocks": clocks,
    "burst": burst_postgres,
    "embedded": burst_embedded,
}
TITLES = {
    "kills": "Workers killed", "redis": "Redis away", "postgres": "PostgreSQL away", "engines": "Several engines",
    "relays": "Relays that misbehave", "clocks": "Clocks that jump", "burst": "Ten thousand due at once",
    "embedded": "Ten thousand due at once in one process",
}  # fmt: skip


def main() -> None:
    for name in sys.argv[1:] or list(PARTS):
        write(TITLES[name], f"python -m bench.outbox {name}", PARTS[name](), RELIABILITY)


if __name__ == "__main__":
    main()
