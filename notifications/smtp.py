"""A mail server that is given a total time for the whole talk, not only for each reply.

Django's `EMAIL_TIMEOUT` bounds one wait. A server that answers each line after nine seconds, or sends a byte now and
then, would hold a send beyond the lease of its message, and another process would send a second copy.
"""

import contextlib
import smtplib
import socket
import threading
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

# Fourteen replies of nine seconds each: STARTTLS, signing in and one mail.
SEND_SECONDS = 140.0


class Deadline:
    """Cuts a line once its time is over, in whatever wait it is. What is asked for afterwards is refused."""

    def __init__(self, seconds: float) -> None:
        self.over = threading.Event()
        self._line: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, line: socket.socket | None) -> None:
        self._line = line
        if self.over.is_set():
            self._cut()

    def end(self) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        self.over.set()
        if self._line is not None:
            with contextlib.suppress(OSError):
                # Of the plain socket, below TLS: the other thread is waiting inside it.
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)


def _timed(base: type[smtplib.SMTP], deadline: Deadline) -> type[smtplib.SMTP]:
    """`base` under one deadline. Its socket is known as soon as it first waits for a reply."""

    class Timed(base):  # type: ignore[misc, valid-type]  # a class made for one talk
        def getreply(self) -> Any:
            deadline.watch(self.sock)
            return super().getreply()

        def putcmd(self, cmd: str, args: str = "") -> None:
            # What a cut line still has to answer is not asked any more.
            if deadline.over.is_set():  # looking up a name or connecting took it all
                raise smtplib.SMTPServerDisconnected("out of time")
            super().putcmd(cmd, args)

    return Timed


class TimedRelay(EmailBackend):
    """Django's way to a mail server, with `SEND_SECONDS` from the first byte of a connection to its last."""

    def __init__(self, *args: Any, seconds: float = SEND_SECONDS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seconds = seconds
        self._deadline: Deadline | None = None

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        deadline = self._deadline
        base: type[smtplib.SMTP] = super().connection_class
        return _timed(base, deadline) if deadline else base

    def open(self) -> bool | None:
        if self.connection:
            return False
        self._deadline = Deadline(self.seconds)
        try:
            return super().open()
        except BaseException:
            with contextlib.suppress(OSError):  # a sign-in that was refused leaves the line open
                self.close()
            raise

    def close(self) -> None:
        try:
            super().close()
        finally:
            if self._deadline:
                self._deadline.end()
