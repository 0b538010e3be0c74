"""The mailbox that answers of calendars come to: read, taken in, and emptied of what was understood.

A mail is taken in before anything is done with it on the server, so that a process that is killed reads it once more
and finds that it is known. What counts is deleted there: it may hold words that are for nobody here. Everything else is
moved into a folder of its own for whoever runs the server, and counted; nothing of that is ever deleted.
"""

import contextlib
import logging
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import DatabaseError
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from notifications.models import Heartbeat
from sessions.replies.selectors import BEAT
from sessions.replies.services import mail_put_aside, mail_take
from sessions.rules.raw_mail import MAIL_AT_MOST

log = logging.getLogger("talking_piece.answers")

ASIDE_FOLDER = "Put aside"
WAIT_SECONDS = 10.0
# One turn ends after so many seconds, so that in the embedded mode mails go out in between.
TURN_SECONDS = 20.0
TROUBLE = (OSError, ImapToolsError, ssl.SSLError)


@dataclass
class MailboxCounts:
    """What one look at the mailbox did."""

    understood: int = 0
    aside: int = 0
    waiting: int = 0


def mailbox_read(
    *, clock: Callable[[], datetime], ticks: Callable[[], float] = time.monotonic, seconds: float = TURN_SECONDS
) -> MailboxCounts:
    """Take in what is in the mailbox, the oldest first, until it is empty or the time is over.

    A server that is away is trouble of the moment: it is logged by its kind, and looked at again at the next turn.
    """
    turn, begun = MailboxCounts(), ticks()
    try:
        with _open() as box:
            # Asked once: what comes meanwhile is next turn's, and one that is put aside is not met again.
            uids = box.uids("ALL", charset=None)
            for at, uid in enumerate(uids):
                if ticks() - begun > seconds:
                    turn.waiting = len(uids) - at
                    break
                _take(box, uid, turn, clock())
            # After all that could fail: a page says when it was last read, and not when that was tried.
            Heartbeat.beat(BEAT, now=clock())
    except TROUBLE as error:
        log.warning("the mailbox for answers could not be read (%s)", type(error).__name__)
    return turn


@contextlib.contextmanager
def _open() -> Iterator[BaseMailBox]:
    box = _connect()
    try:
        box.login(settings.ANSWER_IMAP_USER, settings.ANSWER_IMAP_PASSWORD, settings.ANSWER_IMAP_FOLDER)
        yield box
    finally:
        with contextlib.suppress(*TROUBLE):
            # The line and not a polite goodbye: a server that hangs would keep the turn for another wait.
            box.client.shutdown()


def _connect() -> BaseMailBox:
    """With certificates looked at: Python's own default for this protocol would not."""
    host, port = settings.ANSWER_IMAP_HOST, settings.ANSWER_IMAP_PORT
    if settings.ANSWER_IMAP_SECURITY == "tls":
        return MailBox(host, port, timeout=WAIT_SECONDS, ssl_context=ssl.create_default_context())
    if settings.ANSWER_IMAP_SECURITY == "starttls":
        return MailBoxStartTls(host, port, timeout=WAIT_SECONDS, ssl_context=ssl.create_default_context())
    return MailBoxUnencrypted(host, port, timeout=WAIT_SECONDS)


def _take(box: BaseMailBox, uid: str, turn: MailboxCounts, now: datetime) -> None:
    """Take in one mail. One that cannot be dealt with is put aside and holds no other up."""
    size = _size(box, uid)
    if size is None:  # another reader was first
        return
    if size > MAIL_AT_MOST:
        understood = mail_put_aside(digest=_name_of(box, uid, size), why="too_large", now=now)
    else:
        raw = _raw(box, uid)
        if raw is None:
            return
        try:
            understood = mail_take(raw=raw, now=now).understood
        except DatabaseError:
            raise
        except Exception as error:  # its words may be anybody's: the type has to do
            log.error("a mail to the answer address could not be dealt with (%s)", type(error).__name__)
            understood = mail_put_aside(digest=sha256(raw).hexdigest(), why="failed", now=now)
    if understood:
        box.delete(uid)
        turn.understood += 1
        return
    if not box.folder.exists(ASIDE_FOLDER):
        with contextlib.suppress(ImapToolsError):  # made by another reader at this moment
            box.folder.create(ASIDE_FOLDER)
    box.move(uid, ASIDE_FOLDER)
    turn.aside += 1


def _size(box: BaseMailBox, uid: str) -> int | None:
    _ok, data = box.client.uid("FETCH", uid, "(RFC822.SIZE)")
    said = data[0] if data else None
    found = re.search(rb"RFC822\.SIZE (\d+)", said) if isinstance(said, bytes) else None
    return int(found[1]) if found else None


def _raw(box: BaseMailBox, uid: str) -> bytes | None:
    """The whole mail, left unseen."""
    _ok, data = box.client.uid("FETCH", uid, "(BODY.PEEK[])")
    return next((part[1] for part in data or () if isinstance(part, tuple)), None)


def _name_of(box: BaseMailBox, uid: str, size: int) -> str:
    """What a mail that is not read is known by: its place in the mailbox."""
    _ok, data = box.client.response("UIDVALIDITY")
    return sha256(f"{data}:{uid}:{size}".encode()).hexdigest()
