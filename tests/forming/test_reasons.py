"""Reasons, moves and choices: each sentence's facts are true, and no confidential wish is told by any."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from programmes.forming import moves
from programmes.forming.choices import ALIKE, aims, alike, choices
from programmes.forming.model import MUST, NOT_HERE, Answer, Person, Problem, Rules
from programmes.forming.moves import Scales, Weighed, places_for, places_for_all, weighed_together
from programmes.forming.reasons import (
    AboutCircle,
    AboutPerson,
    AboutWaiting,
    about_circles,
    about_people,
    about_waiting,
)
from programmes.forming.solving import solve
from programmes.forming.tally import bosses_of, breaches, broken, flaws_of, parts_of, unwanted, welcome
from tests.forming.problems import random_problem


def weighed(circles: Sequence[tuple[int, ...]], who: int, to: int | None, problem: Problem) -> Weighed:
    return weighed_together(circles, {who: to}, Scales(problem))


def solved(problem: Problem, seconds: float = 20.0, seed: int = 1) -> Answer:
    return solve(problem, seconds, seed)


def would_join(who: int, circle: tuple[int, ...], problem: Problem) -> bool:
    """Whether this person in that circle breaks nothing, by the plain count."""
    by_id = {one.id: one for one in problem.people}
    people = [by_id[one] for one in {*circle, who}]
    return not broken(people, problem, bosses_of(problem.people)) and not unwanted(people)


def relaxed(problem: Problem, rule: str) -> Problem:
    """The same problem without one rule."""
    rules = problem.rules
    if rule == "size":
        return replace(problem, rules=replace(rules, most=rules.most + 1))
    if getattr(rules, rule, NOT_HERE) == MUST:
        return replace(problem, rules=replace(rules, **{rule: NOT_HERE}))
    return problem


def test_the_one_rule_that_keeps_somebody_waiting_is_true() -> None:
    told: dict[str | None, int] = {}
    for seed in range(300):
        problem = random_problem(seed, 10)
        answer = solve(problem, 20.0)
        for one in about_waiting(answer.circles, problem):
            told[one.rule] = told.get(one.rule, 0) + 1
            if one.rule is None:
                for circle in answer.circles:
                    assert not would_join(one.who, circle, problem), seed
                    for rule in ("times", "manager", "levels", "language", "functions", "met"):
                        if getattr(problem.rules, rule) == MUST:
                            assert not would_join(one.who, circle, relaxed(problem, rule)), (seed, rule)
            else:
                assert would_join(one.who, one.circle, relaxed(problem, one.rule)), (seed, one)
                assert (one.rule == "circles") <= (len(answer.circles) == problem.rules.circles), seed
    assert {None, "size", "circles", "times", "manager", "levels", "functions"} <= set(told)


def test_facts_of_circles_and_people_are_counted() -> None:
    people = (
        Person(
            0, "care", "Bonn", 1, slots=frozenset([1, 2, 3]), languages=frozenset(["de", "en"]), want=frozenset([1, 9])
        ),
        Person(1, "care", "Cork", 1, slots=frozenset([2, 3]), languages=frozenset(["en"])),
        Person(2, "shop", "Cork", 1),
    )
    problem = Problem(people, Rules(3, 3), {(0, 2): 1})
    assert about_circles([(0, 1, 2)], problem) == [
        AboutCircle((0, 1, 2), frozenset([2, 3]), 1, 2, 2, 1, frozenset(["en"]))
    ]
    assert about_people([(0, 1, 2)], problem) == [
        AboutPerson(0, 2, 1, 0, 1, 2, 1),
        AboutPerson(1, 2, 1, 1, 0, 0, 0),
        AboutPerson(2, 2, 0, 1, 0, 0, 1),
    ]


def test_each_reason_to_wait_is_named() -> None:
    four = tuple(Person(at, level=1, slots=frozenset([1])) for at in range(4))
    rules = Rules(4, 5)

    def reason(extra: Person, rules: Rules = rules) -> AboutWaiting:
        problem = Problem((*four, extra), rules)
        return about_waiting([(0, 1, 2, 3)], problem)[0]

    whole = (0, 1, 2, 3)
    assert reason(Person(4, slots=frozenset([2]))) == AboutWaiting(4, "times", whole)
    assert reason(Person(4, manager=2)) == AboutWaiting(4, "manager", whole)
    assert reason(Person(4, level=3)) == AboutWaiting(4, "levels", whole)
    assert reason(Person(4), Rules(4, 4)) == AboutWaiting(4, "size", whole)
    assert reason(Person(4, level=1)) == AboutWaiting(4, "open", whole)
    assert reason(Person(4, kinds=frozenset(["new"])), Rules(4, 5, waiting=20, alone=30)) == AboutWaiting(
        4, "alone", whole
    )
    assert reason(Person(4, level=3, manager=2)) == AboutWaiting(4, None)
    assert reason(Person(4, avoid=frozenset([2]))) == AboutWaiting(4, None)


def test_facts_about_others_are_the_same_with_and_without_a_confidential_wish() -> None:
    for seed in range(100):
        problem = random_problem(seed, 10)
        circles = solve(problem, 20.0).circles
        open_book = replace(problem, people=tuple(replace(one, avoid=frozenset()) for one in problem.people))
        assert about_circles(circles, problem) == about_circles(circles, open_book)
        assert about_people(circles, problem) == about_people(circles, open_book)
        assert parts_of(circles, problem) == parts_of(circles, open_book)
        for at, circle in enumerate(circles):
            for one in problem.people:
                if one.id not in circle:
                    assert weighed(circles, one.id, at, problem) == weighed(circles, one.id, at, open_book)


def test_a_move_costs_what_the_whole_proposal_then_costs_more() -> None:
    for seed in range(100):
        problem = random_problem(seed, 10)
        circles = [list(circle) for circle in solve(problem, 20.0).circles]
        before = sum(parts_of(circles, problem).values())
        for one in problem.people[:3]:
            for to in [None, *range(len(circles))]:
                after = [[who for who in circle if who != one.id] for circle in circles]
                if to is not None:
                    after[to].append(one.id)
                cost = sum(parts_of([circle for circle in after if circle], problem).values()) - before
                same = to is not None and one.id in circles[to]
                assert weighed([tuple(c) for c in circles], one.id, to, problem).cost == (0 if same else cost), seed


def test_a_move_says_what_it_breaks_and_what_it_mends() -> None:
    people = tuple(
        Person(at, function="care", slots=frozenset([1, 2]), manager=0 if at == 4 else None) for at in range(9)
    )
    problem = Problem(people, Rules(4, 5))
    circles = [(0, 1, 2, 3, 4), (5, 6, 7, 8)]
    assert weighed(circles, 4, 1, problem) == Weighed({}, (), ("manager",))
    assert weighed(circles, 3, 1, problem) == Weighed({}, (), ())
    assert weighed(circles, 8, 0, problem) == Weighed({"functions": 20}, ("size",), ())
    assert weighed(circles, 8, None, problem).cost == 1000 - 30


def test_whoever_comes_late_joins_the_circle_where_that_costs_least() -> None:
    people = (
        *(Person(at, "care", slots=frozenset([1])) for at in range(4)),
        *(Person(at, "shop", slots=frozenset([1])) for at in range(4, 8)),
        Person(8, "care", slots=frozenset([1])),
    )
    problem = Problem(people, Rules(4, 5))
    circles = [(0, 1, 2, 3), (4, 5, 6, 7)]
    assert places_for(circles, 8, Scales(problem)) == [1, 0]
    assert places_for(circles, 8, Scales(replace(problem, locked=((4, 5, 6, 7),)))) == [0]
    shy = (*people[:8], replace(people[8], avoid=frozenset([4])))
    assert places_for(circles, 8, Scales(replace(problem, people=shy))) == [0]
    busy = (*people[:8], replace(people[8], slots=frozenset([2])))
    assert places_for(circles, 8, Scales(replace(problem, people=busy))) == []
    # Whoever has left makes the difference: the circle that has become too small comes first, whatever it costs.
    assert places_for([(0, 1), (4, 5, 6, 7)], 8, Scales(problem)) == [0, 1]
    assert places_for([(0,), (4, 5, 6, 7)], 8, Scales(problem)) == [0, 1], (
        "one of four is still too few, and better than none"
    )


@pytest.mark.parametrize("seed", range(60))
def test_those_who_come_late_move_nobody_and_break_nothing(seed: int) -> None:
    problem = random_problem(seed, 12)
    late = [one.id for one in problem.people][::3]
    there = [one.id for one in problem.people if one.id not in late]
    circles = [tuple(there[:2]), tuple(there[2:5]), tuple(there[5:])]
    not_into = {late[0]: {0}} if late else {}
    seats = [1, 2, 9]
    found = places_for_all(circles, seats, late, Scales(problem), not_into)
    assert all(list(found.values()).count(at) <= free for at, free in enumerate(seats))
    assert set(found) <= set(late)
    assert found.get(late[0] if late else -1) != 0
    by_id, bosses = {one.id: one for one in problem.people}, bosses_of(problem.people)
    for at, circle in enumerate(circles):
        new = [who for who, to in found.items() if to == at]
        if new:
            after = [by_id[who] for who in (*circle, *new)]
            assert len(after) <= problem.rules.most
            before = broken([by_id[who] for who in circle], problem, bosses)
            assert set(broken(after, problem, bosses)) <= {*before, "size"}
            assert all(welcome(by_id[who], after) for who in new)
    for who in set(late) - set(found):
        as_placed = [(*circle, *(one for one, to in found.items() if to == at)) for at, circle in enumerate(circles)]
        taken = {at for at, free in enumerate(seats) if list(found.values()).count(at) == free}
        shut = not_into.get(who, set()) | taken
        assert set(places_for(as_placed, who, Scales(problem))) <= shut, "nobody waits beside a free place"


def test_up_to_three_proposals_really_differ_and_are_told_under_the_same_rules() -> None:
    for seed in range(12):
        problem = random_problem(400 + seed, 12, Rules(3, 4, 3, functions=4, places=3, wishes=4, met=9, levels=6))
        made = choices(problem, 60.0, 1, solved)
        assert made[0].aim == "rules"
        assert len(made) <= 3
        for at, one in enumerate(made):
            assert flaws_of(one.answer.circles, problem) == []
            assert one.answer.parts == parts_of(one.answer.circles, problem)
            assert one.answer.bound == made[0].answer.cost
            assert one.answer.cost >= made[0].answer.cost
            assert all(alike(one.answer.circles, other.answer.circles) < ALIKE for other in made[:at])


@pytest.mark.parametrize(("functions", "wishes", "count"), [(10, 5, 3), (NOT_HERE, 5, 3), (MUST, NOT_HERE, 2)])
def test_an_aim_without_a_rule_is_none(functions: int, wishes: int, count: int) -> None:
    assert len(aims(Rules(4, 6, functions=functions, wishes=wishes))) == count


def test_a_circle_is_looked_at_once_with_each_who_came_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are to compare: else the page of a large programme takes a second."""
    looked: list[int] = []

    def counted(people: Sequence[Person], *rest: Any) -> Counter[str]:
        looked.append(len(people))
        return breaches(people, *rest)

    monkeypatch.setattr(moves, "breaches", counted)
    people = tuple(Person(one) for one in range(50))
    problem = Problem(people, Rules(3, 8), {})
    circles, late = [tuple(range(at, at + 4)) for at in range(0, 40, 4)], list(range(40, 50))
    scales = Scales(problem)
    found = places_for_all(circles, [4] * 10, late, scales, {})
    assert len(found) == 10
    for who in late:
        places_for(circles, who, scales)
    # Each circle by itself and with each of them, and once more whenever somebody has come in.
    assert len(looked) <= 10 + 10 * 10 + 10 * (1 + 10)
