"""The only writes about second steps that were lost, with the mails that go with them."""

from datetime import datetime

from django.db import transaction

from accounts.doors_services import (
    step_removal_ask,
    step_removal_stop,
    step_removals_carry_out,
    step_removals_due,
)
from accounts.each import each
from accounts.models import User
from notifications.services import About, messages_drop, messages_put

STEP_LOST, STEP_ASKED, STEP_GONE = "second_step_lost", "second_step_asked", "second_step_gone"


def second_step_lost(*, user: User, now: datetime) -> None:
    """Somebody who could sign in but for their second step: a mail with the way on, once an hour at most."""
    _tell(STEP_LOST, user, int(now.timestamp()) // 3600, now)


@transaction.atomic
def second_step_ask(*, user: User, now: datetime) -> None:
    """Whoever holds the mailbox asks for the second step to be taken off; the account's owner hears of it at once."""
    if step_removal_ask(user=user, now=now):
        _tell(STEP_ASKED, user, int(now.timestamp()) // 60, now)


@transaction.atomic
def second_step_keep(*, user: User) -> bool:
    """Whoever is signed in says that it was not them, or that they found it. False when nothing was asked."""
    messages_drop(about_code=user.code, kinds=[STEP_ASKED])
    return step_removal_stop(user=user)


@transaction.atomic
def second_steps_take_off(*, now: datetime, user: User | None = None) -> int:
    """Take off what is due, of all or of one person, and tell them. How many."""
    done = step_removals_carry_out(now=now, user=user)
    for person in done:
        _tell(STEP_GONE, person, now.toordinal(), now)
    return len(done)


def second_steps_take_off_due(*, now: datetime) -> int:
    """Of everybody whose time has come, each by themselves. How many."""
    return each(
        "take second steps off", step_removals_due(now=now), lambda one: second_steps_take_off(now=now, user=one)
    )


def _tell(kind: str, user: User, revision: int, now: datetime) -> None:
    messages_put(kind=kind, about=About("person", user.code, revision), to=[user], due_at=now, now=now)
