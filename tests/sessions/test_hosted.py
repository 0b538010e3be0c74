"""What the clock says to whoever hosted: planned against real, who had no turn, one card, one thing to try."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from sessions.live import services as live
from sessions.live import starting_services
from sessions.live.log_selectors import state_of
from sessions.models import CircleSession, Participation, SessionRole
from sessions.planning.roles_services import roles_choose
from sessions.rules.hosting import CARDS, StageTime, TryNext, stages_taken, try_next
from tests.factories import NOW, Cast, make_session, sign, signed_in


def held(people: Cast, *, over: int = 0) -> CircleSession:
    """A session that Bob hosted, each segment so many seconds longer than planned."""
    sign(people.circle, people.alice, people.bob, people.carol, people.dave)
    session = make_session(people.circle, people.alice)
    roles_choose(session=session, holders={"host": people.bob}, now=NOW)
    ids = [people.alice.pk, people.bob.pk, people.carol.pk, people.dave.pk]
    clock = session.starts_at
    state = starting_services.session_start(
        session=session, here=ids, presenting=ids[:1], expected_seq=0, by=people.bob, now=clock
    )
    seat = min(state.steerers)
    while state.phase != "ended":
        clock += timedelta(seconds=state.segments[state.index].seconds + over)
        state = live.session_command(session=session, kind="next", seat=seat, expected_seq=state.seq, now=clock)
    session.refresh_from_db()
    return session


def test_stages_are_summed_in_their_order_and_what_never_began_took_nothing() -> None:
    planned = [("in", 60), ("in", 60), ("work", 600), ("out", 60)]
    took = [("in", 50), ("in", 90), ("work", 900), ("more", 30)]
    assert stages_taken(planned, took) == [
        StageTime("in", 120, 140), StageTime("work", 600, 900), StageTime("out", 60, 0), StageTime("more", 0, 30),
    ]  # fmt: skip
    assert [one.is_notable for one in stages_taken(planned, took)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("stages", "even", "passed", "found"),
    [
        ([StageTime("a", 600, 600)], 90, 1, TryNext.CALL_THE_QUIET),
        ([StageTime("a", 600, 660)], 90, 0, TryNext.SAY_THE_TIME),
        ([StageTime("a", 300, 400), StageTime("b", 600, 500)], 90, 0, TryNext.LET_IT_END),
        ([StageTime("a", 600, 600)], 59, 0, TryNext.LEAVE_SILENCE),
        ([StageTime("a", 600, 600)], 60, 0, TryNext.HAND_OVER),
        ([StageTime("a", 600, 600)], None, 0, TryNext.HAND_OVER),
    ],
)
def test_one_thing_to_try_is_what_the_clock_shows_first(
    stages: list[StageTime], even: int | None, passed: int, found: TryNext
) -> None:
    assert try_next(stages, even=even, passed_over=passed) == found
    assert found in CARDS


def test_only_whoever_hosted_sees_the_page(people: Cast, clock: Any) -> None:
    session = held(people, over=30)
    clock.move_to(session.ended_at)
    path, page = reverse("sessions:hosted", args=[session.code]), reverse("sessions:session", args=[session.code])
    shown = signed_in(people.bob).get(path)
    assert shown.status_code == 200
    text = shown.content.decode()
    assert "Next time, say aloud when half of a turn is over" in text
    assert sum(state_of(session).spent) // 1000 > sum(one.seconds for one in state_of(session).planned)
    assert path in signed_in(people.bob).get(page).content.decode()
    for other in (people.alice, people.carol, people.erin):
        client = signed_in(other)
        assert client.get(path).status_code == 404
        assert path not in client.get(page).content.decode()


def test_it_names_who_came_and_had_no_turn(people: Cast, clock: Any) -> None:
    session = held(people)
    clock.move_to(session.ended_at)
    Participation.objects.filter(session=session, user=people.dave).update(floor_seconds=0)
    text = signed_in(people.bob).get(reverse("sessions:hosted", args=[session.code])).content.decode()
    assert "Dave" in text
    assert "call whoever has not spoken by name" in text
    assert "Carol" not in text.partition('id="even-h"')[2].partition("</section>")[0]


def test_of_a_session_that_is_not_held_there_is_none(people: Cast, clock: Any) -> None:
    session = make_session(people.circle, people.alice)
    SessionRole.objects.update_or_create(session=session, role_key="host", defaults={"user": people.bob})
    assert signed_in(people.bob).get(reverse("sessions:hosted", args=[session.code])).status_code == 404
