"""uvicorn with this project's settings: no trust in proxy headers, no patience with silence, streams ended at once."""

import asyncio
import contextlib
import errno
import gc
import importlib
import logging
import resource
import socket
from types import FrameType
from typing import Any

import uvicorn
from django.conf import settings
from django.urls import reverse
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger("talking_piece.server")

# From the first byte, or from the end of the last answer, to the end of a request's headers.
HEAD_SECONDS = 20.0
# Files and connections to the database that a process needs beside its sockets.
OTHER_FILES = 150


class Patient(H11Protocol):
    """Waits so long for the headers of a request and no longer; uvicorn itself would wait for ever.

    Where there are more connections than the process may have, the one that has been silent longest makes room.
    """

    head_timer: asyncio.TimerHandle | None = None
    at_most = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()
        if self.at_most and len(self.connections) > self.at_most:
            self._make_room()

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._head_came()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle is None or self.cycle.response_complete:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    @property
    def is_silent(self) -> bool:
        return self.head_timer is not None

    def _wait_for_head(self) -> None:
        self._head_came()
        self.head_timer = self.loop.call_later(HEAD_SECONDS, self._too_long)

    def _head_came(self) -> None:
        if self.head_timer:
            self.head_timer.cancel()
            self.head_timer = None

    def _too_long(self) -> None:
        self.head_timer = None
        self.transport.abort()

    def _make_room(self) -> None:
        silent = [one for one in self.connections if isinstance(one, Patient) and one.head_timer and one is not self]
        oldest = min(silent, key=lambda one: one.head_timer.when() if one.head_timer else 0.0, default=self)
        log.warning("too many connections: one that was silent was closed")
        oldest._head_came()
        self.connections.discard(oldest)
        oldest.transport.abort()


def files_at_most() -> int:
    """How many files the process may have open, after asking for as many as it may ask for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class Server(uvicorn.Server):
    """Ends all live streams as soon as it is told to stop; uvicorn would wait for them."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        from sessions.live.stream import streams

        streams.close()
        super().handle_exit(sig, frame)


def why_not_listening(host: str, port: int) -> str:
    """Why nobody can listen there, in a sentence; empty when one can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} on {host} is in use. Choose another: PORT=8001 make run"
            return f"HOST is {host} and PORT {port}, where this process may not listen ({error.strerror})."
    return ""


def server_options() -> dict[str, Any]:
    """What uvicorn is told, wherever it is started."""
    return {
        "host": settings.HOST,
        "port": settings.PORT,
        # The default believes X-Forwarded-For from any loopback client, and sign-in limits would fall.
        "proxy_headers": False,
        "server_header": False,
        "http": Patient,
        "ws": "none",
        # Its own handlers would print exceptions word by word, past our filters.
        "log_config": None,
        "log_level": "warning",
        "access_log": False,
        "timeout_keep_alive": 20,
        "timeout_graceful_shutdown": 10,
        "backlog": 2048,
    }


def settle_down() -> None:
    """What the first request would load is loaded, and what stays for good is never looked through for rubbish again.

    A look through all that a site has loaded holds up every request for a tenth of a second, again and again.
    """
    importlib.import_module("config.asgi")
    reverse("pages:today")  # loads every address there is
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def serve(**options: Any) -> None:
    """Serve until told to stop."""
    settle_down()
    Patient.at_most = max(50, files_at_most() - OTHER_FILES)
    Server(uvicorn.Config("config.asgi:application", **(server_options() | options))).run()
