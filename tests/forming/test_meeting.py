"""Schedules of meetings: everybody once a round, nobody twice where that is said, everybody with everybody."""

import json
from io import StringIO
from itertools import combinations

import pytest
from django.core.management import CommandError, call_command

from programmes.forming.meeting.arrays import shifts
from programmes.forming.meeting.catalogue import COVERINGS, STARTERS
from programmes.forming.meeting.covering import cover, fewest, missing
from programmes.forming.meeting.fields import field
from programmes.forming.meeting.golf import golf, meetings, repeats
from programmes.forming.meeting.planning import everybody, longest, season

Rounds = tuple[list[list[int]], ...]
# Groups, size: rounds known without meeting twice (the published tables), as far as they are reached here.
KNOWN = {
    (3, 3): 4, (4, 3): 4, (4, 4): 5, (5, 3): 7, (5, 4): 5, (5, 5): 6, (6, 3): 8, (6, 4): 7, (6, 5): 6, (6, 6): 3,
    (7, 3): 10, (7, 4): 9, (7, 5): 7, (7, 6): 7, (7, 7): 8, (8, 3): 11, (8, 4): 9, (8, 5): 8, (8, 6): 8, (8, 7): 8,
    (8, 8): 9, (9, 3): 13, (9, 4): 11, (9, 5): 9, (9, 6): 9, (9, 7): 9, (9, 8): 9, (10, 3): 14, (10, 4): 13,
    (10, 5): 9, (10, 6): 7, (10, 7): 7, (10, 8): 5,
}  # fmt: skip


def everybody_once(rounds: Rounds, people: int, most: int) -> bool:
    """Whether each round holds everybody once, in groups of at most so many."""
    whole = list(range(people))
    return all(
        sorted(one for group in turn for one in group) == whole and max(map(len, turn)) <= most for turn in rounds
    )


@pytest.mark.parametrize("order", [2, 3, 4, 5, 7, 8, 9, 16, 25, 27])
def test_fields_are_fields(order: int) -> None:
    of = field(order)
    everything = set(range(order))
    assert all(set(row) == everything for row in of.plus)
    assert all(set(row) == everything for row in of.times[1:])
    assert of.times[1] == tuple(range(order))
    for a, b, c in combinations(range(order), 3):
        assert of.times[a][of.plus[b][c]] == of.plus[of.times[a][b]][of.times[a][c]]


def test_the_known_numbers_of_rounds_are_reached_and_nobody_meets_twice() -> None:
    for (groups, size), known in KNOWN.items():
        rounds = golf(groups, size)
        assert (len(rounds), repeats(rounds)) == (known, 0), (groups, size)
        assert {len(group) for turn in rounds for group in turn} == {size}
        assert everybody_once(rounds, groups * size, size)


def test_every_starter_is_what_gives_its_rounds() -> None:
    assert {at: len(golf(*at)) for at in STARTERS} == {at: KNOWN[at] for at in STARTERS}


@pytest.mark.parametrize("groups", range(2, 31))
def test_no_two_rounds_shift_two_rows_apart_by_the_same(groups: int) -> None:
    for size in range(2, min(groups, 9) + 1):
        of = shifts(groups, size)
        minus = [row.index(0) for row in of.plus]
        for one, other in combinations(range(size), 2):
            apart = [of.plus[turn[one]][minus[turn[other]]] for turn in of.rounds]
            assert len(set(apart)) == len(apart)


def test_four_rounds_without_meeting_twice_for_all_from_twelve_to_a_hundred_and_twenty() -> None:
    for people in range(12, 121):
        for size in range(3, 7):
            plan = season(people, size, 4)
            assert (len(plan.rounds), plan.repeats, plan.proved) == (4, 0, True), (people, size)
            assert repeats(plan.rounds) == 0
            assert everybody_once(plan.rounds, people, size)
            assert min(len(group) for turn in plan.rounds for group in turn) >= (2 if size == 3 else 3)


def test_everybody_meets_everybody() -> None:
    for people in range(2, 41):
        for size in range(2, 9):
            plan = everybody(people, size)
            assert missing(plan.rounds, people) == 0, (people, size)
            assert everybody_once(plan.rounds, people, size)
            assert plan.proved == (len(plan.rounds) == fewest(people, size))
    reached = {
        at: len(cover(*at)) for at in ((13, 5), (22, 8), (22, 6), (25, 7), (18, 6), (28, 4), (30, 3), *COVERINGS)
    }
    assert reached == {
        (13, 5): 4,
        (22, 8): 4,
        (22, 6): 5,
        (25, 7): 5,
        (18, 6): 4,
        (28, 4): 9,
        (30, 3): 15,
        (20, 4): 7,
        (26, 5): 9,
        (30, 6): 7,
    }


def test_more_rounds_than_can_be_without_repeats_spread_them() -> None:
    plan = season(9, 3, 6)
    assert (plan.repeats, plan.proved) == (18, True)
    assert set(meetings(plan.rounds).values()) == {1, 2}


def test_too_few_groups_for_people_to_part_are_made_smaller_or_repeat() -> None:
    assert {len(group) for turn in season(12, 4, 4).rounds for group in turn} == {3}
    whole = season(5, 5, 3)
    assert (whole.rounds, whole.repeats, whole.proved) == (([[0, 1, 2, 3, 4]],) * 3, 20, True)


def test_as_many_rounds_as_are_known_say_whether_more_are_possible() -> None:
    asked = [longest(people, size) for people, size in ((9, 3), (12, 3), (8, 4), (7, 2), (17, 4))]
    assert [(len(one.rounds), one.proved) for one in asked] == [(4, True), (4, False), (1, True), (7, True), (5, False)]


def test_the_same_question_gives_the_same_schedule() -> None:
    assert season(26, 5, 12) == season(26, 5, 12)


def printed(*options: str) -> str:
    out = StringIO()
    call_command("meet_schedule", *options, stdout=out)
    return out.getvalue()


def test_a_schedule_is_printed_as_json_and_for_people() -> None:
    told = json.loads(printed("--people=4", "--size=2", "--everybody", "--json"))
    assert told == {"rounds": [[[0, 3], [1, 2]], [[0, 2], [1, 3]], [[0, 1], [2, 3]]], "repeats": 0, "proved": True}
    assert printed("--people=4", "--size=2", "--rounds=1").splitlines() == [
        "   1  0,3  1,2",
        "nobody meets twice; this cannot be bettered",
    ]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--people=1", "--size=4"), "--people must be a whole number from 2 to 300, not '1'."),
        (("--people=nobody", "--size=4"), "--people must be a whole number from 2 to 300, not 'nobody'."),
        (("--people=9", "--size=1"), "--size must be a whole number from 2 to 20, not '1'."),
        (("--people=9", "--size=3", "--rounds=0"), "--rounds must be a whole number from 1 to 100, not '0'."),
        (("--people=9", "--size=3", "--rounds=2", "--everybody"), "Either --rounds or --everybody, not both."),
    ],
)
def test_what_cannot_be_planned_is_said_in_a_sentence(options: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        printed(*options)
    assert (str(caught.value), caught.value.returncode) == (sentence, 2)
