"""The kinds of message. Each app above registers its own in `AppConfig.ready`; an unknown kind is a start-up error."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notifications.models import Message

Context = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """How one kind of mail is checked and rendered.

    `prepare(message, now)` returns the template context, or None when the mail is no longer due: what it is about
    has begun, moved, been cancelled or done, or the person has left. It is asked again just before sending.
    """

    key: str
    templates: str
    prepare: Callable[[Message, datetime], Context | None]


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    for kind in kinds:
        if _kinds.get(kind.key, kind) != kind:
            raise ValueError(f"message kind {kind.key} is registered twice")
        _kinds[kind.key] = kind


def kind_of(key: str) -> Kind:
    """KeyError for a kind that no app registered."""
    return _kinds[key]


def registered() -> tuple[str, ...]:
    return tuple(_kinds)
