"""The floor that the live room is measured against: server-sent events on bare ASGI, nothing behind them.

It sends frames as long as the room's, so that whoever reads them has the same work.
"""

import asyncio
from typing import Any

FRAME = (
    b'id: 1\ndata: {"version":1,"seq":0,"phase":"running","index":0,"ends_at":1795250161288,"left":null,'
    b'"length":240000,"speaker":1}\n\n'
)
waiting: set[asyncio.Queue[bytes]] = set()


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    if scope["method"] == "POST":
        while (await receive()).get("more_body"):
            pass
        for one in waiting:
            one.put_nowait(FRAME)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    waiting.add(queue)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    await send({"type": "http.response.body", "body": FRAME, "more_body": True})
    while True:
        await send({"type": "http.response.body", "body": await queue.get(), "more_body": True})
