"""Writing to the outbox. Sending is in `outbox.py`."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.services import addresses_lock, person_lock
from accounts.tokens import signed, signed_read
from notifications.enums import HEARD, Channel, Dropped, MessageState
from notifications.levels import KEPT_AS, MailLevel, channel_at
from notifications.models import EVERY_CIRCLE, LATER_KINDS, Message, Preference, Relay
from notifications.registry import (
    DAILY,
    Kind,
    chosen_by_people,
    chosen_together,
    kind_of,
    registered,
    unasked_kinds,
)

# Of the 440 letters of a key an address may take 254, a kind 40 and a code 36.
PART_AT_MOST = 80
# Reminders are written so long before they are due: where nothing plans for a week none is late.
PLANNED_AHEAD = timedelta(days=8)
RESTORED = "restored"

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
    # What tells two messages about the same thing to the same person apart: which role, which event.
    part: str = ""


def message_key(kind: str, about: About, to: str) -> str:
    """What a message is known by: kind, thing, revision, part if there is one, and to whom."""
    part = f"{about.part[:PART_AT_MOST]}:" if about.part else ""
    return f"{kind}:{about.code}:{about.revision}:{part}{to}"


def event_part(now: datetime) -> str:
    """A part that names one event: the same thing may happen again within a day, a minute, a second."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%S%f}"


def messages_put(*, kind: str, about: About, to: Iterable[User | str], due_at: datetime, now: datetime) -> None:
    """Put one message a person into the outbox, in the caller's transaction; an existing key is left alone."""
    messages_write(message_rows(kind=kind, about=about, to=to, due_at=due_at, now=now))


def message_rows(
    *, kind: str, about: About, to: Iterable[User | str], due_at: datetime, now: datetime
) -> list[Message]:
    """The rows of `messages_put`, for a caller that writes many at once."""
    # KeyError here and not when it is sent: a kind without a row is a fault of whoever writes it.
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
    # The key is unique: planning the same twice, or by two processes at once, leaves one row, and needs no question
    # first.
    Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    if any(row.due_at <= row.created_at for row in rows):
        # After the commit, else the runner would look for rows that are not there yet; and no fault of waking is one of
        # writing.
        transaction.on_commit(_wake, robust=True)


# How many mails in a day people together may send to one address that has not asked for any.
UNASKED_A_DAY = 5


def often_written_to(emails: Iterable[str], *, now: datetime) -> set[str]:
    """The addresses that people, from whichever circle or programme, have sent as many mails as is decent in a day.

    Asked in the transaction that writes to the others: nobody else writes to them before it ends. The same for whoever
    has an account and whoever has none, which a limit would tell otherwise.
    """
    emails = list(emails)
    addresses_lock(emails)
    lately = Message.objects.filter(created_at__gt=now - timedelta(days=1))
    sent = Counter(lately.filter(user=None, email__in=emails).values_list("email", flat=True))
    known = lately.filter(user__isnull=False, kind__in=unasked_kinds()).values_list("user__email", flat=True)
    sent.update(email.lower() for email in known)
    return {email for email in emails if sent[email] >= UNASKED_A_DAY}


def messages_drop(*, about_code: UUID, kinds: Iterable[str], to: Iterable[int] | None = None) -> int:
    """Take what still waits about a thing out of the outbox, such as the reminders of a cancelled session.

    `to` names the people (by id) whose mails these are; without it, everybody's.
    """
    waiting = Message.objects.filter(subject_code=about_code, kind__in=list(kinds), state=MessageState.WAITING)
    if to is not None:
        waiting = waiting.filter(user__in=list(to))
    return waiting.update(state=MessageState.DROPPED, trouble=Dropped.TAKEN_BACK)


def messages_wait(*, about_code: UUID, kinds: Iterable[str]) -> bool:
    """Whether somebody has not heard yet: a mail of these kinds about a thing still waits."""
    waiting = Message.objects.filter(subject_code=about_code, kind__in=list(kinds), state=MessageState.WAITING)
    return waiting.exists()


@transaction.atomic
def messages_carry(*, about: About, kinds: Iterable[str]) -> int:
    """What still waits about a thing is about its new revision: it will say how things are when it goes out. How many.

    One that is being sent at this moment loses its claim, so that what has changed goes out after it.
    """
    waiting = Message.objects.select_for_update().filter(
        subject_code=about.code, kind__in=list(kinds), state__in=(MessageState.WAITING, MessageState.BUNDLED)
    )
    rows = list(waiting.exclude(revision=about.revision).order_by("-revision", "pk"))
    return sum(_carry(row, about) for row in rows)


def _carry(row: Message, about: About, **changes: Any) -> int:
    """One row to another revision. Of two that would say the same thing to one person the first stands."""
    old, new = (f"{row.kind}:{about.code}:{revision}:" for revision in (row.revision, about.revision))
    key = new + row.key.removeprefix(old)
    if Message.objects.filter(key=key).exists():
        return 0
    same = Message.objects.filter(pk=row.pk, state=row.state)
    return same.update(revision=about.revision, key=key, claimed_until=None, claim_token=None, **changes)


@transaction.atomic
def messages_return(*, about: About, kinds: Iterable[str], was: int | None = None) -> None:
    """What was called off takes place after all: what was taken back about it, or waits for a daily mail, holds again.

    `was` is the revision in which it stood before; without it, whatever was written last to each person counts. Whoever
    has heard is not told once more, and each is asked whether it still holds, as ever.
    """
    rows = Message.objects.select_for_update().filter(subject_code=about.code, kind__in=list(kinds))
    rows = rows.exclude(revision=about.revision) if was is None else rows.filter(revision=was)
    last = {(row.kind, row.user_id, row.email): row for row in rows.order_by("pk")}
    for row in last.values():
        if row.state == MessageState.BUNDLED:
            _carry(row, about)
        elif row.state == MessageState.DROPPED:
            _carry(row, about, state=MessageState.WAITING, attempts=0, again_at=None, held=False, trouble="")


def daily_put(*, user: User, due_at: datetime, now: datetime) -> None:
    """Somebody's mail of the day, which carries what waits for it. Its key is the minute: the hour may be changed."""
    about = About("person", user.code, int(due_at.timestamp()) // 60)
    messages_put(kind=DAILY, about=about, to=[user], due_at=due_at, now=now)


@transaction.atomic
def daily_move(*, user: User, due_at: datetime, now: datetime) -> None:
    """The mail of the day comes at another hour from now on, with what waits for it already."""
    waiting = Message.objects.filter(user=user, kind=DAILY, state=MessageState.WAITING, claimed_until=None)
    if waiting.exclude(due_at=due_at).delete()[0]:
        daily_put(user=user, due_at=due_at, now=now)


def messages_forget(*, about_code: UUID) -> int:
    """Nothing is kept of mails about a thing, waiting or sent: their rows name an address. How many."""
    return Message.objects.filter(subject_code=about_code).delete()[0]


def messages_end(*, user: User) -> None:
    """Nothing that waits is sent to this person or to their address any more."""
    waiting = Message.objects.filter(state__in=(MessageState.WAITING, MessageState.BUNDLED))
    theirs = waiting.filter(Q(user=user) | Q(email=user.email))
    theirs.update(state=MessageState.DROPPED, trouble=Dropped.ACCOUNT_CLOSED)


def messages_revive(*, user: User, now: datetime) -> None:
    """What was taken back from somebody and is due later waits again: each is asked whether it still holds, as ever."""
    taken = Message.objects.filter(user=user, state=MessageState.DROPPED, due_at__gt=now)
    taken.update(state=MessageState.WAITING, trouble="")


@transaction.atomic
def preference_set(
    *, user: User, kind: str, channel: str, lead: int | None = None, circle_code: UUID = EVERY_CIRCLE
) -> None:
    """How somebody wants to hear of one kind of thing, in one circle or in all.

    Reminders of that kind that still wait are taken back: the planner writes them afresh with the new lead.
    """
    person_lock(user)
    before = Preference.objects.filter(user=user, kind=kind, circle_code=circle_code).first()
    if before and (before.channel, before.lead) == (channel, lead):
        return
    Preference.objects.update_or_create(
        user=user, kind=kind, circle_code=circle_code, defaults={"channel": channel, "lead": lead}
    )
    _reminders_take_back(user, [kind])


@transaction.atomic
def mail_level_set(*, user: User, level: str) -> None:
    """Hear of everything at one level, in all circles, also of kinds that come later.

    How long before is kept, and so is what one circle is given.

    ValueError for a level that there is not.
    """
    level = MailLevel(level)
    person_lock(user)
    kept = {row.kind: row for row in Preference.objects.filter(user=user, circle_code=EVERY_CIRCLE)}
    wanted = {kind.key: channel_at(level, kind) for kind in chosen_by_people()} | {LATER_KINDS: KEPT_AS[level]}
    changed = [kind for kind, channel in wanted.items() if kind not in kept or kept[kind].channel != channel]
    Preference.objects.bulk_create(
        [Preference(user=user, kind=kind, channel=wanted[kind]) for kind in changed],
        update_conflicts=True,
        unique_fields=["user", "kind", "circle_code"],
        update_fields=["channel"],
    )
    _reminders_take_back(user, changed)


def _reminders_take_back(user: User, kinds: Iterable[str]) -> None:
    # Those with leads: the planner writes them again. What happened once is written once and must not go.
    planned = [kind for kind in kinds if kind in registered() and kind_of(kind).leads]
    Message.objects.filter(user=user, kind__in=planned, state=MessageState.WAITING, claimed_until=None).delete()


UNSUBSCRIBE_SALT = "talking piece: unsubscribe"


def unsubscribe_token(user: User, kind: str, circle_code: UUID | None) -> str:
    """A signed token that stops one kind of mail to one person in one circle; it opens nothing else."""
    return signed(UNSUBSCRIBE_SALT, [user.pk, kind, str(circle_code or EVERY_CIRCLE)])


def unsubscribe_read(token: str) -> tuple[User, str, UUID] | None:
    """Whose mails of which kind a token stops, in which circle; None for one that we did not make."""
    found = signed_read(UNSUBSCRIBE_SALT, token)
    if found is None:
        return None
    pk, kind, circle = found
    user = User.objects.filter(pk=pk, is_active=True).first()
    return (user, kind, UUID(circle)) if user and kind in registered() else None


def unsubscribe_ends(kind: Kind) -> list[Kind]:
    """The kinds that the link in a mail of this kind ends: all that one choice holds for, and no other."""
    return [kind] if kind.key == DAILY else chosen_together(kind)


@transaction.atomic
def kind_unsubscribe(*, user: User, kind: str, circle_code: UUID) -> None:
    """No more mails of this kind; it stays under the bell. The daily mail is ended kind by kind."""
    person_lock(user)
    if kind == DAILY:
        Preference.objects.filter(user=user, channel=Channel.DAILY).update(channel=Channel.BELL)
    elif kind_of(kind).may_choose:
        _mails_end(user, kind_of(kind).choice, circle_code)


@transaction.atomic
def unsubscribe_all(*, user: User) -> None:
    """No more mails of any kind that people can choose, in any circle, nor of kinds that come later."""
    person_lock(user)
    mailed = (Channel.MAIL, Channel.DAILY)
    Preference.objects.filter(user=user, channel__in=mailed).update(channel=Channel.BELL)
    for kind in chosen_by_people():
        _mails_end(user, kind.key, EVERY_CIRCLE)
    Preference.objects.update_or_create(
        user=user, kind=LATER_KINDS, circle_code=EVERY_CIRCLE, defaults={"channel": Channel.OFF}
    )


def _mails_end(user: User, kind: str, circle_code: UUID) -> None:
    """By mail becomes under the bell, under the lock of the person.

    What was not wanted at all stays so, and a lead stays as it was chosen.
    """
    rows = Preference.objects.filter(user=user, kind=kind)
    here = rows.filter(circle_code=circle_code).first()
    if (here or rows.filter(circle_code=EVERY_CIRCLE, channel=Channel.OFF).first()) is None:
        Preference.objects.create(user=user, kind=kind, circle_code=circle_code, channel=Channel.BELL)
    elif here and here.channel in (Channel.MAIL, Channel.DAILY):
        rows.filter(pk=here.pk).update(channel=Channel.BELL)


def notices_read(*, user: User, now: datetime, pk: int | None = None) -> None:
    """One notice of a person was read, or all of them."""
    rows: Any = Message.objects.filter(user=user, read_at=None, state__in=HEARD)
    if pk is not None:
        rows = rows.filter(pk=pk)
    rows.update(read_at=now)


@transaction.atomic
def preferences_keep(*, user: User, circle_code: UUID, kinds: Iterable[str]) -> None:
    """Of what was chosen for one circle only these stay: the others are as in all circles again, leads included."""
    gone = Preference.objects.filter(user=user, circle_code=circle_code).exclude(kind__in=list(kinds))
    _reminders_take_back(user, gone.values_list("kind", flat=True))
    gone.delete()


def _again(failed: Any) -> int:
    put_back = {"state": MessageState.WAITING, "attempts": 0, "again_at": None, "held": False, "trouble": ""}
    return int(failed.update(claimed_until=None, claim_token=None, **put_back))


def messages_try_again(*, kind: str, trouble: str) -> int:
    """Send once more what could not be sent, of one kind and with one answer. What holds no more is dropped then."""
    return _again(Message.objects.filter(state=MessageState.FAILED, kind=kind, trouble=trouble))


@transaction.atomic
def messages_try_all_again() -> int:
    """Send once more whatever could not be sent, and try the mail server at once for what waits. How many."""
    Relay.objects.filter(since__isnull=False).update(try_at=None)
    waiting = Message.objects.filter(state=MessageState.WAITING, again_at__isnull=False)
    return _again(Message.objects.filter(state=MessageState.FAILED)) + waiting.update(again_at=None, held=False)


def messages_after_restore(*, now: datetime) -> int:
    """What was due before a backup was put back is not sent by itself, since it may have gone out already. How many.

    It stands on the outbox page as not sent, where it can be sent once more; what holds no more is dropped even then.
    """
    due = Message.objects.filter(state__in=(MessageState.WAITING, MessageState.BUNDLED), due_at__lte=now)
    return due.update(
        state=MessageState.FAILED, trouble=RESTORED, claimed_until=None, claim_token=None, again_at=None, held=False
    )
