"""One turn of the outbox: claim what is due, render it now, send it outside any transaction, mark it sent.

The broker may lose every task: the next tick finds what is due in the database. A process killed after sending
and before marking sends one extra copy with the same Message-ID (promises P1 and P2). A message is checked twice,
when it is claimed and just before it leaves, so that nothing goes out about what has begun, moved or been cancelled
(P3). How the person wants to hear of it, and their quiet hours, are read now too: what they want under the bell only is
never rendered as a mail, what they want once a day waits for the day's mail.

Trouble of the mail server is nobody's mail's fault: all wait (`gate.py`) until it is over or they hold no more.
"""

import logging
import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.rules.quiet import after_quiet, next_at
from accounts.rules.zones import to_local
from notifications import claims
from notifications.enums import Channel, Dropped, MessageState
from notifications.gate import Gate
from notifications.models import Heartbeat, Message
from notifications.registry import Context, Kind, kind_of
from notifications.rendering import render
from notifications.rules.smtp_replies import SmtpReply, Trouble, reply_of
from notifications.selectors import REFUSED, Channels, MailedLately
from notifications.services import daily_put

log = logging.getLogger("talking_piece.outbox")

# For a mail that cannot be made, which is a fault of ours: it is shown, and can be sent again once that is mended.
TRIES = 8


@dataclass
class TurnCounts:
    """What one turn did."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0
    put_off: int = 0


def turn(*, pause: float = 0.0, clock: Callable[[], datetime] = timezone.now) -> TurnCounts:
    """Send everything that is due now, in batches. `pause` seconds of rest a mail keep a shared process responsive."""
    Heartbeat.beat("outbox", now=clock())
    sender = Sender(clock)
    while ids := sender.next_ids():
        batch = claims.claim(ids, now=clock())
        channels, sender.lately = Channels(batch), MailedLately(batch, now=clock())
        try:
            for message in batch:
                sender.try_one(message, channels)
                if pause:
                    time.sleep(pause)
        finally:
            sender.close()
    sender.gate.leave(now=clock())
    return sender.done


class Sender:
    """One turn's way to the mail server. It asks for the time at each step: a turn may take minutes."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.now, self.done = clock, TurnCounts()
        self.gate = Gate(now=clock())
        self.lately = MailedLately([], now=clock())
        self.connection: BaseEmailBackend = get_connection()

    def next_ids(self) -> list[int]:
        """What is due; when that is nothing, a few of those that wait for the server, if it is ours to try it."""
        ids = claims.due_ids(now=self.now())
        # A few and not all: while the server is in trouble they are the try, and the others need not share its fate.
        if ids or not self.gate.trying or not claims.release(at_most=claims.BATCH):
            return ids
        return claims.due_ids(now=self.now())

    def try_one(self, message: Message, channels: Channels) -> None:
        """Send one message, or do with it what else is right. One that cannot be made holds nobody else up."""
        try:
            self._deliver(message, channels)
        # Nothing can be noted down now: the lease runs out by itself, and a later turn takes the mail again.
        except DatabaseError:
            raise
        except Exception as error:
            # Its words may be content: the type has to do.
            log.error("mail %s, %s, could not be made (%s)", message.pk, message.kind, type(error).__name__)
            self._unmade(message, type(error).__name__)

    def _unmade(self, message: Message, trouble: str) -> None:
        if message.attempts >= TRIES:
            self._settle(message, MessageState.FAILED, trouble)
            return
        claims.put_off(message, trouble, now=self.now())
        self.done.put_off += 1

    def _deliver(self, message: Message, channels: Channels) -> None:
        if message.user and not message.user.is_active:
            self._drop(message, Dropped.ACCOUNT_CLOSED)
            return
        kind = kind_of(message.kind)
        context = kind.look(message, self.now())
        if context is None:
            self._drop(message, Dropped.CIRCLE_CLOSED if kind.is_silenced(message) else Dropped.HOLDS_NO_MORE)
            return
        channel = channels.of(message, kind)
        if message.user and not self._by_mail_now(message, message.user, kind, channel, context.get("by")):
            self.done.put_off += 1
            return
        # Asked after the channel: what goes under the bell needs no server and is settled all the same.
        if not self.gate.open:
            claims.hold(message, now=self.now())
            self.done.put_off += 1
            return
        mail = render(message, kind, context)
        # Rendering took time: look once more, and hold the lease for the sending itself.
        if not _still(message, kind, context, self.now()) or not claims.restamp(message, now=self.now()):
            self._drop(message, Dropped.CHANGED)
            return
        if self._sent(message, mail):
            self._settle(message, MessageState.SENT)
            self.lately.sent(message)
            self._settle_carried(context)
            self.gate.good(now=self.now())

    def _sent(self, message: Message, mail: EmailMessage) -> bool:
        """Whether the server took it. Otherwise what its answer means for this mail, or for all, is done here."""
        opened = False
        try:
            self.connection.open()
            opened = True
            mail.connection = self.connection
            mail.send()
        except (OSError, smtplib.SMTPException) as error:
            # Whatever it was: the next mail begins on a line of its own.
            self.close()
            self._answered(message, reply_of(error, opened=opened))
            return False
        return True

    def _answered(self, message: Message, answer: SmtpReply) -> None:
        if answer.trouble == Trouble.ADDRESS:
            self._settle(message, MessageState.FAILED, f"{REFUSED} {answer.code}")
            log.warning("mail %s, %s: the address was refused (%s)", message.pk, message.kind, answer.code)
            self.gate.good(now=self.now())
            return
        if answer.trouble == Trouble.RELAY:
            claims.hold(message, now=self.now())
        else:
            wait = claims.put_off(message, str(answer), now=self.now())
            log.warning("mail %s, %s, put off for %s (%s)", message.pk, message.kind, wait, answer)
        self.done.put_off += 1
        self.gate.failed(answer, message.attempts, now=self.now())

    def _drop(self, message: Message, why: Dropped) -> None:
        self._settle(message, MessageState.DROPPED, why)

    def _settle(self, message: Message, state: MessageState, trouble: str = "") -> None:
        claims.settle(message, state, now=self.now(), trouble=trouble)
        self.done.sent += state == MessageState.SENT
        self.done.dropped += state == MessageState.DROPPED
        self.done.failed += state == MessageState.FAILED

    def _settle_carried(self, context: Context) -> None:
        """The mails of a day in one."""
        carried = Message.objects.filter(pk__in=context.get("carries", ()), state=MessageState.BUNDLED)
        carried.update(state=MessageState.SENT, sent_at=self.now())

    def _by_mail_now(self, message: Message, user: User, kind: Kind, channel: Channel, by: datetime | None) -> bool:
        """Whether this goes out as a mail at once. If not, it is settled, put into the daily mail or put off here."""
        now = self.now()
        # Nobody knows whose mailbox it is, or it does not exist; or it has had enough of these for a day.
        if channel != Channel.OFF and (not user.takes_mail or self.lately.is_enough(message, kind)):
            claims.settle(message, MessageState.SHOWN, now=now)
            return False
        if channel in (Channel.OFF, Channel.BELL):
            state = MessageState.DROPPED if channel == Channel.OFF else MessageState.SHOWN
            claims.settle(message, state, now=now, trouble=Dropped.SWITCHED_OFF if channel == Channel.OFF else "")
            return False
        # Before the daily mail and the quiet hours: that a session has moved is of no use tomorrow.
        if kind.urgent:
            return True
        local = to_local(now, user.time_zone)
        if channel == Channel.DAILY:
            daily = next_at(local, user.daily_hour).astimezone(now.tzinfo)
            if by is None or daily < by:
                # Both or neither: what is bundled without a mail of the day to carry it would not be heard of at all.
                with transaction.atomic():
                    claims.settle(message, MessageState.BUNDLED, now=now)
                    daily_put(user=user, due_at=daily, now=now)
                return False
        over = after_quiet(local, user.quiet_from, user.quiet_to).astimezone(now.tzinfo)
        if over <= now:
            return True
        if by is not None and over >= by:  # too late afterwards: it is under the bell
            claims.settle(message, MessageState.SHOWN, now=now)
        else:
            claims.until(message, over)
        return False

    def close(self) -> None:
        """End the line to the mail server, if one is open: a batch goes on one."""
        try:
            self.connection.close()
        except (OSError, smtplib.SMTPException):
            log.debug("the mail connection was already gone")


def _still(message: Message, kind: Kind, context: Context, now: datetime) -> bool:
    """Whether what was prepared holds: by the kind's own small question if it has one, else by preparing again."""
    ask = context.get("still")
    return bool(ask(now)) if ask else kind.look(message, now) is not None
