"""Slow and idle connections by the hundred, and how long other people's pages take: `python -m bench.slow_clients`.

200 connections that send a header, or a body, byte by byte, and 200 streams that one member opens and leaves open; then
1,100 sockets that say nothing at all.
"""

import asyncio
import contextlib
import time
from urllib.parse import urlsplit

from bench.report import SECURITY, write
from bench.streams import running_site, sessions_of
from config.server import files_at_most

SLOW, IDLE, PAGES, GOAL = 200, 200, 40, 1.0
SILENT, LATER = 1_100, 25.0


async def dribble(port: int, number: int) -> None:
    """Half of them never finish their headers, half never their body."""
    head = f"POST /sign/login/ HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 5000\r\n"
    begun = head + ("X-Slow: " if number % 2 else "\r\n")
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        writer.write(begun.encode())
        while True:
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(1)


async def idle(stream: str, cookie: str) -> None:
    parts = urlsplit(stream)
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port)
    writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: localhost:{parts.port}\r\nCookie: {cookie}\r\n\r\n".encode())
    with contextlib.suppress(ConnectionError):
        while await reader.read(4096):
            pass


async def page(port: int, cookie: str) -> float:
    """How long somebody else waits for Today, in seconds."""
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    if not answer.startswith(b"HTTP/1.1 200") or b"Today" not in answer:
        raise RuntimeError(answer[:200].decode())
    return time.perf_counter() - began


async def pages(port: int, cookie: str) -> list[float]:
    return sorted([await page(port, cookie) for _page in range(PAGES)])


async def say_nothing(port: int) -> None:
    """Until the server has had enough."""
    reader, _writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        await reader.read()


async def silence(port: int, cookie: str) -> list[tuple[str, str]]:
    tasks = [asyncio.create_task(say_nothing(port)) for _socket in range(SILENT)]
    await asyncio.sleep(1)
    held = await pages(port, cookie)
    await asyncio.sleep(LATER)
    still = sum(not task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    return [
        (f"other people's page with {SILENT:,} silent sockets (goal under {GOAL:.0f} s)", f"{held[-1] * 1000:.0f} ms"),
        (f"silent sockets still open {LATER:.0f} s after (goal 0)", str(still)),
    ]


async def measure(port: int, mine: dict[str, str], other: dict[str, str]) -> list[tuple[str, str]]:
    quiet = await pages(port, other["cookie"])
    tasks = [asyncio.create_task(dribble(port, number)) for number in range(SLOW)]
    tasks += [asyncio.create_task(idle(mine["stream"], mine["cookie"])) for _stream in range(IDLE)]
    await asyncio.sleep(3)
    held = await pages(port, other["cookie"])
    still = sum(not task.done() for task in tasks[:SLOW])
    for task in tasks:
        task.cancel()
    return [
        (f"other people's page with nobody else there, slowest of {PAGES}", f"{quiet[-1] * 1000:.0f} ms"),
        (
            f"the same with {SLOW} slow connections and {IDLE} streams of one member (goal under {GOAL:.0f} s)",
            f"{held[-1] * 1000:.0f} ms",
        ),
        ("slow connections that were still held open while this was measured", str(still)),
        *await silence(port, other["cookie"]),
    ]


def main() -> None:
    files_at_most()  # this end of the sockets needs files too
    with running_site() as site:
        mine, other = sessions_of(site, 1, 2)[0]
        rows = asyncio.run(measure(site.port, mine, other))
    write("Slow clients", "python -m bench.slow_clients", rows, SECURITY)


if __name__ == "__main__":
    main()
