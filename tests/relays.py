"""A mail server that misbehaves as it is told, on a real socket; and days of trouble on a clock that is set."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from aiosmtpd.smtp import SMTP, AuthResult
from django.test import override_settings

from notifications import outbox
from notifications.enums import MessageState
from notifications.models import Message
from notifications.registry import Kind, kind_of, registered
from notifications.registry import register as register_kind
from notifications.services import About, messages_put
from tests.lines import EndsLines

Clock = Callable[[], datetime]


class _Protocol(SMTP):
    """Takes its time with each reply."""

    async def push(self, status: Any) -> None:
        self.event_handler.called.set()
        await asyncio.sleep(self.event_handler.delay)
        await super().push(status)


@dataclass
class Relay:
    """`sign_in`, `sender`, `recipient`, `content` are the answers to those steps; empty is a friendly one."""

    sign_in: str = ""
    sender: str = ""
    recipient: str = ""
    content: str = ""
    delay: float = 0.0
    # What it says when a line is to carry one more mail; "cut" ends it without a word.
    another: str = ""
    # Refused at RCPT, each with its own answer.
    addresses: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[str, str]] = field(default_factory=list)
    talks: int = 0
    # Somebody has called, and is answered or about to be.
    called: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.controller: Any = None

    def authenticate(self, *_args: Any) -> AuthResult:
        return AuthResult(success=not self.sign_in, handled=False, message=self.sign_in or None)

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, answers: list[str]) -> list[str]:
        self.talks += 1
        session.host_name = name
        return answers

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return self.sender or "250 ok"

    async def handle_RSET(self, server: Any, session: Any, envelope: Any) -> str:
        if self.another == "cut":
            server.transport.abort()
        return self.another or "250 ok"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if said := self.addresses.get(address, self.recipient):
            return said
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.content:
            return self.content
        lines = envelope.content.decode("ascii", "replace").splitlines()
        found = next((line.split(":", 1)[1].strip() for line in lines if line.lower().startswith("message-id:")), "")
        self.taken.append((envelope.rcpt_tos[0], found))
        return "250 kept"

    @property
    def extra(self) -> int:
        """Copies beyond the first of each mail."""
        return sum(Counter(key for _to, key in self.taken).values()) - len({key for _to, key in self.taken})

    def start(self, port: int = 0) -> int:
        if self.controller is None:
            self.controller = _Controller(self, hostname="127.0.0.1", port=port or _free_port())
            self.controller.start()
        return int(self.controller.port)

    def stop(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None


class _Controller(EndsLines):
    def line(self) -> SMTP:
        relay: Relay = self.handler
        return _Protocol(relay, authenticator=relay.authenticate, auth_require_tls=False, hostname="relay.example")


def _free_port() -> int:
    from tests.browser.live_server import free_port

    return free_port()


@contextmanager
def relay_used(relay: Relay, *, signing_in: bool = True) -> Iterator[int]:
    """The outbox sends through this server, with a password, until the end of the block. Its port."""
    port = relay.start()
    named = {"EMAIL_HOST_USER": "circles", "EMAIL_HOST_PASSWORD": "secret"} if signing_in else {}
    try:
        with override_settings(
            EMAIL_BACKEND="notifications.smtp.TimedRelay",
            EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_USE_TLS=False, EMAIL_USE_SSL=False, **named,
        ):  # fmt: skip
            yield port
    finally:
        relay.stop()


LASTING, PERISHING = "plain_lasting", "plain_perishing"
HOLDS_FOR = timedelta(days=1)


def _lasting(message: Message, now: datetime) -> dict[str, Any]:
    return {"circle": {"name": "Plain"}, "path": "/", "who": {"name": "x"}}


def _perishing(message: Message, now: datetime) -> dict[str, Any] | None:
    return _lasting(message, now) if now < message.due_at + HOLDS_FOR else None


def kinds_register() -> None:
    if LASTING not in registered():
        register_kind(Kind(key=LASTING, email="circles/joined", prepare=_lasting, label="Plain", page="pages:today"))
        register_kind(replace(kind_of(LASTING), key=PERISHING, prepare=_perishing))


def put(kind: str, number: int, now: datetime) -> None:
    """So many mails, each to an address of its own."""
    kinds_register()
    to = [f"p{at}-{uuid4().hex[:8]}@example.org" for at in range(number)]
    messages_put(kind=kind, about=About("x", uuid4()), to=to, due_at=now, now=now)


@dataclass(frozen=True)
class Days:
    """What became of the mails in days of trouble."""

    put: int
    sent: int
    extra: int
    dropped: int
    failed: int
    waiting: int
    talks: int
    slowest_after: timedelta


def days_of_trouble(
    relay: Relay,
    *,
    start: datetime,
    lasting: timedelta,
    step: timedelta,
    change: Callable[[Relay, timedelta], None],
    every: timedelta = timedelta(hours=6),
) -> Days:
    """Tick through days: mails come every six hours, `change` sets the server as it is at that time; then it is well.

    The last figure is how long after the end the last mail went.
    """
    number, passed, next_mail = 0, timedelta(0), timedelta(0)
    while passed < lasting:
        change(relay, passed)
        if passed >= next_mail:
            put(LASTING, 3, start + passed)
            put(PERISHING, 3, start + passed)
            number, next_mail = number + 6, next_mail + every
        outbox.turn(clock=_at(start + passed))
        passed += step
    relay.sign_in = relay.sender = relay.recipient = relay.content = ""
    change(relay, lasting)
    talks, ended = relay.talks, passed
    while _number(MessageState.WAITING) and passed < ended + timedelta(hours=2):
        outbox.turn(clock=_at(start + passed))
        passed += timedelta(seconds=10)
    return Days(
        put=number,
        sent=len({key for _to, key in relay.taken}),
        extra=relay.extra,
        dropped=_number(MessageState.DROPPED),
        failed=_number(MessageState.FAILED),
        waiting=_number(MessageState.WAITING),
        talks=talks,
        slowest_after=max(passed - ended - timedelta(seconds=10), timedelta(0)),
    )


def _at(moment: datetime) -> Clock:
    return lambda: moment


def _number(state: MessageState) -> int:
    return Message.objects.filter(kind__in=(LASTING, PERISHING), state=state).count()


def one_minute_an_hour(port: int) -> Callable[[Relay, timedelta], None]:
    """There for the first minute of each hour; in between nobody answers."""

    def change(relay: Relay, passed: timedelta) -> None:
        if passed % timedelta(hours=1) < timedelta(minutes=1) and passed >= timedelta(hours=1):
            relay.start(port)
        else:
            relay.stop()

    return change


def as_it_is(relay: Relay, passed: timedelta) -> None:
    """The server stays as it was set, and is there again at the end."""
