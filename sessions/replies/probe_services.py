"""Whether mail to the answer address arrives where answers are looked for: one mail of our own says so, at each start
and once a day.

What a relay takes may still reach nobody: plus signs that a server does not know, a domain without a mailbox. So a mail
goes the whole way that an answer goes, and the page of the outbox says when one last arrived.
"""

from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings

from notifications.models import Heartbeat
from notifications.services import About, messages_put
from sessions.kinds import ANSWER_PROBE
from sessions.replies.addresses import answer_address, probe_token
from sessions.replies.selectors import ARRIVED, PROBE_WAIT, SENT


def probe_send(*, now: datetime) -> bool:
    """Write the mail of the day to the answer address, where there is one and a mail server. Whether it was due."""
    at = answer_address()
    if at is None or not settings.EMAIL_HOST:
        return False
    sent = Heartbeat.objects.filter(name=SENT).values_list("at", flat=True).first()
    if sent is not None and sent.date() >= now.date():
        return False
    about = About("day", uuid5(NAMESPACE_URL, f"{settings.ANSWER_ADDRESS} {now}"), 0, None)
    messages_put(kind=ANSWER_PROBE, about=about, to=[at.with_token(probe_token(now.date()))], due_at=now, now=now)
    Heartbeat.beat(SENT, now=now)
    return True


def probe_anew(*, now: datetime) -> None:
    """At a start the next look writes another mail: the address, or what lies behind it, may be another by now.

    Not where one was written in the last ten minutes, so that what starts again and again writes no more than that.
    """
    Heartbeat.objects.filter(name=SENT, at__lte=now - PROBE_WAIT).delete()


def probe_arrived(tokens: tuple[str, ...], *, now: datetime) -> bool:
    """Whether a mail that came is one of ours of these days; written down."""
    days: list[date] = [now.date() - timedelta(days=back) for back in range(4)]
    if not {probe_token(day) for day in days} & set(tokens):
        return False
    Heartbeat.beat(ARRIVED, now=now)
    return True
