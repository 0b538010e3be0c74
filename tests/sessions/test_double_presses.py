"""Two presses within a moment are one; ending is asked about."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from sessions.enums import ParticipantKind
from sessions.live import log_services, services
from sessions.models import CircleSession, GuestPass, Participation
from sessions.rules.double_presses import PressMade, crosses, made_already
from sessions.rules.runner import Command, Event, State, decide, evolve
from sessions.rules.timeline import Segment
from tests.factories import NOW, Cast, make_session, make_user, signed_in
from tests.sessions.pressing import QUIET, press, room, state

PLAN = (Segment("check_in", None, 1, 60), Segment("check_in", None, 2, 60), Segment("present", 1, 1, 180))


# ---- two presses within a moment ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("apart", "index"), [(80, 1), (250, 1), (700, 1), (999, 1), (1000, 2)])
def test_a_double_click_moves_one_step_whatever_the_page_shows_by_then(
    session: CircleSession, people: Cast, clock: Any, apart: int, index: int
) -> None:
    alice = signed_in(people.alice)
    press(alice, session, "next")
    clock.shift(timedelta(milliseconds=apart))
    answer = press(alice, session, "next", headers=QUIET)
    assert (answer.status_code, state(session).index) == (204, index)


@pytest.mark.parametrize(("apart", "index"), [(0, 1), (600, 1), (1999, 1), (2000, 2)])
def test_next_of_two_people_within_a_moment_is_one_step_and_the_second_is_told(
    session: CircleSession, people: Cast, clock: Any, apart: int, index: int
) -> None:
    press(signed_in(people.alice), session, "next")
    clock.shift(timedelta(milliseconds=apart))
    answer = press(signed_in(people.bob), session, "next", headers=QUIET)
    assert state(session).index == index
    assert (b"has moved on just now" in answer.content) is (index == 1)


def test_the_second_of_two_equal_forms_gets_the_answer_of_the_first(session: CircleSession, people: Cast) -> None:
    alice = signed_in(people.alice)
    for path, form in (("next", {}), ("extend", {"seconds": 60}), ("replan/left", {"who": 4}), ("pause", {})):
        seq = state(session).seq
        for _twice in range(2):
            answer = press(alice, session, path, headers=QUIET, expected_seq=seq, **form)
            assert (answer.status_code, state(session).seq) == (204, seq + 1), path
    assert press(alice, session, "back", headers=QUIET, expected_seq=seq).status_code == 409


def test_start_pressed_twice_starts_once_and_says_nothing_else(people: Cast, clock: Any, db: None) -> None:
    made = make_session(people.circle, people.alice)
    clock.move_to(made.starts_at + timedelta(minutes=5))
    everybody = [str(user.code) for user in (people.alice, people.bob, people.carol)]
    form = {"expected_seq": "0", "here": everybody, "presents": everybody, "how": "longer"}
    path = reverse("sessions:start", args=[made.code])
    for _twice in range(2):
        page = signed_in(people.alice).post(path, form, follow=True).content.decode()
        assert "has started already" not in page
    other = signed_in(people.bob).post(path, form, follow=True).content.decode()
    assert "has started already" in other
    assert state(made).seq == 1


def test_pause_is_heard_at_once_and_a_double_click_does_not_undo_it(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    press(signed_in(people.alice), session, "next")
    carol = signed_in(people.carol)
    press(carol, session, "pause")
    clock.shift(timedelta(milliseconds=300))
    press(carol, session, "resume")
    assert state(session).phase == "paused"
    clock.shift(timedelta(seconds=2))
    press(carol, session, "resume")
    assert state(session).phase == "running"


def test_whoever_left_is_gone_past_and_the_button_that_moves_up_is_not_pressed(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    alice = signed_in(people.alice)
    press(alice, session, "replan/left", who=3)
    clock.shift(timedelta(milliseconds=400))
    press(alice, session, "replan/left", who=4)
    assert set(state(session).order) == {1, 2, 4}


def started() -> State:
    event = decide(
        State(), Command("start", 1, 0, segments=PLAN, seats=frozenset({1, 2}), steerers=frozenset({1, 2})), now=0
    )
    assert isinstance(event, Event)
    return evolve(State(), event)


moves = st.lists(
    st.tuples(st.sampled_from(["next", "back", "pause", "resume"]), st.integers(1, 2), st.integers(0, 3000)),
    max_size=30,
)


@given(moves)
def test_whatever_is_pressed_no_two_steps_lie_within_a_moment(made: list[tuple[str, int, int]]) -> None:
    """Next is never carried out twice by one person within a second, nor by two within two."""
    current, now, nexts = started(), 0, []
    for kind, by, passed in made:
        now += passed
        pressed = PressMade(kind, by, current.seq)
        if crosses(current, pressed, now=now, apart=1000) or made_already(current, pressed, now=now, apart=1000):
            continue
        event = decide(current, Command(kind, by, current.seq), now=now)
        if isinstance(event, Event):
            current = evolve(current, event)
            nexts += [(now, by, current.seq)] if kind == "next" else []
    for (at, by, seq), (later, who, then) in pairwise(nexts):
        if then == seq + 1:
            assert later - at >= (1000 if by == who else 2000)


# ---- ending is asked about ------------------------------------------------------------------------------------------


def last_step(session: CircleSession) -> None:
    while not (now := state(session)).is_last:
        services.session_command(
            session=session, kind="next", seat=1, expected_seq=now.seq, now=NOW + timedelta(seconds=10 + 5 * now.seq)
        )


@pytest.mark.parametrize("kind", ["end", "next"])
def test_one_press_ends_nothing(session: CircleSession, people: Cast, clock: Any, kind: str) -> None:
    if kind == "next":
        last_step(session)
    clock.shift(timedelta(hours=2))
    alice = signed_in(people.alice)
    asked = press(alice, session, kind)
    assert "End the session for all of you?" in asked.content.decode()
    assert press(alice, session, kind, headers=QUIET).status_code == 409
    assert state(session).phase == "running"
    press(alice, session, kind, sure="1")
    assert state(session).phase == "ended"


def test_stopping_for_the_day_is_asked_about_and_is_not_a_guests(
    session: CircleSession, people: Cast, clock: Any
) -> None:
    gus = guest(session, people, seat=5)
    press(gus, session, "pause")
    assert "Stop here for today" not in room(gus, session)
    assert b"Ending it is for the circle." in press(gus, session, "stop", headers=QUIET, sure="1").content
    assert "Stop here for today" in room(signed_in(people.carol), session)
    press(signed_in(people.carol), session, "stop")
    assert state(session).phase == "paused"
    press(signed_in(people.carol), session, "stop", sure="1")
    assert state(session).stopped


def guest(session: CircleSession, people: Cast, *, seat: int | None) -> Client:
    gus = make_user("Gus Guest")
    GuestPass.objects.create(
        session=session, name="Gus", email=gus.email, invited_by=people.alice, created_at=NOW, user=gus, used_at=NOW,
        token_hash="g" * 64, expires_at=NOW + timedelta(days=9),
    )  # fmt: skip
    Participation.objects.create(session=session, user=gus, kind=ParticipantKind.GUEST, seat=seat)
    if seat:
        now = state(session)
        log_services.event_append(
            session,
            Event("seated", seat, now.moved_at, {"v": 1, "seats": [seat]}),
            evolve(now, Event("seated", seat, now.moved_at, {"v": 1, "seats": [seat]})),
        )
    return signed_in(gus)
