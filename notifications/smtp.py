"""A mail server that is given a total time for each mail, not only for each reply.

Django's `EMAIL_TIMEOUT` bounds one wait. A server that answers each line after nine seconds, or sends a byte now and
then, would hold a send beyond the lease of its message, and another process would send a second copy.

A line that is open carries further mails: connecting, TLS and signing in take longer than a mail does.
"""

import contextlib
import smtplib
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.core.mail import EmailMessage
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


def _timed(base: type[smtplib.SMTP], deadline: Callable[[], Deadline]) -> type[smtplib.SMTP]:
    """`base` under the deadline of the mail it carries. Its socket is known as soon as it first waits for a reply."""

    class Timed(base):  # type: ignore[misc, valid-type]  # a class made for one line
        def getreply(self) -> Any:
            deadline().watch(self.sock)
            return super().getreply()

        def putcmd(self, cmd: str, args: str = "") -> None:
            # What a cut line still has to answer is not asked any more.
            if deadline().over.is_set():  # looking up a name or connecting took it all
                raise smtplib.SMTPServerDisconnected("out of time")
            super().putcmd(cmd, args)

    return Timed


class TimedRelay(EmailBackend):
    """Django's way to a mail server, with `SEND_SECONDS` for each mail, from opening a line to the last reply."""

    def __init__(self, *args: Any, seconds: float = SEND_SECONDS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seconds = seconds
        self._deadline: Deadline | None = None
        self._used = False

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        base: type[smtplib.SMTP] = super().connection_class
        return _timed(base, self._of_this_mail) if self._deadline else base

    def open(self) -> bool | None:
        """Ready for one more mail: on the line that is open, or on a new one where the server has ended that."""
        if self.connection and not self._used:
            return False
        if self._deadline:
            self._deadline.end()
        # One for both lines: however long the old one took to say nothing, the mail's time is the same.
        self._deadline = Deadline(self.seconds)
        if self.connection and self._takes_another():
            return False
        try:
            return super().open()
        except BaseException:
            with contextlib.suppress(OSError):  # a sign-in that was refused leaves the line open
                self.close()
            raise

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        try:
            return super().send_messages(email_messages)
        finally:
            self._used = True

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._used = False
            if self._deadline:
                self._deadline.end()

    def _takes_another(self) -> bool:
        """Asked before a mail is begun, when nothing can come twice; servers end a line after a while, or so many."""
        line: smtplib.SMTP | None = self.connection
        assert line
        self._used = False
        try:
            if line.rset()[0] == 250:
                return True
        except (OSError, smtplib.SMTPException):
            pass
        self.connection = None
        with contextlib.suppress(OSError):
            line.close()
        return False

    def _of_this_mail(self) -> Deadline:
        assert self._deadline
        return self._deadline
