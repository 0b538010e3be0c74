"""M14: who says nothing is not waited for, and many who say nothing keep nobody out."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn

from config import server
from config.server import Patient, files_at_most, server_options

ANSWER = [
    {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]},
    {"type": "http.response.body", "body": b"ok"},
]


async def ok(scope: Any, receive: Any, send: Any) -> None:
    for message in ANSWER:
        await send(message)


async def with_server(act: Callable[[int], Awaitable[None]]) -> None:
    """Our protocol under uvicorn, on a free port, for as long as `act` takes."""
    options = server_options() | {"port": 0, "lifespan": "off"}
    running = uvicorn.Server(uvicorn.Config(ok, **options))
    running.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    config = running.config
    config.load()
    running.lifespan = config.lifespan_class(config)
    await running.startup()
    try:
        await act(running.servers[0].sockets[0].getsockname()[1])
    finally:
        running.should_exit = True
        await running.shutdown()


async def opened(port: int, words: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    await writer.drain()
    return reader, writer


async def ended(reader: asyncio.StreamReader) -> bool:
    """Whether the server closes by itself, within a bound that it keeps easily."""
    try:
        await asyncio.wait_for(reader.read(), 5)
    except (ConnectionError, TimeoutError) as error:
        return isinstance(error, ConnectionError)
    return True


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.2)


REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "words", [b"", b"GET / HT", REQUEST[:-2], REQUEST[:-2] + b"X-Slow: ", REQUEST, REQUEST + b"GET / HTTP/1.1\r\nX: "]
)
def test_who_falls_silent_is_not_waited_for(hasty: None, words: bytes) -> None:
    async def act(port: int) -> None:
        reader, writer = await opened(port, words)
        assert await ended(reader)
        writer.close()

    asyncio.run(with_server(act))


def test_header_lines_one_by_one_do_not_lengthen_the_wait(hasty: None) -> None:
    async def act(port: int) -> None:
        reader, writer = await opened(port, REQUEST[:-2])

        async def dribble() -> None:
            while not writer.is_closing():
                writer.write(b"a: b\r\n")
                await writer.drain()
                await asyncio.sleep(0)

        dribbling = asyncio.create_task(dribble())
        assert await ended(reader)
        dribbling.cancel()
        writer.close()
        await asyncio.gather(dribbling, return_exceptions=True)

    asyncio.run(with_server(act))


def test_the_longest_silent_makes_room_for_who_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patient, "at_most", 20)

    async def act(port: int) -> None:
        silent = [await opened(port) for _socket in range(60)]
        reader, writer = await opened(port, REQUEST)
        assert (await asyncio.wait_for(reader.readuntil(b"ok"), 5)).startswith(b"HTTP/1.1 200")
        assert all([await ended(first) for first, _writer in silent[:30]])
        for _reader, one in [*silent, (reader, writer)]:
            one.close()

    asyncio.run(with_server(act))


def test_a_process_may_have_as_many_files_as_the_machine_lets_it() -> None:
    assert files_at_most() >= 1024
