"""One turn of the outbox: claim what is due, render it now, send it outside any transaction, mark it sent.

The broker may lose every task: the next tick finds what is due in the database. A process killed after sending
and before marking sends one extra copy with the same Message-ID (promises P1 and P2). A message is checked twice,
when it is claimed and just before it leaves, so that nothing goes out about what has begun, moved or been cancelled
(P3). How the person wants to hear of it, and their quiet hours, are read now too: what they want under the bell only is
never rendered as a mail, what they want once a day waits for the day's mail.
"""

import logging
import smtplib
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.quiet import after_quiet, next_at
from accounts.zones import to_local
from notifications.enums import HEARD, Channel, MessageState
from notifications.models import Heartbeat, Message
from notifications.registry import DAILY, Context, Kind, kind_of
from notifications.selectors import Channels
from notifications.services import About, messages_put, unsubscribe_token

log = logging.getLogger("talking_piece.outbox")

BATCH = 10
LEASE = timedelta(minutes=2)
TRIES = 8
FIRST_WAIT = timedelta(seconds=30)
GIVE_UP_AFTER_BROKEN_CONNECTIONS = 3


@dataclass
class Turn:
    """What one turn did."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0
    put_off: int = 0


def turn(*, pause: float = 0.0) -> Turn:
    """Send everything that is due now, in batches. `pause` seconds of rest a mail keep a shared process responsive."""
    Heartbeat.beat("outbox", now=timezone.now())
    done = Turn()
    broken = 0
    connection = get_connection()
    try:
        while ids := due_ids(now=timezone.now()):
            batch = claim(ids, now=timezone.now())
            channels = Channels(batch)
            for at, message in enumerate(batch):
                if broken >= GIVE_UP_AFTER_BROKEN_CONNECTIONS:
                    _give_back(batch[at:])
                    return done
                broken = 0 if _tried(message, channels, connection, done) else broken + 1
                if pause:
                    time.sleep(pause)
            if len(ids) < BATCH:
                break
    finally:
        _close(connection)
    return done


def due_ids(*, now: datetime) -> list[int]:
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    due = Message.objects.filter(free, state=MessageState.WAITING, due_at__lte=now)
    return list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH])


def claim(ids: list[int], *, now: datetime) -> list[Message]:
    """Take these messages for two minutes, but those that another process was first to take. Compare-and-set, on any
    database; each is taken once more just before it is sent.
    """
    token = uuid.uuid4()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    Message.objects.filter(free, pk__in=ids, state=MessageState.WAITING, due_at__lte=now).update(
        claimed_until=now + LEASE, claim_token=token, attempts=F("attempts") + 1
    )
    mine = Message.objects.filter(pk__in=ids, claim_token=token, state=MessageState.WAITING)
    return list(mine.select_related("user").order_by("due_at", "pk"))


def _give_back(rest: list[Message]) -> None:
    """What was taken and not tried is free for the next turn."""
    for message in rest:
        Message.objects.filter(**_mine(message)).update(claimed_until=None, attempts=F("attempts") - 1)


def _tried(message: Message, channels: Channels, connection: BaseEmailBackend, done: Turn) -> bool:
    """As `_deliver`; a mail that cannot be made is put off and holds nobody else up."""
    try:
        return _deliver(message, channels, connection, done)
    except DatabaseError:
        raise
    except Exception as error:
        # Its words may be content: the type has to do.
        log.error("mail %s, %s, could not be made (%s)", message.pk, message.kind, type(error).__name__)
        _put_off(message, type(error).__name__)
        done.put_off += 1
        return True


def _deliver(message: Message, channels: Channels, connection: BaseEmailBackend, done: Turn) -> bool:
    """Send one message. False only when the mail server could not be reached."""
    kind = kind_of(message.kind)
    context = kind.prepare(message, timezone.now())
    if context is None or (message.user and not message.user.is_active):
        _settle(message, MessageState.DROPPED)
        done.dropped += 1
        return True
    channel = channels.of(message, kind)
    if message.user and not _by_mail_now(message, message.user, kind, channel, context.get("by")):
        done.put_off += 1
        return True
    mail = render(message, kind, context)
    # Rendering took time: look once more, and hold the lease for the sending itself.
    if not _still(message, kind, context) or not _restamp(message):
        _settle(message, MessageState.DROPPED)
        done.dropped += 1
        return True
    mail.connection = connection
    try:
        mail.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        _refused(message, error, done)
        return True
    except (OSError, smtplib.SMTPException) as error:
        _put_off(message, type(error).__name__)
        done.put_off += 1
        _close(connection)
        return False
    _settle(message, MessageState.SENT)
    for carried in context.get("carries", ()):  # the mails of a day in one
        Message.objects.filter(pk=carried, state=MessageState.BUNDLED).update(
            state=MessageState.SENT, sent_at=timezone.now()
        )
    done.sent += 1
    return True


def _still(message: Message, kind: Kind, context: Context) -> bool:
    """Whether what was prepared holds: by the kind's own small question if it has one, else by preparing again."""
    ask = context.get("still")
    return bool(ask(timezone.now())) if ask else kind.prepare(message, timezone.now()) is not None


def _by_mail_now(message: Message, user: User, kind: Kind, channel: Channel, by: datetime | None) -> bool:
    """Whether this goes out as a mail at once. If not, it is settled, put into the daily mail or put off here."""
    now = timezone.now()
    if user.unproved_since is not None and channel != Channel.OFF:  # nobody knows whose mailbox it is
        _settle(message, MessageState.SHOWN)
        return False
    if channel in (Channel.OFF, Channel.BELL):
        _settle(message, MessageState.DROPPED if channel == Channel.OFF else MessageState.SHOWN)
        return False
    if kind.urgent:
        return True
    local = to_local(now, user.time_zone)
    if channel == Channel.DAILY:
        daily = next_at(local, user.daily_hour).astimezone(now.tzinfo)
        if by is None or daily < by:
            with transaction.atomic():
                _settle(message, MessageState.BUNDLED)
                about = About("person", user.code, daily.toordinal())
                messages_put(kind=DAILY, about=about, to=[user], due_at=daily, now=now)
            return False
    over = after_quiet(local, user.quiet_from, user.quiet_to).astimezone(now.tzinfo)
    if over <= now:
        return True
    if by is not None and over >= by:  # too late afterwards: it is under the bell
        _settle(message, MessageState.SHOWN)
        return False
    Message.objects.filter(**_mine(message)).update(claimed_until=None, due_at=over, attempts=F("attempts") - 1)
    return False


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        log.debug("the mail connection was already gone")


def _mine(message: Message) -> dict[str, object]:
    return {"pk": message.pk, "claim_token": message.claim_token, "state": MessageState.WAITING}


def _restamp(message: Message) -> bool:
    """Hold the lease for the sending itself; there is no need while more than half of it is left."""
    if message.claimed_until and message.claimed_until - timezone.now() > LEASE / 2:
        return True
    return bool(Message.objects.filter(**_mine(message)).update(claimed_until=timezone.now() + LEASE))


def _settle(message: Message, state: MessageState, trouble: str = "") -> None:
    now = timezone.now()
    heard = state in HEARD and message.user is not None
    Message.objects.filter(**_mine(message)).update(
        state=state,
        sent_at=now if state == MessageState.SENT else None,
        heard_at=now if heard else None,
        claimed_until=None,
        trouble=trouble,
    )


def _refused(message: Message, error: smtplib.SMTPException, done: Turn) -> None:
    """5xx about the recipient is final; anything else is tried again."""
    codes = (
        [code for code, _text in error.recipients.values()]
        if isinstance(error, smtplib.SMTPRecipientsRefused)
        else [error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0]
    )
    if all(code >= 500 for code in codes):
        _settle(message, MessageState.FAILED, f"refused {codes[0]}")
        done.failed += 1
    else:
        _put_off(message, f"asked to wait {codes[0]}")
        done.put_off += 1


def _put_off(message: Message, trouble: str) -> None:
    """Back off 30 s x 2^n; after eight tries the message is given up and shown as failed."""
    if message.attempts >= TRIES:
        _settle(message, MessageState.FAILED, trouble)
        return
    wait = FIRST_WAIT * 2 ** (message.attempts - 1)
    with transaction.atomic():
        Message.objects.filter(**_mine(message)).update(
            claimed_until=None, due_at=timezone.now() + wait, trouble=trouble
        )
    log.warning("mail %s put off for %s (%s)", message.pk, wait, trouble)


def message_id(message: Message) -> str:
    """The same for every copy of a message, so that mail programs show one."""
    host = urlsplit(settings.SITE_URL).hostname
    return f"<{sha256(message.key.encode()).hexdigest()[:40]}@{host}>"


def render(message: Message, kind: Kind, context: Context) -> EmailMultiAlternatives:
    """The mail as text with an HTML twin, in the person's language, every link from SITE_URL."""
    base = {"site_url": settings.SITE_URL, "person": message.user}
    with translation.override(message.user.language if message.user else settings.LANGUAGE_CODE):
        headers = {"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"}
        if message.user and (kind.may_choose or kind.key == DAILY):
            stop = settings.SITE_URL + reverse(
                "pages:unsubscribe", args=[unsubscribe_token(message.user, kind.key, message.circle_code)]
            )
            headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        else:
            stop = ""
        base["stop"] = stop
        text = str(render_to_string(f"{kind.templates}_body.txt", base | context))
        if stop:
            text = f"{text.rstrip()}\n\n{_('Hear less of this:')} {stop}\n"
        html = render_to_string(f"{kind.templates}_body.html", base | context)
        mail = EmailMultiAlternatives(kind.subject(base | context), text, to=[message.to], headers=headers)
    mail.attach_alternative(html, "text/html")
    if calendar := context.get("calendar"):
        mail.attach("calendar.ics", calendar, "text/calendar; charset=utf-8; method=PUBLISH")
    return mail
