"""What comes and what is over is decided by the clock: a session that nobody started is not to come for ever."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from circles.enums import Decision
from circles.models import Covenant
from notifications.outbox import turn
from sessions.enums import Role
from sessions.models import CircleSession, coming
from sessions.planning.reminder_services import fading_tell
from sessions.planning.roles_selectors import swaps_open
from sessions.planning.roles_services import roles_choose, swap_ask
from sessions.planning.selectors import sessions_next_for, where_to_begin
from tests.factories import NOW, Cast, make_session, signed_in

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def missed(people: Cast, clock: Any) -> CircleSession:
    """Planned in three days, and nobody starts it."""
    return make_session(people.circle, people.alice)


def test_what_is_coming_is_so_until_a_day_after_it_was_to_begin(people: Cast, missed: CircleSession) -> None:
    over = missed.starts_at + DAY
    assert list(CircleSession.objects.filter(coming(over))) == [missed]
    assert list(CircleSession.objects.filter(coming(over + timedelta(seconds=1)))) == []
    assert sessions_next_for(people.bob, now=over) == [missed]
    assert sessions_next_for(people.bob, now=over + timedelta(seconds=1)) == []


def test_a_circle_fades_whose_only_session_was_never_held(people: Cast, missed: CircleSession, clock: Any) -> None:
    at = NOW + timedelta(days=32)
    assert fading_tell(now=at) == 1
    mail.outbox.clear()
    clock.move_to(at)
    turn()
    assert [(one.to, one.subject) for one in mail.outbox] == [
        ([people.alice.email], f"{people.circle.name}: no session is planned")
    ]


def test_nobody_is_asked_for_a_role_of_a_session_that_was_never_held(people: Cast, missed: CircleSession) -> None:
    roles_choose(session=missed, holders={Role.SCRIBE: people.bob}, now=NOW)
    swap = swap_ask(session=missed, role=Role.SCRIBE, by=people.bob, asked=people.carol, now=NOW)
    over = missed.starts_at + DAY
    assert list(swaps_open(people.carol, now=over)) == [swap]
    assert not swaps_open(people.carol, now=over + timedelta(seconds=1))


def test_a_session_that_was_never_held_is_planned_again(people: Cast, missed: CircleSession) -> None:
    over = missed.starts_at + DAY
    assert where_to_begin(people.circle, now=over).left == 5
    assert where_to_begin(people.circle, now=over + timedelta(seconds=1)).left == 6


def test_a_closing_session_that_was_never_held_is_not_announced(
    people: Cast, missed: CircleSession, clock: Any
) -> None:
    Covenant.objects.update(decided_at=NOW, decision=Decision.CLOSE)
    path = reverse("pages:closing", args=[people.circle.code])
    leads = reverse("sessions:session", args=[missed.code])
    assert leads in signed_in(people.bob).get(path).content.decode()
    clock.move_to(missed.starts_at + DAY + timedelta(seconds=1))
    assert leads not in signed_in(people.bob).get(path).content.decode()
