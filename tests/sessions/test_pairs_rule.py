"""Who coaches with whom: nobody the same partner twice until all have met, whoever comes and goes meanwhile."""

from collections import Counter
from functools import cache
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.rules.pairs import Groups, mended, next_pairs, pairs_in, rounds_ahead

# In how many rounds all have had all: by the number of pairs no fewer will do.
FEWEST = {2: 1, 3: 1, 4: 3, 5: 3, 6: 5, 7: 5, 8: 7}


def is_a_round(groups: Groups, people: list[int]) -> bool:
    """Everybody once, pairs alone and one group of three where the number is odd."""
    sizes = Counter(map(len, groups))
    odd = len(people) % 2
    threes = sizes.pop(3, 0)
    return sorted(one for group in groups for one in group) == sorted(people) and threes == odd and set(sizes) <= {2}


@pytest.mark.parametrize("number", FEWEST)
def test_all_have_all_in_the_fewest_rounds_there_are(number: int) -> None:
    people, past = list(range(number)), list[Groups]()
    met: Counter[tuple[int, int]] = Counter()
    for left in range(FEWEST[number], 0, -1):
        assert len(rounds_ahead(people, past)) == left, "whoever follows it gets there in as many rounds as it told"
        groups = next_pairs(people, past)
        assert is_a_round(groups, people)
        past.append(groups)
        met.update(pairs_in(groups))
    assert set(met) == set(combinations(people, 2))
    if number % 2 == 0:
        assert set(met.values()) == {1}, "nobody had the same partner twice"


@pytest.mark.parametrize("number", [4, 6, 8])
def test_even_numbers_go_round_again_and_again_without_a_partner_twice_in_one_go(number: int) -> None:
    people, past = list(range(number)), list[Groups]()
    for go in (1, 2, 3):
        for _round in range(number - 1):
            past.append(next_pairs(people, past))
        times = Counter(pair for groups in past for pair in pairs_in(groups))
        assert set(times.values()) == {go}


@pytest.mark.parametrize("number", [3, 5, 7])
def test_of_odd_numbers_nobody_has_a_partner_twice_before_it_is_unavoidable(number: int) -> None:
    """Of seven the first three rounds can repeat nobody, and no fourth; of five the first alone."""
    people, past = list(range(number)), list[Groups]()
    for _round in range(FEWEST[number]):
        past.append(next_pairs(people, past))
    first = {3: 1, 5: 1, 7: 3}[number]
    met = Counter(pair for groups in past[:first] for pair in pairs_in(groups))
    assert set(met.values()) == {1}


@pytest.mark.parametrize("number", range(9, 13))
def test_larger_circles_have_all_in_turn(number: int) -> None:
    people, past = list(range(number)), list[Groups]()
    rounds = number - 1 + number % 2
    for _round in range(rounds):
        past.append(next_pairs(people, past))
        assert is_a_round(past[-1], people)
    times = Counter(pair for groups in past for pair in pairs_in(groups))
    assert set(times) == set(combinations(people, 2))
    if number % 2 == 0:
        assert set(times.values()) == {1}


@cache
def _all_rounds(number: int) -> list[Groups]:
    people = list(range(number))
    groups = [(three,) for three in combinations(people, 3)] if number % 2 else [()]
    found = []
    for start in groups:
        rest = [one for one in people if not any(one in group for group in start)]
        found += [tuple(sorted((*start, *pairs))) for pairs in _divided(rest)]
    return found


def _divided(people: list[int]) -> list[tuple[tuple[int, ...], ...]]:
    if not people:
        return [()]
    one, *others = people
    return [((one, other), *rest) for other in others for rest in _divided([it for it in others if it != other])]


def _truly_fewest(number: int, past: list[Groups]) -> int:
    """By trying everything, breadth first."""
    times = Counter(dict.fromkeys(combinations(range(number), 2), 0))
    times.update(pair for groups in past for pair in pairs_in(groups))
    least = min(times.values())
    open_ones = {frozenset(pair for pair, n in times.items() if n == least)}
    rounds = 0
    while frozenset() not in open_ones:
        open_ones = {one - frozenset(pairs_in(groups)) for one in open_ones for groups in _all_rounds(number)}
        rounds += 1
    return rounds


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 6), st.data())
def test_no_fewer_rounds_would_do_whatever_was_before(number: int, data: st.DataObject) -> None:
    past = data.draw(st.lists(st.sampled_from(_all_rounds(number)), max_size=4))
    assert len(rounds_ahead(list(range(number)), past)) == _truly_fewest(number, past)


COMING = st.lists(st.sampled_from(["round", "round", "round", "join", "leave"]), max_size=24)


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 8), COMING, st.randoms(use_true_random=False))
def test_whoever_comes_and_goes_everybody_has_a_partner_and_few_change(number: int, events: list[str], chance) -> None:  # type: ignore[no-untyped-def]
    people, newest, past = list(range(number)), number, list[Groups]()
    now = next_pairs(people, past)
    for event in events:
        before = now
        if event == "join" and len(people) < 8:
            people.append(newest)
            newest += 1
            now = mended(now, people, past)
        elif event == "leave" and len(people) > 3:
            people.remove(chance.choice(people))
            now = mended(now, people, past)
        elif event == "round":
            past.append(now)
            ahead = rounds_ahead(people, past)
            now = ahead[0]
            lacking = _lacking(people, past)
            fresh = [pair for pair in pairs_in(now) if pair in lacking]
            assert fresh, "every round brings somebody a partner they have had least often"
            assert len(ahead) <= len(lacking)
        assert is_a_round(now, people), (event, before, now)
        if event in ("join", "leave"):
            kept = [group for group in before if set(group) <= set(people)]
            changed = [group for group in kept if group not in now]
            assert len(changed) <= 1, "at most one group that was whole is touched"


def _lacking(people: list[int], past: list[Groups]) -> set[tuple[int, int]]:
    times = Counter(dict.fromkeys(combinations(sorted(people), 2), 0))
    times.update(
        pair for groups in past for pair in pairs_in([[one for one in group if one in people] for group in groups])
    )
    return {pair for pair, n in times.items() if n == min(times.values())}


@settings(max_examples=30, deadline=None)
@given(st.integers(4, 8), st.integers(1, 6))
def test_whoever_joins_gets_to_know_all_in_as_many_rounds_as_they_lack_partners(number: int, before: int) -> None:
    people, past = list(range(number)), list[Groups]()
    for _round in range(before):
        past.append(next_pairs(people, past))
    people.append(number)
    met: set[int] = set()
    rounds = 0
    while len(met) < number:
        past.append(next_pairs(people, past))
        met |= {one for pair in pairs_in(past[-1]) if number in pair for one in pair} - {number}
        rounds += 1
        assert rounds <= 2 * number
    assert rounds <= number


def test_the_same_past_leads_to_the_same_round_and_one_or_none_to_nothing() -> None:
    assert next_pairs([], []) == ()
    assert next_pairs([7], []) == ()
    assert next_pairs([9, 4], []) == ((4, 9),)
    past = [next_pairs([3, 1, 2, 5], [])]
    assert next_pairs([3, 1, 2, 5], past) == next_pairs([3, 1, 2, 5], past)
    assert mended(((1, 2), (3, 4)), [1, 3, 4], []) == ((1, 3, 4),)
    assert mended(((1, 2, 3), (4, 5)), [1, 2, 3, 4], []) == ((1, 4), (2, 3))
    assert mended(((1, 2), (3, 4)), [1, 3], []) == ((1, 3),)
    assert mended(((1, 2),), [1], []) == ()
