"""Turns that come later, people who are called, steering that changes hands: nothing is lost and every log replays."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.formats.library import rules
from sessions.rules.commands import replan_command, turn_command
from sessions.rules.runner import COMMANDS, Command, Event, Refusal, State, decide, evolve, replay
from sessions.rules.timeline import Segment, plan
from sessions.rules.turns import called, put_off

RULES = rules()
COUNCIL, FORUM = RULES["council"], RULES["forum"]
PEOPLE = [1, 2, 3, 4]


def started(key: str = "council", presenters: list[int] | None = None) -> tuple[State, list[Event]]:
    rule = RULES[key]
    made = plan(rule, PEOPLE, presenters or PEOPLE[: rule.most_presenters], host=1)
    command = Command(
        "start",
        1,
        0,
        segments=made.segments,
        seats=frozenset(PEOPLE),
        steerers=frozenset({1}),
        order=PEOPLE,
        timekeeper=2,
    )
    event = decide(State(), command, now=0)
    assert isinstance(event, Event)
    return evolve(State(), event), [event]


def speakers(segments: Any, stage: str) -> list[int | None]:
    return [s.speaker for s in segments if s.stage == stage]


def test_in_a_round_whoever_passes_speaks_at_its_end() -> None:
    made = plan(COUNCIL, PEOPLE, [1])
    present, rest = made.segments[1], made.segments[2:]
    assert present.speaker == 1
    later = put_off(COUNCIL, present, rest)
    assert later
    assert speakers(later, "check_in") == [2, 3, 4, 1]
    assert len(later) == len(rest) + 1


def test_the_last_of_a_round_who_passes_lets_it_go() -> None:
    made = plan(COUNCIL, PEOPLE, [1])
    present, rest = made.segments[4], made.segments[5:]
    assert put_off(COUNCIL, present, rest) == list(rest)


def test_a_presenter_who_is_not_ready_comes_after_the_others() -> None:
    made = plan(COUNCIL, PEOPLE, [1, 2, 3])
    at = next(at for at, s in enumerate(made.segments) if s.stage == "present")
    later = put_off(COUNCIL, made.segments[at], made.segments[at + 1 :])
    assert later
    assert [s.presenter for s in later if s.stage == "present"] == [2, 3, 1]
    assert [s.stage for s in later if s.presenter == 1] == ["present", "questions", "counsel"]
    only = plan(COUNCIL, PEOPLE, [1])
    let_go = put_off(COUNCIL, only.segments[at], only.segments[at + 1 :])
    assert let_go
    assert {s.presenter for s in let_go} == {None}


def test_nobodys_turn_cannot_come_later() -> None:
    made = plan(COUNCIL, PEOPLE, [1], host=1)
    assert put_off(COUNCIL, made.segments[0], made.segments[1:]) is None


def test_somebody_is_called_in_a_round_or_to_present() -> None:
    made = plan(COUNCIL, PEOPLE, [1, 2, 3])
    now = called(COUNCIL, made.segments[1], made.segments[2:], 4)
    assert now
    assert speakers(now, "check_in") == [4, 2, 3]
    at = next(at for at, s in enumerate(made.segments) if s.stage == "questions")
    after = called(COUNCIL, made.segments[at], made.segments[at + 1 :], 3)
    assert after
    assert [s.presenter for s in after if s.presenter] == [1, 3, 3, 3, 2, 2, 2]
    assert called(COUNCIL, made.segments[at], made.segments[at + 1 :], 1) is None
    assert called(COUNCIL, made.segments[at], made.segments[at + 1 :], 4) is None


def test_passing_moves_on_at_once_and_only_for_those_whose_turn_it_is() -> None:
    state, _log = started()
    state = evolve(state, decide(state, Command("next", 1, 1), now=1000))  # type: ignore[arg-type]
    assert state.segment
    assert state.segment.speaker == 1
    for seat, outcome in ((3, Refusal), (1, Event)):
        command = turn_command(COUNCIL, state, "put_off", by=seat, expected=state.seq)
        assert command
        assert isinstance(decide(state, command, now=2000), outcome)


def test_stopping_for_the_day_is_anybodys_once_it_is_paused() -> None:
    state, _log = started()
    assert decide(state, Command("stop", 4, 1), now=1) == Refusal("not_now")
    assert decide(state, Command("end", 4, 1), now=1) == Refusal("not_yours")
    paused = evolve(state, decide(state, Command("pause", 3, 1), now=1))  # type: ignore[arg-type]
    stopped = evolve(paused, decide(paused, Command("stop", 4, 2), now=2))  # type: ignore[arg-type]
    assert (stopped.phase, stopped.stopped) == ("ended", True)
    assert decide(paused, Command("stop", 9, 2), now=2) == Refusal("not_yours")


def test_steering_is_handed_over_to_somebody_who_is_there() -> None:
    state, _log = started()
    event = decide(state, Command("hand_over", 1, 1, steerers=frozenset({3})), now=5)
    assert isinstance(event, Event)
    after = evolve(state, event)
    assert (after.steers(3), after.steers(1)) == (True, False)
    assert decide(state, Command("hand_over", 1, 1, steerers=frozenset({99})), now=5) == Refusal("not_now")
    assert decide(state, Command("hand_over", 4, 1, steerers=frozenset({4})), now=5) == Refusal("not_yours")


PRESSES = st.lists(
    st.tuples(
        st.sampled_from([*COMMANDS, "put_off", "call", "left", "came", "time", "hand_over", "take_over"]),
        st.integers(1, 5),
        st.integers(1, 5),
        st.integers(0, 900),
    ),
    max_size=40,
)


def build(rule: Any, state: State, kind: str, by: int, who: int, now: int) -> Command | None:
    if kind in ("put_off", "call"):
        return turn_command(rule, state, kind, by=by, expected=state.seq, who=who)
    if kind in ("left", "came", "time"):
        return replan_command(rule, state, kind, by=by, expected=state.seq, who=who, ends_ms=3_600_000, now=now)
    if kind in ("hand_over", "take_over"):
        return Command(kind, by, state.seq, steerers=frozenset({who}))
    return Command(kind, by, state.seq, seconds=60)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(["council", "forum", "two_hour", "troika"]), PRESSES)
def test_any_presses_leave_a_log_that_replays(key: str, presses: list[tuple[str, int, int, int]]) -> None:
    state, log = started(key)
    now = 0
    for kind, by, who, seconds in presses:
        now += seconds * 1000
        command = build(RULES[key], state, kind, by, who, now)
        answer = decide(state, command, now=now) if command else Refusal("not_now")
        if isinstance(answer, Event):
            log.append(answer)
            state = evolve(state, answer)
        assert replay(log) == state
        assert len(state.spent) == len(state.segments)
        assert 0 <= state.index < len(state.segments)
        assert all(segment.seconds > 0 for segment in state.segments)
        assert sum(state.spent) <= now


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 20), st.lists(st.integers(0, 1), min_size=1, max_size=30))
def test_whoever_passes_is_offered_again_until_nobody_is_left(at: int, choices: list[int]) -> None:
    """Passing never loses anybody else's turn, and a round of people who all pass ends."""
    made = plan(FORUM, PEOPLE, [1])
    present, rest = (
        made.segments[min(at, len(made.segments) - 1)],
        list(made.segments[min(at, len(made.segments) - 1) + 1 :]),
    )
    for choice in choices:
        if not rest:
            break
        later = put_off(FORUM, present, rest) if choice else rest
        if later is None:
            later = rest
        others = [s for s in rest if s.presenter != present.presenter or s.speaker != present.speaker]
        assert [s for s in others if s not in later and FORUM.stage(present.stage).goes_round] == []
        present, rest = (later[0], list(later[1:])) if later else (Segment("closing", None, None, 1), [])


@pytest.mark.parametrize("key", list(RULES))
def test_every_turn_of_every_format_can_come_later(key: str) -> None:
    """What comes later is the same turn, or it was the last of its kind and is let go; nobody else loses anything."""
    rule = RULES[key]
    people = list(range(1, rule.most + 1))
    made = plan(rule, people, people[: rule.most_presenters] if rule.before != "choice" else [])
    for at, present in enumerate(made.segments):
        rest = list(made.segments[at + 1 :])
        later = put_off(rule, present, rest)
        if later is None:
            assert present.presenter is None
            continue
        own = [] if rule.stage(present.stage).goes_round else [s for s in rest if s.presenter == present.presenter]
        kept, let_go = Counter([*rest, present]), Counter(s for s in rest if s not in own)
        assert Counter(later) in (kept, let_go)
