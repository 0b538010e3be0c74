"""Plans add up to the second, nobody is left out, time is equal where it is promised, and what gives is said."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.formats.library import rules
from sessions.rules.clock import clock_of
from sessions.rules.format import FormatRule, suits
from sessions.rules.replan import changes, deputy, replan, with_turn
from sessions.rules.seating import sit_down
from sessions.rules.timeline import (
    Plan,
    PlanError,
    Segment,
    choices,
    divide,
    fitted,
    plan,
    present_today,
    resize,
    shrink,
)

RULES = rules()
COUNCIL, TWO_HOUR, TRIAD = RULES["council"], RULES["two_hour"], RULES["triad"]
CASES = [(key, size) for key, rule in RULES.items() for size in range(rule.least, rule.most + 1)]


def seats(size: int) -> list[int]:
    return list(range(1, size + 1))


def full(rule: FormatRule, size: int, **options: Any) -> Plan:
    return plan(rule, seats(size), seats(size)[: rule.most_presenters], **options)


def shared_equally(made: Plan) -> set[int]:
    return {made.turn(seat) for seat in made.presenters}


@pytest.mark.parametrize(("key", "size"), CASES)
def test_every_library_format_plans_for_every_size(key: str, size: int) -> None:
    rule = RULES[key]
    made = full(rule, size, host=1)
    assert made.seconds == sum(segment.seconds for segment in made.segments)
    assert all(segment.seconds > 0 for segment in made.segments)
    frame = [rule.opening, *rule.ending]
    ends = [made.segments[0], *made.segments[1 - len(frame) :]]
    assert [(one.stage, one.seconds) for one in ends] == [(stage.key, stage.seconds) for stage in frame]
    assert made.presenters == tuple(seats(size)[: rule.most_presenters])
    assert max(shared_equally(made), default=0) - min(shared_equally(made), default=0) <= 1
    for stage in rule.stages.values():
        turns = [s for s in made.segments if s.stage == stage.key]
        if stage.goes_round:
            everybody = {s.speaker for s in turns} | ({s.presenter for s in turns} - {None})
            assert everybody == set(seats(size)), stage.key
            assert max(s.seconds for s in turns) - min(s.seconds for s in turns) <= 1


@pytest.mark.parametrize(("key", "size"), CASES)
@settings(max_examples=12, deadline=None)
@given(room=st.integers(10, 300), share=st.integers(1, 12))
def test_what_gives_fits_and_never_touches_the_check_out(key: str, size: int, room: int, share: int) -> None:
    rule = RULES[key]
    presenters = seats(size)[: min(rule.most_presenters, max(rule.least_presenters, share))]
    kinds = [choice.kind for choice in choices(rule, seats(size), presenters, room=room * 60)]
    assert kinds[-1:] == ["longer"] or not kinds
    for choice in choices(rule, seats(size), presenters, room=room * 60):
        assert choice.kind == "longer" or choice.plan.over == 0
        assert set(choice.plan.presenters) | set(choice.waiting) >= set(presenters)
        assert max(shared_equally(choice.plan), default=0) - min(shared_equally(choice.plan), default=0) <= 1
        for segment in choice.plan.segments:
            stage = rule.stage(segment.stage)
            if stage.part in ("opening", "check_out", "closing") and stage.kind in ("fixed", "each"):
                assert segment.seconds == stage.seconds


@given(st.integers(0, 10_000), st.lists(st.integers(0, 50), min_size=1, max_size=12))
def test_parts_make_the_whole(whole: int, weights: list[int]) -> None:
    parts = divide(whole, weights)
    assert sum(parts) == (whole if sum(weights) else 0)
    equal = divide(whole, [1] * len(weights))
    assert max(equal) - min(equal) <= 1


def test_council_in_an_hour_says_what_gives() -> None:
    found = choices(COUNCIL, seats(5), [1, 2, 3], room=3600, waits=[3, 1, 2, 4, 5])
    assert [(c.kind, c.plan.minutes, c.plan.presenters, c.waiting) for c in found] == [
        ("shorter", 60, (1, 2, 3), ()),
        ("fewer", 50, (1, 3), (2,)),
        ("longer", 66, (1, 2, 3), ()),
    ]
    shorter = {s.stage: s.seconds for s in found[0].plan.segments}
    assert (shorter["present"], shorter["questions"], shorter["counsel"]) == (180, 180, 480)


def test_counsel_gives_before_questions_and_rounds() -> None:
    at_floor = plan(COUNCIL, seats(3), seats(3), room=60, fit=True)
    lengths = {s.stage: s.seconds for s in at_floor.segments}
    assert lengths == {
        "opening": 240, "check_in": 30, "present": 120, "questions": 120, "counsel": 300, "check_out": 60, "closing": 120, "thank_you": 120,
    }  # fmt: skip
    assert at_floor.over == at_floor.seconds - 60
    a_little = plan(COUNCIL, seats(3), seats(3), room=full(COUNCIL, 3).seconds - 60, fit=True)
    assert {s.stage for s in a_little.segments if s.seconds < COUNCIL.stage(s.stage).seconds} == {"counsel"}


def test_agreed_minutes_leave_the_whole_as_it_was() -> None:
    made = plan(TWO_HOUR, [1, 2, 3, 4], [1, 2, 3, 4], turns={1: 20 * 60, 3: 30 * 60})
    assert {seat: made.turn(seat) for seat in (1, 2, 3, 4)} == {1: 1200, 2: 1200, 3: 1800, 4: 1200}
    assert made.seconds == full(TWO_HOUR, 4).seconds
    uneven = plan(COUNCIL, [1, 2, 3], [1, 2, 3], turns={1: 25 * 60})
    assert [uneven.turn(seat) for seat in (1, 2, 3)] == [1500, 690, 690]
    assert uneven.seconds == full(COUNCIL, 3).seconds


@pytest.mark.parametrize(
    ("people", "presenters", "turns", "kind"),
    [
        ([], [], {}, "nobody"),
        ([1, 2, 3], [1, 9], {}, "absent_presenter"),
        ([1, 2, 3], [], {}, "few_presenters"),
        ([1, 2, 3], [1, 2], {3: 600}, "turn_of_nobody"),
        ([1, 2, 3], [1, 2], {7: 600}, "turn_of_nobody"),
        ([1, 2, 3], [1, 2], {1: 0}, "turn_too_short"),
        ([1, 2, 3], [1, 2], {1: -600}, "turn_too_short"),
        ([1, 2, 3], [1, 2], {1: 60}, "turn_too_short"),
        ([1, 2, 3], [1, 2], {1: 30 * 60}, "rest_too_short"),
    ],
)
def test_what_cannot_be_planned_is_an_error_with_its_reason(
    people: list[int], presenters: list[int], turns: dict[int, int], kind: str
) -> None:
    with pytest.raises(PlanError) as caught:
        plan(COUNCIL, people, presenters, turns=turns)
    assert caught.value.kind == kind


def test_more_presenters_than_a_format_holds_is_an_error() -> None:
    with pytest.raises(PlanError, match="many_presenters"):
        plan(RULES["forum"], seats(5), [1, 2])


def test_split_time_is_shared_by_those_who_present_up_to_the_most() -> None:
    assert {made.turn(1) for made in (plan(TWO_HOUR, seats(4), seats(4)[:n]) for n in (4, 3, 2))} == {1350, 1800}
    seven = plan(RULES["hot_seat"], seats(7), [1, 2])
    assert seven.turn(1) == seven.turn(2) == 45 * 60 // 2


def test_the_rest_takes_what_is_left() -> None:
    clearness = RULES["clearness"]
    long = plan(clearness, seats(5), [1], room=150 * 60)
    assert (long.seconds, long.over, long.spare) == (150 * 60, 0, 0)
    tight = plan(clearness, seats(5), [1], room=30 * 60)
    assert {s.stage: s.seconds for s in tight.segments}["questions"] == clearness.stage("questions").least


def test_a_range_takes_what_is_to_spare() -> None:
    clinic = RULES["case_clinic"]
    made = plan(clinic, seats(4), [1], room=80 * 60, fit=True)
    assert {s.stage: s.seconds for s in made.segments}["dialogue"] == 30 * 60
    assert made.seconds <= 80 * 60


def test_optional_stages_can_be_left_out() -> None:
    learning = RULES["action_learning"]
    without = plan(learning, seats(5), [1, 2], without=["resources"])
    assert full(learning, 5).segments != without.segments
    assert "resources" not in {s.stage for s in without.segments}
    kinds = [c.kind for c in choices(learning, seats(5), [1, 2], room=87 * 60)]
    assert kinds[0] == "without"


def test_in_a_triad_everybody_is_everything_once() -> None:
    made = plan(TRIAD, [2, 3, 1], [2])
    coaching = [(s.presenter, s.coach) for s in made.segments if s.stage == "coaching"]
    observers = [s.speaker for s in made.segments if s.stage == "observer_says"]
    assert coaching == [(2, 3), (3, 1), (1, 2)]
    assert observers == [1, 2, 3]
    assert shared_equally(made) == {38 * 60}


def test_breaks_stand_between_two_turns_only() -> None:
    stages = [s.stage for s in full(RULES["executive_forum"], 8).segments]
    assert stages.count("second_break") == 1
    assert stages.index("take_away") < stages.index("second_break") < len(stages) - stages[::-1].index("present")
    one = plan(RULES["executive_forum"], seats(6), [1])
    assert "second_break" not in {s.stage for s in one.segments}


def test_who_presents_when_not_everybody_can() -> None:
    assert present_today(RULES["forum"], [1, 2, 3], [3, 1, 2]) == [3]
    assert present_today(COUNCIL, [1, 2], [2, 1]) == [2, 1]
    assert present_today(TRIAD, [1, 2, 3], []) == [1, 2, 3]


def test_what_was_chosen_applies_only_where_it_is_needed() -> None:
    assert fitted(COUNCIL, seats(4), seats(4), room=7200, how="fewer") == full(COUNCIL, 4, room=7200)
    assert len(fitted(COUNCIL, seats(4), seats(4), room=3600, how="fewer").presenters) == 2
    assert fitted(COUNCIL, seats(4), seats(4), room=3600, how="longer").over > 0
    assert fitted(COUNCIL, seats(4), seats(4), room=3600, how="").over > 0


def test_a_case_chosen_in_the_session_has_an_open_place_until_then() -> None:
    rule = RULES["incident_intervision"]
    made = plan(rule, seats(5), [])
    assert {s.presenter for s in made.segments} == {None}
    at = next(at for at, s in enumerate(made.segments) if s.stage == "questions")
    rest = replan(rule, made.segments[at:], chosen=3)
    assert {s.presenter for s in rest if rule.tiers[s.stage] in (0, 1)} == {3}
    assert 3 not in {s.speaker for s in rest if s.stage == "advice"}
    assert [s.speaker for s in rest if s.stage == "evaluate"] == [3]


def test_the_timekeeper_has_a_deputy_for_their_own_turn() -> None:
    assert deputy([4, 2, 3], 2, 2) == 3
    assert deputy([4, 2, 3], 3, 3) == 4
    assert deputy([4, 2, 3], 2, 4) is None
    assert deputy([4, 2, 3], None, 4) is None
    assert deputy([2], 2, 2) is None


def test_going_on_without_somebody_drops_their_turns_only() -> None:
    made = full(COUNCIL, 4)
    rest = replan(COUNCIL, made.segments[1:], left=[2])
    assert 2 not in {s.speaker for s in rest} | {s.presenter for s in rest}
    assert {s.speaker for s in rest if s.stage == "check_out"} == {1, 3, 4}
    assert shared_equally(Plan(tuple(rest), (1, 3, 4))) == {16 * 60}


def test_who_comes_late_joins_the_rounds_that_are_left() -> None:
    made = plan(COUNCIL, [1, 2, 3], [1, 2])
    running = made.segments[2]
    rest = replan(COUNCIL, made.segments[3:], present=running, came=[4])
    assert [s.speaker for s in rest if s.stage == "check_in"] == [3, 4]
    assert [s.speaker for s in rest if s.stage == "check_out"] == [1, 2, 3, 4]
    forum = plan(RULES["forum"], [1, 2, 3, 4], [2])
    joined = replan(RULES["forum"], forum.segments, came=[5])
    assert [s.speaker for s in joined if s.stage == "experience"] == [1, 3, 4, 5]
    again = replan(RULES["forum"], joined, came=[5])
    assert again == joined


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(CASES), st.integers(0, 40), st.integers(0, 9000))
def test_a_re_plan_fits_or_stands_at_its_floors(case: tuple[str, int], at: int, room: int) -> None:
    rule = RULES[case[0]]
    made = full(rule, case[1])
    rest = list(made.segments[min(at, len(made.segments)) :])
    now = replan(rule, rest, room=room)
    total = sum(s.seconds for s in now)
    assert [(s.stage, s.speaker, s.presenter) for s in now] == [(s.stage, s.speaker, s.presenter) for s in rest]
    assert all(new.seconds <= old.seconds for new, old in zip(now, rest, strict=True))
    assert total <= room or shrink(rule, now, 0) == now
    assert sum(c.count * (c.before - c.now) for c in changes(rest, now)) == sum(s.seconds for s in rest) - total


def test_somebody_who_brings_something_late_presents_after_the_others() -> None:
    made = plan(COUNCIL, [1, 2, 3], [1, 2])
    rest = with_turn(COUNCIL, made.segments[4], made.segments[5:], [1, 2, 3], 3)
    assert [s.presenter for s in rest if s.stage == "present"] == [2, 3]
    assert [s.stage for s in rest][-5:] == ["check_out", "check_out", "check_out", "closing", "thank_you"]
    assert sum(s.seconds for s in rest if s.presenter == 3) == 16 * 60
    assert with_turn(COUNCIL, made.segments[4], made.segments[5:], [1, 2, 3], 2) == []
    assert with_turn(COUNCIL, made.segments[-2], made.segments[-1:], [1, 2, 3], 3) == []
    assert with_turn(TRIAD, full(TRIAD, 3).segments[0], full(TRIAD, 3).segments[1:], [1, 2, 3], 3) == []
    shared = plan(TWO_HOUR, [1, 2, 3, 4], [1, 2])
    more = with_turn(TWO_HOUR, shared.segments[0], shared.segments[1:], [1, 2, 3, 4], 3)
    assert sum(s.seconds for s in more if s.presenter == 3) == 30 * 60


def test_an_early_end_gives_back_what_was_taken() -> None:
    made = full(COUNCIL, 4)
    short = replan(COUNCIL, made.segments, room=made.seconds - 600)
    assert {s.seconds for s in short if s.stage == "counsel"} == {450}
    some = replan(COUNCIL, short, room=made.seconds - 300, planned=made.segments)
    assert {s.seconds for s in some if s.stage == "counsel"} == {510}
    assert replan(COUNCIL, short, room=made.seconds + 999, planned=made.segments) == list(made.segments)
    assert replan(COUNCIL, short, room=made.seconds + 999) == short


@given(st.integers(9 * 60, 60 * 60))
def test_a_turn_of_any_length_is_exact(target: int) -> None:
    turn = [Segment("present", 1, 1, 180), Segment("questions", 1, None, 180), Segment("counsel", 1, None, 600)]
    made = resize(COUNCIL, turn, target)
    assert sum(s.seconds for s in made) == target
    assert all(s.seconds >= COUNCIL.stage(s.stage).least for s in made)


def test_every_size_from_two_to_twelve_has_a_format() -> None:
    assert [n for n in range(2, 13) if not [rule for rule in RULES.values() if suits(rule, n)]] == []


def test_agreed_minutes_keep_the_bounds_of_a_turn() -> None:
    """Two of three agreed on 20 and 25 minutes: the third gets the most a turn can have, not all that is left."""
    made = plan(TWO_HOUR, [1, 2, 3], [1, 2, 3], turns={1: 20 * 60, 2: 25 * 60})
    assert [made.turn(seat) // 60 for seat in (1, 2, 3)] == [20, 25, 30]
    with pytest.raises(PlanError, match="turn_too_long") as caught:
        plan(TWO_HOUR, [1, 2, 3], [1, 2, 3], turns={1: 31 * 60})
    assert caught.value.facts == {"seat": 1, "seconds": 31 * 60, "most": 30 * 60}


def test_when_time_is_short_the_others_give_and_what_was_agreed_stays() -> None:
    made = plan(TWO_HOUR, [1, 2, 3], [1, 2, 3], turns={1: 20 * 60, 2: 25 * 60}, room=90 * 60, fit=True)
    assert (made.turn(1), made.turn(2)) == (20 * 60, 25 * 60)
    assert made.turn(3) < 20 * 60


def test_agreed_minutes_are_seconds_of_those_who_present() -> None:
    sitting = sit_down(TWO_HOUR, {11: 1, 12: 2, 13: 3}, bringing=[11, 12], minutes={11: 20, 12: 25, 13: 30, 99: 5})
    assert sitting.turns == {1: 1200, 2: 1500}
    assert sitting.order == (1, 2, 3)


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (134_000, "2:14"), (133_001, "2:14"), (1, "0:01"), (0, "+0:00"), (-999, "+0:00"), (-42_000, "+0:42"),
        (3_600_000, "1:00:00"), (3_599_000, "59:59"), (48 * 3_600_000, "2 d"), (48 * 3_600_000 - 1000, "47:59:59"),
        (12 * 86_400_000 + 1, "12 d"), (-48 * 3_600_000, "+2 d"), (-47 * 3_600_000, "+47:00:00"),
    ],
)  # fmt: skip
def test_what_a_clock_shows(left: int, text: str) -> None:
    assert clock_of(left) == text
