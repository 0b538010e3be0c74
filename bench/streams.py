"""Many browsers: 500 in one session, 3,000 on 500 sessions, 500 coming back at once, a stop with 300. Embedded, SQLite.

`python -m bench.streams`. The load generator shares the machine's cores with the server.
"""

import asyncio
import contextlib
import json
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.live import Host, measure_floor, measure_site, open_stream, p50, resident
from bench.report import write
from tests.browser.live_server import Sink, Site

MANY, SESSIONS, PER, PRESSES, STOPPING = 500, 500, 6, 60, 300


@contextlib.contextmanager
def running_site(**environment: str) -> Iterator[Site]:
    """An embedded site on SQLite, in `DATA_DIR` if that is given, else in a folder of its own."""
    sink = Sink()
    sink.start()
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(environment.get("DATA_DIR", folder)), sink)
        site.environment.pop("DATABASE_URL", None)
        site.environment.pop("REDIS_URL", None)
        site.environment |= environment
        site.start()
        try:
            yield site
        finally:
            site.stop()
            sink.stop()


def sessions_of(site: Site, sessions: int, per: int) -> list[list[dict[str, str]]]:
    """Running sessions, each as the lines of its people."""
    out = site.folder / "streams"
    process = site.manage("bench_sessions", "--sessions", str(sessions), "--per", str(per), "--out", str(out))
    if process.wait(timeout=600):
        raise RuntimeError(site.logs())
    site.processes.remove(process)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    return [lines[at : at + per] for at in range(0, len(lines), per)]


def threads(site: Site) -> int:
    status = Path(f"/proc/{site.processes[0].pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("Threads")).split()[1])


def database_handles(site: Site) -> int:
    """Open files of the process that are the database."""
    folder = Path(f"/proc/{site.processes[0].pid}/fd")
    targets = [str(one.readlink()) for one in folder.iterdir() if one.is_symlink()]
    return sum(".sqlite3" in target and not target.endswith(("-wal", "-shm")) for target in targets)


async def one_large_session(site: Site) -> list[tuple[str, str]]:
    floor = await measure_floor(MANY, PRESSES)
    people = sessions_of(site, 1, MANY)[0]
    times = await measure_site(people, site.port, PRESSES)
    await asyncio.sleep(2)
    return [
        (f"press to last of {MANY} browsers in one session, p50", f"{p50(times):.0f} ms"),
        ("the same on bare ASGI, same run, p50", f"{p50(floor):.0f} ms"),
        ("ratio (goal 1.5)", f"{p50(times) / p50(floor):.2f}"),
    ]


async def coming_back(site: Site) -> list[tuple[str, str]]:
    people = sessions_of(site, 1, MANY)[0]
    heard: asyncio.Queue[int] = asyncio.Queue()
    began = time.perf_counter()
    tasks = [asyncio.create_task(open_stream(line["stream"], line["cookie"], heard)) for line in people]
    for _one in people:
        await asyncio.wait_for(heard.get(), 60)
    took = time.perf_counter() - began
    for task in tasks:
        task.cancel()
    await asyncio.sleep(2)
    return [(f"{MANY} browsers coming back at once: all have the state after (goal 2 s)", f"{took:.1f} s")]


async def many_sessions(site: Site) -> list[tuple[str, str]]:
    groups = sessions_of(site, SESSIONS + 1, PER)
    quiet, crowd = groups[0], groups[1:]
    memory, handles = resident(site.processes[0].pid), database_handles(site)
    heard: list[asyncio.Queue[int]] = [asyncio.Queue() for _group in crowd]
    tasks = []
    for group, queue in zip(crowd, heard, strict=True):
        tasks += [asyncio.create_task(open_stream(line["stream"], line["cookie"], queue)) for line in group]
        await asyncio.sleep(0.06)
    await asyncio.sleep(10)
    held = (resident(site.processes[0].pid) - memory) * 1024 / (SESSIONS * PER)
    alone = await quiet_presses(quiet, site)
    told = await watched_presses(crowd[0], heard[0], site)
    rows = [
        (
            f"press to last of {PER}, with {SESSIONS * PER} streams on {SESSIONS} sessions, p50 (goal 8 ms)",
            f"{p50(told):.1f} ms",
        ),
        ("the same POST with no listener, same run, p50", f"{p50(alone):.1f} ms"),
        ("ratio (goal 1.3)", f"{p50(told) / p50(alone):.2f}"),
        ("memory a stream (goal 16 kB)", f"{held:.0f} kB"),
        (f"threads at {SESSIONS * PER} streams (goal 16)", str(threads(site))),
        ("database files held open, before and with the streams", f"{handles} and {database_handles(site)}"),
    ]
    for task in tasks:
        task.cancel()
    return rows


async def quiet_presses(lines: list[dict[str, str]], site: Site) -> list[float]:
    host, times = Host(lines[0], site.port), []
    await host.connect()
    for press in range(PRESSES):
        began = time.perf_counter()
        if await host.toggle(press + 1) != 204:
            raise RuntimeError("a press was refused")
        times.append(time.perf_counter() - began)
        await asyncio.sleep(0.02)
    return times


async def watched_presses(lines: list[dict[str, str]], heard: asyncio.Queue[int], site: Site) -> list[float]:
    host, times = Host(lines[0], site.port), []
    await host.connect()
    while not heard.empty():
        heard.get_nowait()
    for press in range(PRESSES):
        began = time.perf_counter()
        pressed = asyncio.create_task(host.toggle(press + 1))
        late = len(lines)
        async with asyncio.timeout(20):
            while late:
                late -= await heard.get() == press + 2
        times.append(time.perf_counter() - began)
        await pressed
        await asyncio.sleep(0.02)
    return times


async def stopping(site: Site) -> list[tuple[str, str]]:
    people = sessions_of(site, 1, STOPPING)[0]
    heard: asyncio.Queue[int] = asyncio.Queue()
    tasks = [asyncio.create_task(open_stream(line["stream"], line["cookie"], heard)) for line in people]
    for _one in people:
        await asyncio.wait_for(heard.get(), 60)
    process = site.processes[0]
    began = time.perf_counter()
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.wait, 30)
    took = time.perf_counter() - began
    for task in tasks:
        task.cancel()
    return [(f"stop with {STOPPING} streams open (goal 0.5 s)", f"{took:.2f} s")]


def main() -> None:
    rows = []
    for part in (one_large_session, coming_back, many_sessions, stopping):
        with running_site() as site:
            rows += asyncio.run(part(site))
            print(rows[-1], flush=True)
    write("Many browsers, embedded on SQLite", "python -m bench.streams", rows)


if __name__ == "__main__":
    main()
