"""What holds whatever happens in one moment: each pair in both orders, on PostgreSQL with real connections.

A race is a generator: it sets out, yields two acts, is told what refused each of them, and says what holds. The second
act runs while the first has written and not yet committed (tests/together.py). SQLite, where whoever writes is alone,
has no such moments, and this folder is not collected there.
"""

from collections.abc import Callable, Generator
from datetime import timedelta
from typing import TypeVar

import pytest
from django.db import models

from accounts.models import User
from agreements.commitment_services import (
    CommitmentDetails,
    commitment_make,
)
from agreements.models import Commitment
from circles.invitation_services import members_invite
from circles.models import Invitation, Membership
from sessions.live.starting_services import session_start
from sessions.models import (
    CircleSession,
)
from tests.factories import NOW, Cast, make_cast, make_session
from tests.together import overlapping

Act = Callable[[], object]
Race = Generator[tuple[Act, Act], list[str], None]
Made = Callable[[Cast], Race]
Row = TypeVar("Row", bound=models.Model)
SOON, LATER = timedelta(days=3), timedelta(days=10)


def run(made: Made, *, turned: bool) -> None:
    """One race from its beginning to what holds; `turned` with the second act first."""
    running = made(make_cast())
    first, second = next(running)
    said = overlapping(second, first) if turned else overlapping(first, second)
    with pytest.raises(StopIteration):
        running.send(said[::-1] if turned else said)


in_both_orders = pytest.mark.parametrize("turned", [False, True], ids=["so", "turned"])


def again(row: Row) -> Row:
    """The row as another request has it before it: an object of its own."""
    found: Row = type(row)._base_manager.get(pk=row.pk)
    return found


def one_refused(said: list[str]) -> bool:
    return sum(bool(words) for words in said) == 1


def seat(people: Cast, user: User) -> Membership:
    return Membership.objects.select_related("circle", "user").get(circle=people.circle, user=user, left_at=None)


def invited(people: Cast, *emails: str) -> list[Invitation]:
    sent = members_invite(circle=people.circle, emails=emails, by=people.alice, now=NOW).sent
    return [again(one) for one in sent]


def start_it(people: Cast, session: CircleSession) -> None:
    here = [people.alice.pk, people.bob.pk, people.carol.pk, people.dave.pk]
    session_start(session=session, here=here, presenting=here[:2], expected_seq=0, by=people.alice, now=NOW)


def a_running_session(people: Cast) -> CircleSession:
    session = make_session(people.circle, people.alice)
    start_it(people, again(session))
    return again(session)


def a_promise(people: Cast) -> Commitment:
    details = CommitmentDetails("a promise", NOW.date() + LATER, people.carol)
    return again(commitment_make(circle=people.circle, owner=people.bob, details=details, now=NOW))
