"""Writing to the outbox. Sending is in `outbox.py`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from notifications.enums import MessageState
from notifications.models import Message
from notifications.registry import kind_of

_kick: list[Callable[[], None]] = []


def on_new_message(kick: Callable[[], None]) -> None:
    """Let the embedded runner wake as soon as a message is committed."""
    _kick.append(kick)


def _wake() -> None:
    for kick in _kick:
        kick()


@dataclass(frozen=True)
class About:
    """What a message is about, and in which revision of it."""

    type: str
    code: UUID
    revision: int = 0


def message_key(kind: str, about: About, to: str) -> str:
    return f"{kind}:{about.code}:{about.revision}:{to}"


def messages_put(*, kind: str, about: About, to: Iterable[User | str], due_at: datetime, now: datetime) -> None:
    """Put one message a person into the outbox, in the caller's transaction; an existing key is left alone."""
    kind_of(kind)
    rows = [
        Message(
            kind=kind,
            subject_type=about.type,
            subject_code=about.code,
            revision=about.revision,
            key=message_key(kind, about, person.email if isinstance(person, User) else person),
            user=person if isinstance(person, User) else None,
            email="" if isinstance(person, User) else person,
            due_at=due_at,
            created_at=now,
        )
        for person in to
    ]
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    if due_at <= now:
        transaction.on_commit(_wake, robust=True)


def messages_drop(*, about_code: UUID, kinds: Iterable[str]) -> int:
    """Take what still waits about a thing out of the outbox, such as the reminders of a cancelled session."""
    waiting = Message.objects.filter(subject_code=about_code, kind__in=list(kinds), state=MessageState.WAITING)
    return waiting.update(state=MessageState.DROPPED)
