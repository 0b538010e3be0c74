"""Rows of the outbox taken, held, put off and settled: each a compare-and-set, on any database."""

import uuid
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from accounts.statements import FixedStatement
from notifications.enums import HEARD, MessageState
from notifications.models import Message
from notifications.smtp import SEND_SECONDS

BATCH = 10
# A send is over before its lease is, whatever the server does; the rest is for marking it.
SENDING = timedelta(seconds=SEND_SECONDS + 20)
LEASE = timedelta(minutes=4)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
# While the server is in trouble, what waits is looked at now and then: some of it needs no mail, or holds no more.
LOOKED_AT_AGAIN = timedelta(minutes=15)


# A lease that has run out belongs to a process that was killed: whoever comes next takes its mails.
def due_ids(*, now: datetime) -> list[int]:
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    ready = Q(again_at=None) | Q(again_at__lte=now)
    due = Message.objects.filter(free, ready, state=MessageState.WAITING, due_at__lte=now)
    return list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH])


def claim(ids: list[int], *, now: datetime) -> list[Message]:
    """Take these messages for the time of a lease, but those that another process was first to take."""
    token = uuid.uuid4()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    Message.objects.filter(free, pk__in=ids, state=MessageState.WAITING, due_at__lte=now).update(
        claimed_until=now + LEASE, claim_token=token, attempts=F("attempts") + 1
    )
    # Two processes may ask for the same ids. What bears our token is ours, whoever took the others between the two.
    mine = Message.objects.filter(pk__in=ids, claim_token=token, state=MessageState.WAITING)
    return list(mine.select_related("user").order_by("due_at", "pk"))


def restamp(message: Message, *, now: datetime) -> bool:
    """Hold the lease for the sending itself. False when another process has taken it, or it was changed meanwhile."""
    if message.claimed_until and message.claimed_until - now > SENDING:
        return bool(_held(message.pk, message.claim_token))
    return bool(_mine(message).update(claimed_until=now + LEASE))


def settle(message: Message, state: MessageState, *, now: datetime, trouble: str = "") -> None:
    """What became of it. The person finds what was sent, shown, or could not be sent, under the bell."""
    heard = state in HEARD and message.user is not None
    _mine(message).update(
        state=state,
        sent_at=now if state == MessageState.SENT else None,
        heard_at=now if heard else None,
        claimed_until=None,
        again_at=None,
        held=False,
        trouble=trouble,
    )


def put_off(message: Message, trouble: str, *, now: datetime) -> timedelta:
    """Try this one again later, after twice as long each time, up to an hour. How long."""
    longer: timedelta = FIRST_WAIT * 2 ** min(message.attempts - 1, 10)
    wait = min(longer, LONGEST_WAIT)
    _mine(message).update(claimed_until=None, again_at=now + wait, held=False, trouble=trouble)
    return wait


def until(message: Message, due_at: datetime) -> None:
    """It is due later: quiet hours. No try is counted."""
    _mine(message).update(claimed_until=None, due_at=due_at, attempts=F("attempts") - 1)


def hold(message: Message, *, now: datetime) -> None:
    """It waits until the mail server is well again. No try is counted: it is not about this mail."""
    again_at = now + LOOKED_AT_AGAIN
    _mine(message).update(claimed_until=None, again_at=again_at, held=True, attempts=F("attempts") - 1)


def release(*, at_most: int | None = None) -> int:
    """What was held for the mail server may go: the first few, to try it, or all. How many."""
    held = Message.objects.filter(state=MessageState.WAITING, held=True)
    if at_most is not None:
        first = list(held.order_by("due_at", "pk").values_list("pk", flat=True)[:at_most])
        held = Message.objects.filter(pk__in=first, state=MessageState.WAITING)
    return held.update(again_at=None, held=False)


def release_put_off() -> int:
    """What failed for itself is tried at once, since it may have been the server's trouble all the time. How many."""
    return Message.objects.filter(state=MessageState.WAITING, again_at__isnull=False).update(again_at=None, held=False)


# Everything below the claim goes through here. A token that is gone means another process took the row after our lease,
# or the thing changed (`messages_carry`): what we would write is of yesterday.
def _mine(message: Message) -> QuerySet[Message]:
    return _held_by(message.pk, message.claim_token)


def _held_by(pk: int, token: uuid.UUID | None) -> QuerySet[Message]:
    return Message.objects.filter(pk=pk, claim_token=token, state=MessageState.WAITING)


_held = FixedStatement(_held_by)
