"""What is lost when things die: `kill -9` right after an answered press, and Redis away for five seconds.

`python -m bench.faults`, or `make faults`. The second part needs PostgreSQL and a `redis-server` program; it starts a
Redis of its own and stops that one.
"""

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.live import Host
from bench.report import write
from bench.streams import running_site, sessions_of
from tests.browser.live_server import Sink, Site, free_port, production_site

KILLS, AWAY_SECONDS = 20, 5.0


async def first_frame(line: dict[str, str]) -> dict[str, Any]:
    """The state that a browser gets that has just connected."""
    async for frame in frames(line):
        return frame
    raise RuntimeError("the stream ended without a frame")


async def frames(line: dict[str, str]) -> Any:
    parts = urlsplit(line["stream"])
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port)
    head = f"GET {parts.path} HTTP/1.1\r\nHost: localhost:{parts.port}\r\nCookie: {line['cookie']}\r\n\r\n"
    writer.write(head.encode())
    await writer.drain()
    try:
        while line_read := await reader.readline():
            if line_read.startswith(b"data: ") and (frame := json.loads(line_read[6:])):  # a beat holds nothing
                yield frame
    finally:
        writer.close()


async def killing(site: Site) -> list[tuple[str, str]]:
    """Press, kill as soon as the answer is there, start again, look: nothing may differ but the version."""
    line = sessions_of(site, 1, 2)[0][0]
    lost, moved, seq = 0, 0, 1
    for _round in range(KILLS):
        host = Host(line, site.port)
        await host.connect()
        if await host.toggle(seq) != 204:
            raise RuntimeError("a press was refused")
        seq += 1
        before = await first_frame(line)
        site.kill_web()
        await asyncio.to_thread(site.restart_web)
        after = await first_frame(line)
        lost += after["seq"] != seq
        moved += any(before[name] != after[name] for name in ("index", "ends_at", "left", "phase"))
    return [
        (f"`kill -9` right after an answered press, {KILLS} times: presses lost (goal 0)", str(lost)),
        ("the same: stage or end time differs afterwards (goal 0)", str(moved)),
    ]


class OwnRedis:
    """A Redis server of this measurement, which can be stopped."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.start()

    def start(self) -> None:
        words = [
            "redis-server",
            "--port",
            str(self.port),
            "--dir",
            str(self.folder),
            "--save",
            "",
            "--loglevel",
            "warning",
        ]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        time.sleep(0.5)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


async def without_redis(site: Site, redis: OwnRedis) -> list[tuple[str, str]]:
    """Press on while Redis is away; a second browser follows. Then: how soon is it current once Redis is back?"""
    host_line, other = sessions_of(site, 1, 2)[0]
    host = Host(host_line, site.port)
    await host.connect()
    seen = [0]

    async def follow() -> None:
        async for frame in frames(other):
            seen[0] = frame["seq"]

    task = asyncio.create_task(follow())
    await asyncio.sleep(2)
    seq, errors, slowest = 1, 0, 0.0
    redis.stop()
    until = time.perf_counter() + AWAY_SECONDS
    while time.perf_counter() < until:
        began = time.perf_counter()
        errors += await host.toggle(seq) != 204
        slowest = max(slowest, time.perf_counter() - began)
        seq += 1
        await asyncio.sleep(0.25)
    redis.start()
    began = time.perf_counter()
    while seen[0] < seq and time.perf_counter() - began < 30:
        await asyncio.sleep(0.01)
    late = time.perf_counter() - began
    task.cancel()
    return [
        (f"Redis stopped for {AWAY_SECONDS:.0f} s while pressing {seq - 1} times: errors (goal 0)", str(errors)),
        ("the same: slowest press", f"{slowest * 1000:.0f} ms"),
        ("the same: everybody current after it is back (goal 2.5 s)", f"{late:.2f} s"),
    ]


def redis_part() -> list[tuple[str, str]]:
    if shutil.which("redis-server") is None:
        return [("Redis stopped for 5 s", "not measured: there is no redis-server program here")]
    sink = Sink()
    sink.start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        redis = OwnRedis(folder)
        try:
            with production_site(folder, sink, f"redis://127.0.0.1:{redis.port}/0") as site:
                site.start()
                return asyncio.run(without_redis(site, redis))
        finally:
            redis.stop()
            sink.stop()


def main() -> None:
    with running_site() as site:
        rows = asyncio.run(killing(site))
    rows += redis_part()
    write("Faults", "python -m bench.faults", rows)


if __name__ == "__main__":
    main()
