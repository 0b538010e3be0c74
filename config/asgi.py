"""The one ASGI entry: the live stream and the clock in front, Django behind them in a fixed thread pool.

Request bodies are taken in the event loop, bounded in size and time, before a thread is used: half-sent bodies cannot
occupy the pool. Header names with underscores are dropped, since WSGI folds `X_Name` and `X-Name` into one.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application

django_application = get_wsgi_application()

from sessions.live.stream import streams  # noqa: E402 (the apps must be loaded first)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_SECONDS = 20.0
# a2wsgi names its messages one by one; here they are only passed through.
pages: Any = WSGIMiddleware(cast(Any, django_application), workers=settings.WEB_THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] != "http":
        return
    elif scope["path"] == "/live/time":
        await _time(send)
    elif scope["path"].startswith("/live/") and scope["path"].endswith("/events"):
        await streams(scope, receive, send)
    else:
        await _page(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _time(send: Send) -> None:
    """The server's clock in milliseconds, to the microsecond, for browsers to set theirs by."""
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"now":%.3f}' % (time.time_ns() / 1_000_000)})


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    try:
        body = await asyncio.wait_for(_whole_body(receive), BODY_SECONDS)
    except TimeoutError:
        await send({"type": "http.response.start", "status": 408, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": b""})
        return
    if body is None:  # the browser went away
        return
    if len(body) > settings.BODY_LIMIT_BYTES:
        # Django sees only the size and answers with the page that says so.
        headers = [(name, value) for name, value in headers if name != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        body = b""
    await pages({**scope, "headers": headers}, _replayed(body, receive), send)


async def _whole_body(receive: Receive) -> bytes | None:
    """The body, read on at most one chunk past the limit; None when the browser disconnected."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body", False) or size > settings.BODY_LIMIT_BYTES:
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> MutableMapping[str, Any]:
        return waiting.pop() if waiting else await receive()

    return replay
