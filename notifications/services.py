"""Writing to the outbox. Sending is in `outbox.py`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import Count, Q

from accounts.models import User
from notifications.enums import HEARD, Channel, MessageState
from notifications.models import EVERY_CIRCLE, Message, Preference
from notifications.registry import DAILY, chosen_by_people, kind_of, registered

_kick: list[Callable[[], None]] = []


def on_new_message(kick: Callable[[], None]) -> None:
    """Let the embedded runner wake as soon as a message is committed."""
    _kick.append(kick)


def _wake() -> None:
    for kick in _kick:
        kick()


@dataclass(frozen=True)
class About:
    """What a message is about, in which revision of it, and in which circle."""

    type: str
    code: UUID
    revision: int = 0
    circle: UUID | None = None


def message_key(kind: str, about: About, to: str) -> str:
    return f"{kind}:{about.code}:{about.revision}:{to}"


def messages_put(*, kind: str, about: About, to: Iterable[User | str], due_at: datetime, now: datetime) -> None:
    """Put one message a person into the outbox, in the caller's transaction; an existing key is left alone."""
    messages_write(message_rows(kind=kind, about=about, to=to, due_at=due_at, now=now))


def message_rows(
    *, kind: str, about: About, to: Iterable[User | str], due_at: datetime, now: datetime
) -> list[Message]:
    """The rows of `messages_put`, for a caller that writes many at once."""
    kind_of(kind)
    return [
        Message(
            kind=kind,
            subject_type=about.type,
            subject_code=about.code,
            revision=about.revision,
            circle_code=about.circle,
            # By the person and not by their address, which they may change: planning again writes nothing twice.
            key=message_key(kind, about, str(person.code) if isinstance(person, User) else person),
            user=person if isinstance(person, User) else None,
            email="" if isinstance(person, User) else person,
            due_at=due_at,
            created_at=now,
        )
        for person in to
    ]


def messages_write(rows: list[Message]) -> None:
    """Write many rows at once; those that stand already are left alone. What is due is sent after the commit."""
    Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    if any(row.due_at <= row.created_at for row in rows):
        transaction.on_commit(_wake, robust=True)


# How many mails in a day people together may send to one address that has not asked for any.
UNASKED_A_DAY = 5


def often_written_to(emails: Iterable[str], *, now: datetime) -> set[str]:
    """The addresses that people, from whichever circle or programme, have sent as many mails as is decent in a day."""
    rows = Message.objects.filter(user=None, email__in=list(emails), created_at__gt=now - timedelta(days=1))
    counted = rows.values("email").annotate(number=Count("pk")).filter(number__gte=UNASKED_A_DAY)
    return set(counted.values_list("email", flat=True))


def messages_drop(*, about_code: UUID, kinds: Iterable[str]) -> int:
    """Take what still waits about a thing out of the outbox, such as the reminders of a cancelled session."""
    waiting = Message.objects.filter(subject_code=about_code, kind__in=list(kinds), state=MessageState.WAITING)
    return waiting.update(state=MessageState.DROPPED)


def messages_end(*, user: User) -> None:
    """Nothing that waits is sent to this person or to their address any more."""
    waiting = Message.objects.filter(state__in=(MessageState.WAITING, MessageState.BUNDLED))
    waiting.filter(Q(user=user) | Q(email=user.email)).update(state=MessageState.DROPPED)


@transaction.atomic
def preference_set(
    *, user: User, kind: str, channel: str, lead: int | None = None, circle_code: UUID = EVERY_CIRCLE
) -> None:
    """How somebody wants to hear of one kind of thing, in one circle or in all.

    Reminders of that kind that still wait are taken back: the planner writes them afresh with the new lead.
    """
    before = Preference.objects.filter(user=user, kind=kind, circle_code=circle_code).first()
    if before and (before.channel, before.lead) == (channel, lead):
        return
    Preference.objects.update_or_create(
        user=user, kind=kind, circle_code=circle_code, defaults={"channel": channel, "lead": lead}
    )
    if kind_of(kind).leads:
        Message.objects.filter(user=user, kind=kind, state=MessageState.WAITING, claimed_until=None).delete()


UNSUBSCRIBE_SALT = "talking piece: unsubscribe"


def unsubscribe_token(user: User, kind: str, circle_code: UUID | None) -> str:
    """A signed token that stops one kind of mail to one person in one circle; it opens nothing else."""
    return signing.dumps([user.pk, kind, str(circle_code or EVERY_CIRCLE)], salt=UNSUBSCRIBE_SALT)


def unsubscribe_read(token: str) -> tuple[User, str, UUID] | None:
    """Whose mails of which kind a token stops, in which circle; None for one that we did not make."""
    try:
        pk, kind, circle = signing.loads(token, salt=UNSUBSCRIBE_SALT)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return (user, kind, UUID(circle)) if user and kind in registered() else None


def unsubscribe(*, user: User, kind: str, circle_code: UUID) -> None:
    """No more mails of this kind; it stays under the bell. The daily mail is ended kind by kind."""
    if kind == DAILY:
        Preference.objects.filter(user=user, channel=Channel.DAILY).update(channel=Channel.BELL)
    elif kind_of(kind).may_choose:
        preference_set(user=user, kind=kind_of(kind).choice, channel=Channel.BELL, circle_code=circle_code)


def unsubscribe_all(*, user: User) -> None:
    """No more mails of any kind that people can choose, in any circle."""
    Preference.objects.filter(user=user).update(channel=Channel.BELL)
    for kind in chosen_by_people():
        preference_set(user=user, kind=kind.key, channel=Channel.BELL)


def notices_read(*, user: User, now: datetime, pk: int | None = None) -> None:
    """One notice of a person was read, or all of them."""
    rows: Any = Message.objects.filter(user=user, read_at=None, state__in=HEARD)
    if pk is not None:
        rows = rows.filter(pk=pk)
    rows.update(read_at=now)


def preferences_keep(*, user: User, circle_code: UUID, kinds: Iterable[str]) -> None:
    """Of what was chosen for one circle only these stay: the others are as in all circles again."""
    Preference.objects.filter(user=user, circle_code=circle_code).exclude(kind__in=list(kinds)).delete()
