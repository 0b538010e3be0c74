"""Press to last of six browsers, against a bare ASGI sender in the same run. `python -m bench.live`"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.report import write
from tests.browser.live_server import Sink, Site, free_port

PRESSES = 200
BROWSERS = 6


async def open_stream(url: str, cookie: str, heard: asyncio.Queue[int]) -> None:
    """Follow one stream for ever, putting the seq of every frame (0 on the floor) into `heard`."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port)
    writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: localhost:{parts.port}\r\nCookie: {cookie}\r\n\r\n".encode())
    await writer.drain()
    while line := await reader.readline():
        text = line[6:].strip() if line.startswith(b"data: ") else b"{}"
        if text != b"{}":  # a beat holds nothing
            heard.put_nowait(json.loads(text)["seq"] if text.startswith(b"{") else 0)


class Presser:
    """One kept-alive connection that presses."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def connect(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def press(self, path: str, body: bytes, headers: str) -> int:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\n{headers}\r\n"
        )
        self.writer.write(head.encode() + body)
        await self.writer.drain()
        status = int((await self.reader.readline()).split()[1])
        length = 0
        while (line := await self.reader.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        await self.reader.readexactly(length)
        return status


async def measure_floor(browsers: int = BROWSERS, presses: int = PRESSES) -> list[float]:
    """Seconds from a press to the last of the browsers, on a bare ASGI sender."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "bench.floor:app", "--port", str(port), "--log-level", "error"]
    )
    try:
        await _until_up(port)
        heard: asyncio.Queue[int] = asyncio.Queue()
        url = f"http://localhost:{port}/"
        tasks = [asyncio.create_task(open_stream(url, "", heard)) for _ in range(browsers)]
        for _hello in range(browsers):
            await heard.get()
        presser = Presser(port)
        await presser.connect()
        times = []
        for _press in range(presses):
            began = time.perf_counter()
            pressed = asyncio.create_task(presser.press("/", b"x", ""))
            for _one in range(browsers):
                await heard.get()
            times.append(time.perf_counter() - began)
            await pressed
        for task in tasks:
            task.cancel()
        return times
    finally:
        server.kill()  # uvicorn would wait for the open streams for ever
        server.wait()


async def _until_up(port: int) -> None:
    for _try in range(100):
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.1)
    raise RuntimeError("the server did not come up")


async def measure_site(lines: list[dict[str, str]], port: int, presses: int = PRESSES) -> list[float]:
    """Seconds from a press of the first of `lines` to the last of their streams, which all belong to one session."""
    heard: asyncio.Queue[int] = asyncio.Queue()
    tasks = [asyncio.create_task(open_stream(line["stream"], line["cookie"], heard)) for line in lines]
    await asyncio.sleep(2 + len(lines) / 100)
    while not heard.empty():
        heard.get_nowait()
    host, seq, times = Host(lines[0], port), 1, []
    await host.connect()
    for press in range(presses):
        began = time.perf_counter()
        pressed = asyncio.create_task(host.toggle(seq))
        seq += 1
        late = len(lines)
        try:
            async with asyncio.timeout(20):
                while late:
                    late -= await heard.get() == seq
        except TimeoutError as error:
            status = await pressed if pressed.done() else 0
            raise RuntimeError(f"press {press} answered {status}; {late} browsers did not hear of it") from error
        times.append(time.perf_counter() - began)
        status = await pressed
        if status != 204:
            raise RuntimeError(f"press {press} answered {status}")
    for task in tasks:
        task.cancel()
    return times


class Host(Presser):
    """Whoever steers one session, pausing and going on by turns."""

    def __init__(self, line: dict[str, str], port: int) -> None:
        super().__init__(port)
        self.line = line
        self.headers = (
            f"Cookie: {line['cookie']}\r\nX-CSRFToken: {line['csrf']}\r\nX-Requested-With: fetch\r\n"
            f"Origin: http://localhost:{port}\r\n"
        )

    async def toggle(self, seq: int) -> int:
        """Pause when `seq` is odd, go on when it is even."""
        path = urlsplit(self.line["pause" if seq % 2 else "resume"]).path
        return await self.press(path, urlencode({"expected_seq": seq}).encode(), self.headers)


def p50(times: list[float]) -> float:
    return statistics.median(times) * 1000


def main() -> None:
    floor = asyncio.run(measure_floor())
    sink = Sink()
    sink.start()
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), sink)
        site.start()
        try:
            out = Path(folder) / "streams"
            site.manage("bench_sessions", "--sessions", "1", "--per", str(BROWSERS), "--out", str(out), wait=True)
            lines = [json.loads(line) for line in out.read_text().splitlines()]
            times = asyncio.run(measure_site(lines, site.port))
            rss = resident(site.processes[0].pid)
        finally:
            site.stop()
            sink.stop()
    write(
        "Live room, embedded on SQLite",
        "python -m bench.live",
        [
            ("press to last of 6 browsers, p50", f"{p50(times):.1f} ms"),
            ("the same on bare ASGI, same run, p50", f"{p50(floor):.1f} ms"),
            ("ratio", f"{p50(times) / p50(floor):.1f}"),
            ("presses", str(PRESSES)),
            ("memory of the process afterwards (RSS)", f"{rss} MB"),
        ],
    )


def resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    main()
