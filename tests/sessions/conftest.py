"""What several files about sessions begin with; a file with a `session` of its own takes that."""

from datetime import timedelta
from typing import Any

import pytest

from sessions.enums import Role
from sessions.live import starting_services
from sessions.models import CircleSession, SessionRole
from tests.factories import NOW, Cast, make_session


@pytest.fixture
def session(db: None, clock: Any, people: Cast, settings: Any) -> CircleSession:
    """Alice hosts, Bob keeps the time; a moment is as long as in the product."""
    settings.PRESS_APART_MS = 1000
    made = make_session(people.circle, people.alice)
    SessionRole.objects.filter(session=made, role_key=Role.TIMEKEEPER).update(user=people.bob)
    ids = [user.pk for user in (people.alice, people.bob, people.carol, people.dave)]
    starting_services.session_start(session=made, here=ids, presenting=ids, expected_seq=0, by=people.alice, now=NOW)
    made.refresh_from_db()
    clock.shift(timedelta(seconds=10))
    return made
