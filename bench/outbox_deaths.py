"""What becomes of mails when workers are killed, Redis is emptied, PostgreSQL stops, or several engines run."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

from bench.faults import OwnRedis
from bench.outbox_rig import Rows, SlowSink, rig, tally, until
from tests.browser.live_server import ROOT, free_port


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
