"""The live stream as a browser meets it: who may listen, what a frame holds, when it ends."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import timezone

from circles.membership_services import member_leave
from circles.models import Membership
from config.asgi import application
from pages.departure_services import person_has_left
from sessions.live import hub as hub_module
from sessions.live import stream as stream_module
from sessions.live.hub import STREAMS_A_PERSON, Hub, Listener
from sessions.live.services import session_command
from sessions.live.starting_services import session_start
from sessions.live.stream import Streams
from sessions.models import CircleSession
from sessions.planning.bringing_services import issue_bring
from tests.factories import PASSWORD, Cast, change_password, make_cast, make_session, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
BETWEEN_PASSES = stream_module.PASS_SECONDS


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> Iterator[Streams]:
    """Streams with a quick pass and threads that end with the test (their connections with them)."""
    fresh = Hub()
    monkeypatch.setattr(hub_module, "hub", fresh)
    monkeypatch.setattr(stream_module, "hub", fresh)
    monkeypatch.setattr(stream_module, "PASS_SECONDS", 0.05)
    made = Streams()
    yield made
    made.stop.set()
    gate = threading.Barrier(stream_module.THREADS)

    def leave() -> None:
        gate.wait(10)
        connections.close_all()

    for done in [made.pool.submit(leave) for _thread in range(stream_module.THREADS)]:
        done.result()
    made.pool.shutdown(wait=True)


async def aside(work: Callable[..., Any], **options: Any) -> None:
    """Run database work on a thread of its own and leave no connection behind."""

    def closing() -> None:
        try:
            work(**options)
        finally:
            connections.close_all()

    await asyncio.to_thread(closing)


class Browser:
    """One EventSource: collects what it is sent until it closes or the stream ends."""

    def __init__(self, streams: Streams, path: str, sign_in: str) -> None:
        self.status = 0
        self.frames: list[dict[str, Any]] = []
        self.raw = b""
        self.changed = asyncio.Event()
        self.closed = asyncio.Event()
        headers = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={sign_in}".encode())] if sign_in else []
        scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
        self.task = asyncio.ensure_future(streams(scope, self.receive, self.send))

    async def receive(self) -> dict[str, Any]:
        await self.closed.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        body = message.get("body", b"")
        self.raw += body
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.closed.set()  # as servers do: after the response, receive() says that the browser is gone
        for line in body.decode().splitlines():
            if line.startswith("data: "):
                self.frames.append(json.loads(line[6:]))
        self.changed.set()

    async def until(self, true: Callable[["Browser"], bool]) -> None:
        async with asyncio.timeout(10):
            while not true(self):
                self.changed.clear()
                await self.changed.wait()

    async def ended(self) -> None:
        async with asyncio.timeout(10):
            await self.task


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await test()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run(whole())


def key_of(user: Any) -> str:
    return str(signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value)


@pytest.fixture
def world() -> tuple[Cast, CircleSession]:
    people = make_cast()
    session = make_session(people.circle, people.alice, now=timezone.now())
    issue_bring(session=session, owner=people.bob, title="a canary", text="canary", ask="listen")
    return people, session


def begin(people: Cast, session: CircleSession) -> None:
    ids = [user.pk for user in (people.alice, people.bob, people.carol)]
    session_start(session=session, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=timezone.now())


def test_a_frame_is_the_whole_small_state_and_no_words(streams: Streams, world: tuple[Cast, CircleSession]) -> None:
    people, session = world
    key = key_of(people.bob)

    async def test() -> None:
        browser = Browser(streams, f"/live/{session.code}/events", key)
        await browser.until(lambda b: bool(b.frames))
        assert browser.status == 200
        assert browser.frames[0]["phase"] == "planned"
        await aside(begin, people=people, session=session)
        await browser.until(lambda b: b.frames[-1]["phase"] == "running")
        await aside(session_command, session=session, kind="next", seat=1, expected_seq=1, now=timezone.now())
        await browser.until(lambda b: b.frames[-1]["seq"] == 2)
        frame = browser.frames[-1]
        assert sorted(frame) == ["ends_at", "index", "left", "length", "phase", "seq", "speaker", "version"]
        assert (frame["index"], frame["speaker"]) == (1, 1)
        versions = [frame["version"] for frame in browser.frames]
        assert versions == sorted(set(versions))
        for words in (b"canary", b"Bob", b"Alice", b"Council"):
            assert words not in browser.raw
        browser.closed.set()
        await browser.ended()

    run(test)


@pytest.mark.parametrize("who", ["nobody", "stranger", "former member"])
def test_whoever_does_not_belong_is_refused_before_the_first_byte(
    streams: Streams, world: tuple[Cast, CircleSession], who: str
) -> None:
    people, session = world
    key = {"nobody": "", "stranger": key_of(people.erin), "former member": key_of(people.dave)}[who]
    member_leave(membership=Membership.objects.get(user=people.dave), now=timezone.now())

    async def test() -> None:
        browser = Browser(streams, f"/live/{session.code}/events", key)
        await browser.ended()
        assert (browser.status, browser.raw) == (403, b"")

    run(test)


@pytest.mark.parametrize("how", ["left", "signed out", "has left the organisation", "new password"])
def test_an_open_stream_ends_when_its_person_no_longer_belongs(
    streams: Streams, world: tuple[Cast, CircleSession], how: str
) -> None:
    people, session = world
    client = Client()
    client.post("/sign/login/", {"login": people.bob.email, "password": PASSWORD})
    key = str(client.cookies[settings.SESSION_COOKIE_NAME].value)

    def gone() -> None:
        if how == "left":
            member_leave(membership=Membership.objects.get(user=people.bob), now=timezone.now())
        elif how == "signed out":
            client.logout()
        elif how == "new password":
            change_password(people.bob)
        else:
            person_has_left(user=people.bob, by=people.alice, now=timezone.now())

    async def test() -> None:
        browser = Browser(streams, f"/live/{session.code}/events", key)
        await browser.until(lambda b: bool(b.frames))
        await aside(gone)
        await browser.ended()
        again = Browser(streams, f"/live/{session.code}/events", key)
        await again.ended()
        assert (again.status, again.frames) == (403, [])

    run(test)


def test_who_belongs_is_asked_every_two_seconds() -> None:
    """The tests of this file look more often; whoever was removed reads on for no longer than this and a moment."""
    assert BETWEEN_PASSES == 2.0


def test_the_pass_heals_what_a_lost_message_left(
    streams: Streams, world: tuple[Cast, CircleSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when Redis was away and the press happened in another process."""
    people, session = world
    key = key_of(people.bob)
    monkeypatch.setattr("sessions.live.log_services.hub.publish", lambda code: None)

    async def test() -> None:
        browser = Browser(streams, f"/live/{session.code}/events", key)
        await browser.until(lambda b: bool(b.frames))
        await aside(begin, people=people, session=session)
        await browser.until(lambda b: b.frames[-1]["phase"] == "running")
        browser.closed.set()
        await browser.ended()

    run(test)


def test_at_most_five_streams_a_person_the_oldest_ends() -> None:
    hub = Hub()

    async def test() -> None:
        from uuid import uuid4

        code = uuid4()
        ones = [Listener(code, 7, "k") for _ in range(STREAMS_A_PERSON + 2)]
        other = Listener(code, 8, "k")
        hub.join(other)
        for one in ones:
            hub.join(one)
        assert [one.ended for one in ones] == [True, True] + [False] * STREAMS_A_PERSON
        assert [one.crowded for one in ones] == [one.ended for one in ones]
        assert not other.ended
        assert len(hub.all()) == STREAMS_A_PERSON + 1

    run(test)


def test_a_quiet_stream_says_that_it_lives_and_one_too_many_that_it_is_not_to_come_back(
    streams: Streams, world: tuple[Cast, CircleSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beats are events, which a page can hear; a page that is told `crowded` looks by itself, and none flaps."""
    people, session = world
    monkeypatch.setattr(stream_module, "BEAT_SECONDS", 0.05)
    key = key_of(people.bob)

    async def test() -> None:
        path = f"/live/{session.code}/events"
        first = Browser(streams, path, key)
        await first.until(lambda b: b"event: beat\ndata: {}\n\n" in b.raw)
        others = []
        for _one in range(STREAMS_A_PERSON):
            others.append(Browser(streams, path, key))
            await others[-1].until(lambda b: bool(b.frames))
        await first.ended()
        assert first.raw.endswith(b"event: crowded\ndata: {}\n\n")
        assert not any(b"crowded" in other.raw for other in others)

    run(test)


def test_an_older_frame_never_replaces_a_newer_one() -> None:
    hub = Hub()

    async def test() -> None:
        from uuid import uuid4

        listener = Listener(uuid4(), 1, "k")
        hub.join(listener)
        hub.deliver(listener.code, 5, "five")
        hub.deliver(listener.code, 4, "four")
        assert (listener.version, listener.message) == (5, b"id: 5\ndata: five\n\n")

    run(test)


def call(path: str, *, method: str = "GET", headers: list[tuple[bytes, bytes]] | None = None, body: bytes = b"") -> Any:
    """One request through the whole ASGI entry; status, headers and body."""
    got: dict[str, Any] = {"body": b""}

    async def test() -> None:
        sent = False

        async def receive() -> dict[str, Any]:
            nonlocal sent
            if sent:
                await asyncio.Event().wait()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                got["status"], got["headers"] = message["status"], dict(message["headers"])
            else:
                got["body"] += message.get("body", b"")

        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": [(b"host", b"testserver"), *(headers or [])], "http_version": "1.1", "scheme": "http",
            "client": ("127.0.0.1", 1), "server": ("testserver", 80), "root_path": "",
        }  # fmt: skip
        await application(scope, receive, send)

    asyncio.run(test())
    return got


def test_the_clock_is_the_servers() -> None:
    answer = call("/live/time")
    assert abs(json.loads(answer["body"])["now"] - timezone.now().timestamp() * 1000) < 5000
    assert answer["headers"][b"cache-control"] == b"no-store"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/live/00000000-0000-0000-0000-000000000000/events", 405), ("GET", "/live/x/events", 404)],
)
def test_other_methods_and_paths_of_the_stream(method: str, path: str, status: int) -> None:
    assert call(path, method=method)["status"] == status


def test_a_body_over_the_limit_gets_the_page_that_says_so() -> None:
    body = b"x" * (settings.BODY_LIMIT_BYTES + 1)
    answer = call(
        "/sign/login/", method="POST", body=body, headers=[(b"content-type", b"application/x-www-form-urlencoded")]
    )
    assert answer["status"] == 413
    assert b"too much at once" in answer["body"]


def test_headers_with_underscores_do_not_reach_django() -> None:
    answer = call("/healthz", headers=[(b"x_forwarded_proto", b"https"), (b"x_forwarded_for", b"1.2.3.4")])
    assert (answer["status"], answer["body"]) == (200, b"ok")
