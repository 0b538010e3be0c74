"""Reads of preferences, of what is under the bell, and of how the outbox is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.counting import counted
from accounts.models import User
from accounts.paging import in_pages
from notifications.enums import HEARD, Channel, MessageState
from notifications.levels import unsaid
from notifications.models import EVERY_CIRCLE, LATER_KINDS, Heartbeat, Message, Preference, Relay
from notifications.registry import Kind, dated_kinds, kind_of, noticed, private_kinds

SHOWN_AT_MOST = 60
LATE_AFTER = timedelta(minutes=2)
DWELL_OVER = 1000
REFUSED = "refused"


def heard_by(*, about_code: UUID, kinds: Iterable[str], revision: int, now: datetime) -> list[User]:
    """Who has heard of a thing in one revision of it, by a message of these kinds, or hears of it at this moment.

    Asked after what waits was taken back: a mail that was claimed by then may be with the mail server.
    """
    rows = Message.objects.filter(subject_code=about_code, kind__in=list(kinds), revision=revision)
    heard = rows.filter(Q(state__in=HEARD) | Q(claimed_until__gt=now), user__isnull=False)
    return list(User.objects.filter(pk__in=heard.values("user")))


def heard_when(*, about_codes: Iterable[UUID], kinds: Iterable[str], written_at: datetime, now: datetime) -> bool:
    """Whether anybody has heard, or hears at this moment, of what was written about some things at one time."""
    rows = Message.objects.filter(subject_code__in=list(about_codes), kind__in=list(kinds), created_at=written_at)
    return rows.filter(Q(state__in=HEARD) | Q(claimed_until__gt=now)).exists()


class Channels:
    """How people want to hear of some messages: what they chose for the circle, else for all, else what is usual.

    One query for all of them.
    """

    def __init__(self, messages: Iterable[Message]) -> None:
        rows = Preference.objects.filter(user__in={one.user_id for one in messages if one.user_id})
        self._chosen = {(user, kind, circle): channel for user, kind, circle, channel in rows.values_list(
            "user", "kind", "circle_code", "channel"
        )}  # fmt: skip

    def of(self, message: Message, kind: Kind) -> Channel:
        """How the person wants to hear of it: chosen for this circle, else for all, else as is usual for the kind."""
        if not kind.may_choose or message.user_id is None:
            return Channel.MAIL
        here, everywhere = (
            self._chosen.get((message.user_id, kind.choice, circle))
            for circle in (message.circle_code or EVERY_CIRCLE, EVERY_CIRCLE)
        )
        later = self._chosen.get((message.user_id, LATER_KINDS, EVERY_CIRCLE))
        return Channel(here or everywhere or unsaid(kind, later))


# So many mails of one kind come to somebody in a day from one circle, or about one date, however often anybody presses.
MAILED_A_DAY = 20


class MailedLately:
    """Who has had how many mails of a kind from one circle, or about one thing, within a day. One query."""

    def __init__(self, messages: Iterable[Message], *, now: datetime) -> None:
        self._dated = frozenset(dated_kinds())
        people = {one.user_id for one in messages if one.user_id}
        rows = Message.objects.filter(user__in=people, state=MessageState.SENT, heard_at__gt=now - timedelta(days=1))
        of = "user_id", "kind", "circle_code", "subject_code"
        self._number: Counter[tuple[Any, ...]] = Counter()
        for *what, number in rows.order_by().values_list(*of).annotate(number=Count("pk")):
            self._number[self._key(Message(**dict(zip(of, what, strict=True))))] += number

    def is_enough(self, message: Message, kind: Kind) -> bool:
        """Whether another one goes under the bell. Not what somebody needs to get in, or to keep others out."""
        always = kind.urgent and not kind.may_choose
        return not always and self._number[self._key(message)] >= MAILED_A_DAY

    def sent(self, message: Message) -> None:
        """One more, in the same batch."""
        self._number[self._key(message)] += 1

    def _key(self, message: Message) -> tuple[Any, ...]:
        circle = None if message.kind in self._dated else message.circle_code
        return message.user_id, message.kind, circle or message.subject_code


class Leads:
    """How long before somebody wants to be told, for several people and circles with one query."""

    def __init__(self, people: Iterable[int]) -> None:
        rows = Preference.objects.filter(user__in=set(people), lead__isnull=False)
        chosen = rows.values_list("user", "kind", "circle_code", "lead")
        self._chosen = {(user, kind, circle): lead for user, kind, circle, lead in chosen if lead is not None}

    def of(self, user: User, kind: str, circle_code: UUID) -> timedelta:
        """How long before, chosen for this circle, else for all, else the usual."""
        usual, choice = kind_of(kind).leads[0], kind_of(kind).choice
        of_all = self._chosen.get((user.pk, choice, EVERY_CIRCLE), usual)
        return timedelta(minutes=self._chosen.get((user.pk, choice, circle_code), of_all))


def preferences_of(user: User, circle_code: UUID) -> dict[str, Preference]:
    """What somebody chose for one circle, or for all, by kind."""
    return {row.kind: row for row in Preference.objects.filter(user=user, circle_code=circle_code)}


def _heard(user: User, *, no_mail: bool) -> QuerySet[Message]:
    """What somebody was told; what concerns two people only is there too for whoever gets no mail."""
    seen = Q(kind__in=noticed())
    if no_mail:
        seen |= Q(kind__in=private_kinds(), state=MessageState.SHOWN)
    return Message.objects.filter(seen, user=user, heard_at__isnull=False, state__in=HEARD)


def unread_counted(user: User, *, no_mail: bool) -> Coalesce:
    """How many notices somebody has not read, counted up to sixty, as a column of another query.

    `no_mail`: whether they get none, and hear here of what concerns two people only.
    """
    unread = _heard(user, no_mail=no_mail).filter(read_at=None).order_by("pk")[:SHOWN_AT_MOST]
    return counted(Message.objects.filter(pk__in=unread.values("pk")), "user")


def notices_of(user: User) -> QuerySet[Message]:
    """What is under the bell."""
    return _heard(user, no_mail=not user.takes_mail)


def notices_page(user: User, number: str | None = None) -> Page[Message]:
    """What is under the bell, the latest first, by pages."""
    return _latest_heard(number, user, no_mail=not user.takes_mail)


@in_pages(SHOWN_AT_MOST)
def _latest_heard(user: User, *, no_mail: bool) -> QuerySet[Message]:
    return _heard(user, no_mail=no_mail).order_by("-heard_at", "-pk")


def relay_trouble() -> Relay | None:
    """The mail server's row while it is in trouble."""
    return Relay.objects.filter(since__isnull=False).first()


def refused_about(codes: Iterable[UUID]) -> set[UUID]:
    """Of these things, whose latest mail was refused at its address. One query."""
    rows = Message.objects.filter(subject_code__in=set(codes), state=MessageState.FAILED, trouble__startswith=REFUSED)
    return set(rows.values_list("subject_code", flat=True))


def refused_lately(user: User) -> datetime | None:
    """When a mail to somebody was refused at their address, unless one has reached them since."""
    latest = Message.objects.filter(user=user, state__in=(MessageState.SENT, MessageState.FAILED))
    row = latest.filter(heard_at__isnull=False).order_by("-heard_at", "-pk").first()
    return row.heard_at if row and row.trouble.startswith(REFUSED) else None


@dataclass(frozen=True)
class Health:
    """How the outbox is: counts and times, never an address or a word."""

    waiting: int
    later: int
    late: int
    failed: int
    sent: int
    bundled: int
    tick_age: timedelta | None
    dwell_median: float
    dwell_worst: float
    failures: list[dict[str, Any]]
    put_off: list[dict[str, Any]]


def outbox_health(*, now: datetime) -> Health:
    """`dwell` is the seconds between when a mail was due and when it went, over the last day's latest thousand."""
    day = now - timedelta(days=1)
    waiting = Q(state=MessageState.WAITING)
    counts = Message.objects.aggregate(
        waiting=Count("pk", filter=waiting & Q(due_at__lte=now)),
        later=Count("pk", filter=waiting & Q(due_at__gt=now)),
        late=Count("pk", filter=waiting & Q(due_at__lt=now - LATE_AFTER)),
        bundled=Count("pk", filter=Q(state=MessageState.BUNDLED)),
        failed=Count("pk", filter=Q(state=MessageState.FAILED)),
        sent=Count("pk", filter=Q(state=MessageState.SENT, sent_at__gt=day)),
    )
    sent = Message.objects.filter(state=MessageState.SENT, sent_at__gt=day).order_by("-sent_at")
    dwell = [
        max(0.0, (at - due).total_seconds()) for at, due in sent.values_list("sent_at", "due_at")[:DWELL_OVER] if at
    ]
    failed = Message.objects.filter(state=MessageState.FAILED).exclude(kind__in=private_kinds())
    by_kind = failed.values("kind", "trouble").annotate(number=Count("pk"))
    tried = Message.objects.filter(waiting, held=False, again_at__isnull=False)
    put_off = tried.values("trouble").annotate(number=Count("pk"))
    beat = Heartbeat.objects.filter(name="outbox").values_list("at", flat=True).first()
    return Health(
        **counts,
        tick_age=now - beat if beat else None,
        dwell_median=median(dwell) if dwell else 0.0,
        dwell_worst=quantiles(dwell, n=20)[-1] if len(dwell) > 1 else sum(dwell),
        put_off=[dict(row) for row in put_off.order_by("-number", "trouble")[:SHOWN_AT_MOST]],
        failures=[dict(row) for row in by_kind.order_by("-number", "kind")[:SHOWN_AT_MOST]],
    )
