"""`/live/<code>/events`: server-sent events, in front of Django.

Who may listen is asked at the start and every two seconds.

A refused stream answers 403 before its first byte, which stops a browser's EventSource for good; a stream whose
person left the circle, was removed or signed out ends within a few seconds and cannot be opened again.
"""

import asyncio
import json
import logging
import random
import re
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.db import close_old_connections
from django.utils import timezone

from accounts.models import User
from circles.models import Membership
from sessions.access import may_attend
from sessions.live import log_selectors, presence_services
from sessions.live.hub import Listener, hub, listen_to_redis
from sessions.models import CircleSession, GuestPass

log = logging.getLogger("talking_piece.live")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH = re.compile(r"^/live/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/events$")
# A removed member's stream is over within five seconds (promise P7), also when one pass comes late.
PASS_SECONDS = 2.0
BEAT_SECONDS = 15.0
ARRIVAL_SECONDS = 0.25
LONGEST_SECONDS = 600.0
THREADS = 4
# SQLite refuses a statement with too many parameters; with some hundred a query the number of queries stays small.
CHUNK = 400

# Events, not comments: a browser can tell a quiet session from a network that has died without a word.
BEAT = b"event: beat\ndata: {}\n\n"
CROWDED = b"event: crowded\ndata: {}\n\n"

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    # nginx would collect such small answers before it hands them on.
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Streams:
    """The endpoint, its few database threads and its two background rounds."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(THREADS, thread_name_prefix="live")
        self.stop = threading.Event()
        self.rounds: list[asyncio.Task[None]] = []
        self.arrived: dict[UUID, set[int]] = {}
        self.queued: dict[UUID, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = PATH.match(scope["path"])
        if scope["method"] != "GET" or not found:
            await _refuse(send, 405 if found else 404)
            return
        self._begin()
        listener = await self._in_thread(_authorise, UUID(found.group(1)), _cookie(scope))
        if listener is None:
            await _refuse(send, 403)
            return
        # Joined first, read then: what happens between the two is delivered, what happened before is read.
        hub.join(listener)
        # Opened while the process stops: `close` has ended the others and comes by no more.
        if self.stop.is_set():
            hub.end(listener)
        self.arrived.setdefault(listener.code, set()).add(listener.user_id)
        longest = asyncio.get_running_loop().call_later(LONGEST_SECONDS, hub.end, listener)
        try:
            await self._caught_up(listener.code)
            follower = Follower(listener, send)
            await follower.begin()
            await _disconnected(receive)
        finally:
            longest.cancel()
            hub.end(listener)

    async def _in_thread(self, work: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.pool, work, *args)

    async def _caught_up(self, code: UUID) -> None:
        """The present state has been read since this was asked. However many ask before it is read, it is read once."""
        read = self.queued.get(code)
        if read is None:
            read = self.queued[code] = asyncio.Event()
            self.pool.submit(self._read, code, read, asyncio.get_running_loop())
        await read.wait()

    def _read(self, code: UUID, read: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
        # Whoever asks from here on may have missed something that this look does not see: they queue another.
        self.queued.pop(code, None)
        try:
            _refresh(code)
        finally:
            loop.call_soon_threadsafe(read.set)

    def _begin(self) -> None:
        """Start the rounds with the first stream of this process."""
        loop = asyncio.get_running_loop()
        if hub.loop is loop:
            return
        hub.loop, hub.read_frame = loop, log_selectors.frame_of
        rounds = (self._pass_round(), self._beat_round(), self._arrival_round())
        self.rounds = [loop.create_task(each) for each in rounds]
        if settings.REDIS_URL:
            threading.Thread(target=listen_to_redis, args=(self.stop, self._heard), daemon=True).start()

    def _heard(self, code: UUID, frame: str) -> None:
        """Another process has news of a session: with the frame, or to be read."""
        if frame:
            hub.hand_out(code, json.loads(frame)["version"], frame)
        else:
            self.pool.submit(_refresh, code)

    async def _pass_round(self) -> None:
        """Every two seconds: end the streams of people who no longer belong, heal what a lost message left."""
        while not self.stop.is_set():
            await asyncio.sleep(PASS_SECONDS)
            listeners = hub.all()
            try:
                allowed, versions = await self._in_thread(_look_again, listeners)
            except Exception as error:
                # The database is away: nothing is shown that was not shown before, and no stream is opened.
                log.warning("live pass: %s", type(error).__name__)
                continue
            for listener in listeners:
                if listener not in allowed:
                    hub.end(listener)
            for code, version in versions.items():
                if any(one.version < version for one in hub.listeners.get(code, ())):
                    self.pool.submit(_refresh, code)

    async def _arrival_round(self) -> None:
        """Everybody whose page has just opened is noted in one write a session, however many come back at once."""
        while not self.stop.is_set():
            await asyncio.sleep(ARRIVAL_SECONDS)
            arrived, self.arrived = self.arrived, {}
            try:
                for code, users in arrived.items():
                    await self._in_thread(_note_arrival, code, users)
            except Exception as error:
                log.warning("live arrival: %s", type(error).__name__)

    async def _beat_round(self) -> None:
        """One beat for all every 15 s keeps proxies from closing quiet streams; presence is one write a session."""
        while not self.stop.is_set():
            await asyncio.sleep(BEAT_SECONDS)
            seen: dict[str, set[int]] = {}
            for listener in hub.all():
                seen.setdefault(str(listener.code), set()).add(listener.user_id)
                listener.wake()
            try:
                await self._in_thread(_keep_presence, seen)
            except Exception as error:
                log.warning("live presence: %s", type(error).__name__)

    def close(self) -> None:
        """End every stream now; uvicorn would wait for them for ever."""
        self.stop.set()
        if hub.loop:
            hub.loop.call_soon_threadsafe(hub.end_all)


streams = Streams()


class Follower:
    """Sends one stream what is new: each newest frame, or a beat, and the end.

    Between two sends nothing of it waits anywhere: thousands of streams are open, and most of them are quiet.
    """

    __slots__ = ("listener", "send", "sent", "task")

    def __init__(self, listener: Listener, send: Send) -> None:
        self.listener, self.send, self.sent = listener, send, -1
        self.task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        await self.send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        # After a restart all browsers come back; half a second of chance keeps them from coming at once.
        retry = f"retry: {500 + random.randrange(500)}\n\n"  # noqa: S311 (spreads reconnects, no secret)
        await self._body(retry.encode())
        self.listener.wake = self.wake
        self.wake()

    def wake(self) -> None:
        """A send that is still under way looks again when it is done."""
        if self.task is None:
            self.task = asyncio.get_running_loop().create_task(self._push())

    async def _push(self) -> None:
        try:
            if self.listener.version <= self.sent and not self.listener.ended:
                await self._body(BEAT)
            while self.listener.version > self.sent and not self.listener.ended:
                self.sent = self.listener.version
                await self._body(self.listener.message)
            if self.listener.crowded:
                await self._body(CROWDED)
            if self.listener.ended:
                self.listener.wake = lambda: None
                await self.send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.task = None

    async def _body(self, text: bytes) -> None:
        await self.send({"type": "http.response.body", "body": text, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    """Until the browser is gone or the response is complete."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def _cookie(scope: Scope) -> str:
    """The sign-in cookie's value, or empty."""
    jar: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                jar.load(value.decode("latin-1"))
            except CookieError:
                return ""
    found = jar.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else ""


def _authorise(code: UUID, sign_in: str) -> Listener | None:
    """The listener for a signed-in person who may attend the session, else None."""
    close_old_connections()
    store = import_module(settings.SESSION_ENGINE).SessionStore(sign_in or None)
    user = get_user(cast(Any, SimpleNamespace(session=store)))
    if not may_attend(user, code, now=timezone.now()):
        return None
    return Listener(code, cast(User, user).pk, sign_in)


def _refresh(code: UUID) -> None:
    close_old_connections()
    hub.refresh(code)


def _note_arrival(code: UUID, users: set[int]) -> None:
    close_old_connections()
    presence_services.presence_arrive(code=code, users=users, now=timezone.now())


def _keep_presence(seen: dict[str, set[int]]) -> None:
    close_old_connections()
    presence_services.presence_keep(seen=seen, now=timezone.now())


def _look_again(listeners: list[Listener]) -> tuple[set[Listener], dict[UUID, int]]:
    """Which of the listeners still belong, and the version of every session listened to."""
    close_old_connections()
    versions: dict[UUID, int] = {}
    circle_of: dict[UUID, int] = {}
    codes = list({listener.code for listener in listeners})
    for some in _chunks(codes):
        for code, version, circle in CircleSession.objects.filter(code__in=some).values_list(
            "code", "version", "circle_id"
        ):
            versions[code], circle_of[code] = version, circle
    members: set[tuple[int, int]] = set()
    for some in _chunks(list(set(circle_of.values()))):
        members |= set(
            Membership.objects.filter(circle_id__in=some, left_at=None, user__is_active=True).values_list(
                "circle_id", "user_id"
            )
        )
    signed_in: set[str] = set()
    for some in _chunks(list({listener.sign_in for listener in listeners})):
        signed_in |= set(
            Session.objects.filter(session_key__in=some, expire_date__gt=timezone.now()).values_list(
                "session_key", flat=True
            )
        )
    guests = _guests(codes)
    allowed = {
        one
        for one in listeners
        if one.sign_in in signed_in
        and ((circle_of.get(one.code, 0), one.user_id) in members or (one.code, one.user_id) in guests)
    }
    return allowed, versions


def _guests(codes: list[UUID]) -> set[tuple[UUID, int]]:
    """The guests of these sessions whose pass still stands."""
    found: set[tuple[UUID, int]] = set()
    for some in _chunks(codes):
        passes = GuestPass.objects.standing(timezone.now()).filter(session__code__in=some, user__is_active=True)
        found |= {(code, user_id) for code, user_id in passes.values_list("session__code", "user") if user_id}
    return found


def _chunks(items: list[Any]) -> list[list[Any]]:
    return [items[at : at + CHUNK] for at in range(0, len(items), CHUNK)]
