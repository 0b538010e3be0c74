"""Which sentences are published together, so that nobody can tell whose they are; the marks that find one again."""

from random import Random
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.rules.sentences import MARKS, MINE, OURS, batch_of, found_by, marks_of


@given(st.dictionaries(st.integers(0, 30), st.lists(st.integers(), max_size=4), max_size=12), st.integers())
def test_a_batch_has_one_of_each_of_five_circles_or_more(agreed: dict[int, list[int]], seed: int) -> None:
    chosen = batch_of(agreed, Random(seed), knows=lambda _one: ())
    have = [some for some in agreed.values() if some]
    assert len(chosen) == (len(have) if len(have) >= 5 else 0)
    assert all(one in {text for some in have for text in some} for one in chosen)


# By circle, who reads each sentence that waits there.
READERS = st.dictionaries(st.integers(0, 12), st.lists(st.frozensets(st.integers(0, 25), max_size=4), max_size=3))


@given(READERS, st.integers())
def test_nobody_has_read_two_of_a_batch_before(agreed: dict[int, list[frozenset[int]]], seed: int) -> None:
    """Whoever wrote one has read it: so five people at least have written those of a batch."""
    offers = {circle: [(circle, readers) for readers in some] for circle, some in agreed.items()}
    chosen = batch_of(offers, Random(seed), knows=lambda one: one[1])
    assert len({circle for circle, _readers in chosen}) == len(chosen)
    read = [person for _circle, readers in chosen for person in readers]
    assert len(read) == len(set(read))
    assert not chosen or len(chosen) >= 5


# Seven circles of three, and Mallory in as many more as the number says, each with three of its own.
OTHERS = {circle: frozenset({10 * circle, 10 * circle + 1, 10 * circle + 2}) for circle in range(1, 8)}


@pytest.mark.parametrize("in_circles", [1, 2, 4, 6])
def test_whoever_is_in_several_circles_guesses_no_better_than_chance(in_circles: int) -> None:
    """Mallory strikes out what they read before it was published, and guesses one of the rest, by place, for a circle."""
    read_by = OTHERS | {20 + n: frozenset({0, 200 + 2 * n, 201 + 2 * n}) for n in range(in_circles)}
    right, guesses = 0, 0
    for seed in range(600):
        chosen = batch_of({circle: [circle] for circle in read_by}, Random(seed), knows=lambda one: read_by[one])
        left = [circle for circle in chosen if 0 not in read_by[circle]]
        assert len(left) == len(OTHERS)
        right += left[0] == 1
        guesses += 1
    # One in seven, and four times what chance may add to it.
    assert right / guesses < 1 / 7 + 4 * (1 / 7 * 6 / 7 / guesses) ** 0.5


def test_the_same_attack_finds_what_a_batch_of_different_writers_tells() -> None:
    """Where Mallory reads along in four of five circles, whoever wrote there, the fifth is told with certainty."""
    read_by = {circle: OTHERS[circle] | {0} for circle in range(1, 5)} | {5: OTHERS[5]}
    writers = {circle: min(readers - {0}) for circle, readers in read_by.items()}
    agreed = {circle: [circle] for circle in read_by}
    told = batch_of(agreed, Random(1), knows=lambda one: {writers[one]})
    assert [circle for circle in told if 0 not in read_by[circle]] == [5]
    assert batch_of(agreed, Random(1), knows=lambda one: read_by[one]) == []


@given(st.lists(st.text(min_size=1), max_size=20, unique=True))
def test_marks_are_always_as_many_and_each_secret_finds_its_own(secrets: list[str]) -> None:
    code = uuid4()
    marks = marks_of(code, writer="w" * 64, others=secrets)
    assert len(marks) == MARKS == len(set(marks))
    assert marks == sorted(marks)
    assert found_by("w" * 64, code, marks) == MINE
    assert found_by("w" * 64, uuid4(), marks) == ""
    assert [found_by(one, code, marks) for one in secrets[:12]] == [OURS] * len(secrets[:12])
