"""Telling open browsers that a session has changed: within this process at once, across processes through Redis.

A stream holds no thread and no database connection while it waits. What is delivered is always the whole present
state, so a lost message heals with the next one; a pass every two seconds re-reads versions and memberships in case
every message was lost.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import redis
from django.conf import settings

log = logging.getLogger("talking_piece.live")

CHANNEL = "talking-piece:live"
# Browsers open six connections to a site over HTTP/1.1: with five streams a person can still load a page.
STREAMS_A_PERSON = 5
# Seconds a press may wait for Redis. It is committed by then, and the pass heals what is not told.
REDIS_PATIENCE = 0.3


def _nobody() -> None:
    pass


@dataclass(eq=False, slots=True)
class Listener:
    """One open stream. `wake` sends what is new; until the stream has begun there is nobody to wake."""

    code: UUID
    user_id: int
    sign_in: str
    message: bytes = b""
    version: int = -1
    ended: bool = False
    # Ended because its person has opened more than there may be: their browser then does not open it again by itself.
    crowded: bool = False
    wake: Callable[[], None] = _nobody


class Hub:
    """The open streams of this process. Everything but `publish` happens on the event loop."""

    def __init__(self) -> None:
        self.listeners: dict[UUID, set[Listener]] = {}
        # Those of one person, the oldest first.
        self.streams_of: dict[int, list[Listener]] = {}
        self.loop: asyncio.AbstractEventLoop | None = None
        self.read_frame: Callable[[UUID], tuple[int, str]] | None = None

    def join(self, listener: Listener) -> None:
        """Subscribe, before the state is read, so that nothing falls in between. The oldest stream over five ends."""
        self.listeners.setdefault(listener.code, set()).add(listener)
        own = self.streams_of.setdefault(listener.user_id, [])
        own.append(listener)
        for one in own[:-STREAMS_A_PERSON]:
            one.crowded = True
            self.end(one)

    def leave(self, listener: Listener) -> None:
        ones = self.listeners.get(listener.code, set())
        ones.discard(listener)
        if not ones:
            self.listeners.pop(listener.code, None)
        own = self.streams_of.get(listener.user_id, [])
        if listener in own:
            own.remove(listener)
        if not own:
            self.streams_of.pop(listener.user_id, None)

    def end(self, listener: Listener) -> None:
        listener.ended = True
        listener.wake()
        self.leave(listener)

    def end_all(self) -> None:
        for listener in self.all():
            self.end(listener)

    def all(self) -> list[Listener]:
        # Copies: whoever goes through these ends some, which takes them out of the sets.
        return [one for ones in list(self.listeners.values()) for one in list(ones)]

    def deliver(self, code: UUID, version: int, frame: str) -> None:
        """Hand the newest frame to every stream of a session; an older one than it has is ignored."""
        message = f"id: {version}\ndata: {frame}\n\n".encode()
        for listener in self.listeners.get(code, ()):
            # The same news comes by this process, by Redis and by the pass, and they overtake each other.
            if version > listener.version:
                listener.version, listener.message = version, message
                listener.wake()

    def refresh(self, code: UUID) -> None:
        """Read the present state and deliver it. Called on any thread that may use the database."""
        if code not in self.listeners or self.loop is None or self.read_frame is None:
            return
        version, frame = self.read_frame(code)
        self.hand_out(code, version, frame)

    def hand_out(self, code: UUID, version: int, frame: str) -> None:
        """Deliver a frame from any thread."""
        if code in self.listeners and self.loop is not None:
            self.loop.call_soon_threadsafe(self.deliver, code, version, frame)


hub = Hub()
_redis: list["redis.Redis"] = []


def _connection() -> "redis.Redis":
    if not _redis:
        _redis.append(
            redis.Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=REDIS_PATIENCE,
                socket_connect_timeout=REDIS_PATIENCE,
            )
        )
    return _redis[0]


def publish(code: UUID, version: int = 0, frame: str = "") -> None:
    """Tell everybody who watches a session, with the frame if it is known, else by reading the state.

    Other processes get the same frame, so that none of them has to read. Never fails: the state is committed, and the
    pass will find it.
    """
    if frame:
        hub.hand_out(code, version, frame)
    else:
        hub.refresh(code)
    if settings.REDIS_URL:
        try:
            _connection().publish(CHANNEL, f"{code} {frame}")
        except redis.RedisError as error:
            log.warning("Redis did not take the news (%s); streams catch up within two seconds", type(error).__name__)


def listen_to_redis(stop: threading.Event, heard: Callable[[UUID, str], None]) -> None:
    """Follow the channel until `stop`; reconnects by itself. Runs on a thread of its own.

    `heard` gets the session and its frame, which is empty when only something else than the log has changed.
    """
    while not stop.is_set():
        try:
            client: Any = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=REDIS_PATIENCE)
            listener = client.pubsub()
            listener.subscribe(CHANNEL)
            while not stop.is_set():
                # A second at a time, so that a silent channel does not keep a process that is to stop.
                message = listener.get_message(ignore_subscribe_messages=True, timeout=1.0)
                if message:
                    code, _space, frame = message["data"].decode().partition(" ")
                    heard(UUID(code), frame)
        except (redis.RedisError, ValueError):
            stop.wait(1.0)
