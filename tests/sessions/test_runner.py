"""The fold of the live session: every prefix replays to the same state, and one press is one step."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.rules.runner import (
    COMMANDS,
    Command,
    Event,
    Refusal,
    State,
    decide,
    evolve,
    floor_times,
    replay,
)
from sessions.rules.timeline import Segment

PLAN = (Segment("check_in", None, 1, 60), Segment("present", 1, 1, 180), Segment("questions", 1, None, 180))
START = Command("start", 1, 0, segments=PLAN, seats=frozenset({1, 2, 3}), steerers=frozenset({1}))
T0 = 1_800_000_000_000


def started() -> State:
    event = decide(State(), START, now=T0)
    assert isinstance(event, Event)
    return evolve(State(), event)


def press(state: State, kind: str, by: int = 1, now: int = T0, seconds: int = 60) -> State:
    answer = decide(state, Command(kind, by, state.seq, seconds=seconds), now=now)
    assert isinstance(answer, Event), answer
    return evolve(state, answer)


def test_start_sets_the_first_end() -> None:
    state = started()
    assert (state.phase, state.seq, state.index, state.ends_at) == ("running", 1, 0, T0 + 60_000)


def test_a_press_that_saw_another_moment_is_stale() -> None:
    state = press(started(), "next")
    assert decide(state, Command("next", 1, 1), now=T0) == Refusal("stale")


@pytest.mark.parametrize("kind", ["next", "back", "extend", "end"])
def test_only_those_who_steer_move_the_session(kind: str) -> None:
    state = press(started(), "next")
    assert decide(state, Command(kind, 3, state.seq, seconds=60), now=T0) == Refusal("not_yours")


def test_the_speaker_may_pass_the_piece() -> None:
    state = replace(started(), steerers=frozenset({2}))
    assert press(state, "next", by=1).index == 1


def test_anyone_in_the_session_may_pause_and_go_on_and_no_time_is_lost() -> None:
    paused = press(started(), "pause", by=3, now=T0 + 20_000)
    assert (paused.phase, paused.left, paused.ends_at) == ("paused", 40_000, None)
    resumed = press(paused, "resume", by=2, now=T0 + 500_000)
    assert (resumed.phase, resumed.left, resumed.ends_at) == ("running", None, T0 + 540_000)
    assert decide(started(), Command("pause", 9, 1), now=T0) == Refusal("not_yours")


@pytest.mark.parametrize(("at", "left"), [(59_999, 1), (60_000, 0), (60_001, -1)])
def test_over_time_is_counted_not_cut(at: int, left: int) -> None:
    state = started()
    assert state.remaining(T0 + at) == left
    assert state.phase == "running"


def test_a_minute_more_after_time_is_a_minute_from_now() -> None:
    state = press(started(), "extend", now=T0 + 90_000)
    assert state.ends_at == T0 + 150_000


def test_extending_while_paused_adds_to_what_remains() -> None:
    state = press(press(started(), "pause", now=T0 + 10_000), "extend")
    assert (state.phase, state.left, state.length) == ("paused", 110_000, 120_000)


def test_back_gives_what_was_not_used_and_at_least_half_a_minute() -> None:
    state = press(started(), "next", now=T0 + 20_000)
    assert press(state, "back", now=T0 + 25_000).ends_at == T0 + 25_000 + 40_000
    late = press(started(), "next", now=T0 + 100_000)
    assert press(late, "back", now=T0 + 100_000).ends_at == T0 + 130_000


def test_next_on_the_last_segment_ends() -> None:
    state = press(press(started(), "next"), "next")
    assert state.is_last
    ended = press(state, "next", now=T0 + 5)
    assert (ended.phase, ended.ended_at) == ("ended", T0 + 5)
    assert decide(ended, Command("next", 1, ended.seq), now=T0) == Refusal("not_now")


def test_an_event_of_another_version_is_counted_and_changes_nothing_else() -> None:
    """A log outlives the program that wrote it: whoever goes back to an earlier one still opens the room."""
    state = started()
    later = evolve(state, Event("applauded", 1, T0 + 1_000, {"v": 9}))
    assert later.seq == state.seq + 1
    assert (later.index, later.phase, later.ends_at) == (state.index, state.phase, state.ends_at)


def test_floor_times_are_what_the_own_segments_ran() -> None:
    state = press(started(), "next", now=T0 + 50_000)
    state = press(state, "pause", now=T0 + 60_000)
    state = press(state, "resume", now=T0 + 90_000)
    state = press(state, "next", now=T0 + 100_000)
    state = press(state, "end", now=T0 + 130_000)
    assert state.spent == (50_000, 20_000, 30_000)
    assert floor_times(state) == {1: 70_000}


def test_finish_moves_with_over_time() -> None:
    state = started()
    assert state.finish_at(T0) == T0 + 420_000
    assert state.finish_at(T0 + 70_000) == T0 + 70_000 + 360_000


presses = st.lists(
    st.tuples(
        st.sampled_from(COMMANDS),
        st.integers(0, 4),
        st.integers(-1, 1),
        st.integers(0, 900),
        st.integers(0, 400_000),
    ),
    max_size=60,
)


@given(presses)
def test_any_prefix_of_a_log_replays_to_the_same_state(moves: list[tuple[str, int, int, int, int]]) -> None:
    state, log, states, now = State(), [], [State()], T0
    for kind, by, drift, seconds, passed in moves:
        now += passed
        command = Command(kind, by, state.seq + drift, seconds=seconds)
        if kind == "start":
            command = replace(START, by=by, expected=state.seq + drift)
        answer = decide(state, command, now=now)
        if isinstance(answer, Refusal):
            continue
        assert drift == 0, "a stale press was carried out"
        log.append(answer)
        state = evolve(state, answer)
        states.append(state)
    for cut in range(len(log) + 1):
        assert replay(log[:cut]) == states[cut]
        assert states[cut].seq == cut
    for one in states:
        assert (one.ends_at is None) != (one.phase == "running")
        assert (one.left is None) != (one.phase == "paused")
        assert all(ms >= 0 for ms in one.spent)
        if one.phase == "ended" and one.started_at and one.ended_at:
            assert sum(one.spent) <= one.ended_at - one.started_at
