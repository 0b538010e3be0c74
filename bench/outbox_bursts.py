"""Ten thousand mails due at once, and clocks that jump."""

import smtplib
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench.outbox_deaths import page
from bench.outbox_rig import Rows, SlowSink, rig, tally, until
from tests.browser.live_server import ROOT, Site


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
