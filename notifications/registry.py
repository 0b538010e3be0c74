"""The kinds of message. Each app above registers its own in `AppConfig.ready`; an unknown kind is a start-up error."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string

from notifications.enums import Channel
from notifications.models import Message

Context = dict[str, Any]


HOUR, DAY = 60, 24 * 60
DAILY = "daily"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind of message is checked, rendered, listed under the bell and chosen by people: a row of `KINDS`.

    `key` is stored with each message. `email` names its templates, by app: `sessions/moved` stands in
    `templates/sessions/email/moved_{subject,body}`.

    `prepare(message, now)` returns the template context, or None when the message is no longer due: what it is about
    has begun, moved, been cancelled or done, or the person has left. It is asked again just before sending. A context
    with `by` says from when on the message is of no use, so that neither quiet hours nor a daily mail make it late;
    one with `still(now)` answers with one small query whether it holds, where preparing again would cost more.

    `label` names it under the bell and among the preferences, `page` is where it leads: an address with the code of
    its subject, or with `of_circle` that of its circle. `leads`, for reminders alone, are the choices of how many
    minutes before what they are about begins, the usual one first: their rows are written, and taken back, when that
    is planned anew. One that people cannot choose (`may_choose`) always goes out; one `chosen_with` another follows
    what was chosen for that; an `urgent` one goes out in quiet hours too and never in a daily mail; a `private` one is
    neither under the bell nor seen by administrators. A circle that is closed sends none but those that say
    `after_closing`. An `unasked` one goes to an address that asked for none, or to whoever has an account under it. A
    `dated` one puts a date right that stands in people's calendars: it is mailed as often as others about each date,
    and not from each circle, which may change thirty of them in one evening.
    """

    key: str
    email: str
    prepare: Callable[[Message, datetime], Context | None]
    label: Any = ""
    page: str = ""
    of_circle: bool = False
    may_choose: bool = True
    chosen_with: str = ""
    usual: Channel = Channel.MAIL
    leads: tuple[int, ...] = ()
    urgent: bool = False
    private: bool = False
    after_closing: bool = False
    unasked: bool = False
    dated: bool = False

    def look(self, message: Message, now: datetime) -> Context | None:
        """As `prepare`, and None where the circle it is about is closed: to be asked instead of it, everywhere."""
        context = self.prepare(message, now)
        return None if context is not None and self.is_silenced(message) else context

    def is_silenced(self, message: Message) -> bool:
        """Whether the circle it is about is closed, and the kind says nothing of those."""
        return not self.after_closing and message.circle_code is not None and _closed(message.circle_code)

    @property
    def templates(self) -> str:
        """What the paths of its templates begin with."""
        app, _slash, name = self.email.partition("/")
        return f"{app}/email/{name}"

    @property
    def choice(self) -> str:
        """Under which key somebody's preference for it is kept."""
        return self.chosen_with or self.key

    def subject(self, context: Context) -> str:
        """The one line a mail is known by; never a word of anybody's."""
        return " ".join(render_to_string(f"{self.templates}_subject.txt", context).split())


_kinds: dict[str, Kind] = {}
_asked_whether_closed: list[Callable[[UUID], bool]] = []


def register_closed(ask: Callable[[UUID], bool]) -> None:
    """Who knows of a circle, by its code, whether it is closed: a floor above."""
    if ask not in _asked_whether_closed:
        _asked_whether_closed.append(ask)


def _closed(circle: UUID) -> bool:
    return any(ask(circle) for ask in _asked_whether_closed)


def register(*kinds: Kind) -> None:
    """What an app adds to the kinds, once, when the site starts. ValueError for a key that another kind has."""
    for kind in kinds:
        if _kinds.get(kind.key, kind) != kind:
            raise ValueError(f"message kind {kind.key} is registered twice")
        _kinds[kind.key] = kind


def kind_of(key: str) -> Kind:
    """KeyError for a kind that no app registered."""
    return _kinds[key]


def longest_lead(kinds: Iterable[str]) -> timedelta:
    """The longest of the leads that people can choose among, over some kinds."""
    return timedelta(minutes=max(max(kind_of(key).leads) for key in kinds))


def registered() -> tuple[str, ...]:
    return tuple(_kinds)


def chosen_by_people() -> list[Kind]:
    """The kinds that stand among the preferences, in the order in which they were registered."""
    return [kind for kind in _kinds.values() if kind.may_choose and kind.label and not kind.chosen_with]


def noticed() -> list[str]:
    """What stands under the bell: all but what concerns two people only, and the mail that bundles a day's."""
    return [kind.key for kind in _kinds.values() if not kind.private and kind.key != DAILY]


def chosen_together(kind: Kind) -> list[Kind]:
    """The kinds that one choice holds for: this one, and those that follow the same."""
    return [one for one in _kinds.values() if one.may_choose and one.choice == kind.choice]


def unasked_kinds() -> list[str]:
    """What goes to people who have not asked for it, with an account or without."""
    return [kind.key for kind in _kinds.values() if kind.unasked]


def dated_kinds() -> list[str]:
    """What puts right one date in people's calendars."""
    return [kind.key for kind in _kinds.values() if kind.dated]


def private_kinds() -> list[str]:
    """What concerns two people only."""
    return [kind.key for kind in _kinds.values() if kind.private]
