"""Who coaches with whom between sessions: pairs inside one circle, and one group of three where the number is odd.

Pure. People are numbers. Nobody has the same partner again while somebody is left whom they have not had, as far as
numbers allow: what is chosen leads to everybody having had everybody in the fewest rounds there are.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

Pair = tuple[int, int]
Groups = tuple[tuple[int, ...], ...]
# So many people at most have their rounds searched for; with more they go round a table, which is nearly as good.
SEARCHED = 8
# So many steps of the search at most: eight people need some dozens. Beyond it the best round by itself is taken.
PATIENCE = 400
FEWEST = 3


def pairs_in(groups: Sequence[Collection[int]]) -> list[Pair]:
    """The pairs that some groups make: three of a group of three."""
    return [pair for group in groups for pair in combinations(sorted(group), 2)]


def next_pairs(people: Sequence[int], past: Sequence[Groups]) -> Groups:
    """The groups of the next round for people in the order of their seats; `past` are all rounds so far, oldest first.

    Of `past` only what concerns those who are here counts. Two or fewer are one group, or none.
    """
    return next(iter(rounds_ahead(people, past)), ())


def rounds_ahead(people: Sequence[int], past: Sequence[Groups]) -> list[Groups]:
    """The rounds from here until everybody has had everybody as often as any two have had each other; one at least.

    Following the first of them and asking again leads through as many rounds as are told.
    """
    if len(people) < FEWEST:
        return [(tuple(sorted(people)),)] if len(people) == 2 else []
    plan = _Plan(people, past)
    if len(people) > SEARCHED:
        return [min(_round_a_table(people), key=plan.price)]
    for rounds in range(plan.fewest(plan.lacking), len(plan.lacking) + 1):
        if (found := plan.covered(plan.lacking, rounds)) is not None:
            return found
        if plan.steps <= 0:
            break
    return [plan.choices(plan.lacking)[0]]


def mended(groups: Groups, people: Sequence[int], past: Sequence[Groups]) -> Groups:
    """The same round after somebody came or left: who still has a partner keeps them, as few others change as can.

    Whoever is left without joins a pair, or is joined by one of a group of three; two who are left without are a pair.
    """
    kept = [tuple(one for one in group if one in people) for group in groups]
    whole = [group for group in kept if len(group) > 1]
    alone = [one for one in people if not any(one in group for group in whole)]
    times, last = _counted(people, past)

    def dear(one: int, other: int) -> tuple[int, int]:
        pair = (min(one, other), max(one, other))
        return times[pair], last[pair]

    while len(alone) > 1:
        one = alone.pop(0)
        other = min(alone, key=lambda it: (dear(one, it), it))
        alone.remove(other)
        whole.append((one, other))
    for one in alone:
        three = next((group for group in whole if len(group) > 2), None)
        if three:
            other = min(three, key=lambda it: (dear(one, it), it))
            whole.remove(three)
            whole += [tuple(it for it in three if it != other), (one, other)]
        elif whole:
            joined = min(whole, key=lambda group: (sorted(dear(one, it) for it in group), group))
            whole.remove(joined)
            whole.append((*joined, one))
    return _in_order(whole)


def _in_order(groups: Sequence[Collection[int]]) -> Groups:
    return tuple(sorted(tuple(sorted(group)) for group in groups))


def _counted(people: Sequence[int], past: Sequence[Groups]) -> tuple[Counter[Pair], Counter[Pair]]:
    """How often two of these people had each other, and in which round last (the first is 1)."""
    here = set(people)
    times: Counter[Pair] = Counter()
    last: Counter[Pair] = Counter()
    for at, groups in enumerate(past, start=1):
        for pair in pairs_in([[one for one in group if one in here] for group in groups]):
            times[pair] += 1
            last[pair] = at
    return times, last


class _Plan:
    """A search for the fewest rounds in which all pairs come that have come least often."""

    def __init__(self, people: Sequence[int], past: Sequence[Groups]) -> None:
        self.people = tuple(people)
        self.times, self.last = _counted(people, past)
        every = list(combinations(sorted(people), 2))
        least = min(self.times[pair] for pair in every)
        self.lacking = frozenset(pair for pair in every if self.times[pair] == least)
        odd = len(people) % 2
        self.pairs_a_round = len(people) // 2 + 2 * odd
        self.partners_a_round = 1 + odd
        self.steps = PATIENCE

    def fewest(self, lacking: Collection[Pair]) -> int:
        """No fewer rounds will do: by the number of pairs, and by whoever lacks most partners."""
        of_each = Counter(one for pair in lacking for one in pair)
        most = max(of_each.values(), default=0)
        return max(-(-len(lacking) // self.pairs_a_round), -(-most // self.partners_a_round))

    def covered(self, lacking: frozenset[Pair], rounds: int) -> list[Groups] | None:
        """So many rounds in which all of these pairs come, or None where none was found."""
        if not lacking:
            return []
        if self.fewest(lacking) > rounds or self.steps <= 0:
            return None
        for groups in self.choices(lacking):
            self.steps -= 1
            rest = self.covered(lacking - frozenset(pairs_in(groups)), rounds - 1)
            if rest is not None:
                return [groups, *rest]
        return None

    def choices(self, lacking: frozenset[Pair]) -> list[Groups]:
        """What a round can be, the best first. Whoever lacks most partners gets one of them."""
        of_each = Counter(one for pair in lacking for one in pair)
        first = max(self.people, key=lambda one: (of_each[one], -self.people.index(one)))
        wanted = {pair for pair in lacking if first in pair}
        found = [groups for groups in _partitions(self.people) if wanted & set(pairs_in(groups))]
        return sorted(found, key=lambda groups: self.price(groups, lacking))

    def price(self, groups: Groups, lacking: frozenset[Pair] | None = None) -> tuple[int, int, int, int, Groups]:
        """The less the better: pairs again, how many somebody still lacks, how often again, how lately, in order."""
        still = self.lacking if lacking is None else lacking
        pairs = pairs_in(groups)
        again = [pair for pair in pairs if pair not in still]
        rest = Counter(one for pair in still - set(pairs) for one in pair)
        often, lately = (sum(counts[pair] for pair in again) for counts in (self.times, self.last))
        return len(again), max(rest.values(), default=0), often, lately, groups


def _round_a_table(people: Sequence[int]) -> Iterator[Groups]:
    """One person stays and the others go on by a seat each round, so that everybody has everybody in turn.

    Of an odd number one faces an empty seat each round, and joins a pair: any of them.
    """
    stays, *others = people
    empty = min(people) - 1
    ring = [*others, empty] if len(people) % 2 else others
    for at in range(len(ring)):
        turned = [*ring[at:], *ring[:at]]
        seats = [stays, *turned]
        pairs = [(seats[one], seats[-1 - one]) for one in range(len(seats) // 2)]
        whole = [pair for pair in pairs if empty not in pair]
        left = [one for pair in pairs if empty in pair for one in pair if one != empty]
        if not left:
            yield _in_order(whole)
        for pair in whole if left else ():
            yield _in_order([*(other for other in whole if other != pair), (*pair, *left)])


def _partitions(people: Sequence[int]) -> Iterator[Groups]:
    """Every way to divide people into pairs, with one group of three where their number is odd."""
    if len(people) % 2:
        for three in combinations(people, 3):
            rest = [one for one in people if one not in three]
            for pairs in _matchings(rest):
                yield _in_order([three, *pairs])
    else:
        for pairs in _matchings(people):
            yield _in_order(pairs)


def _matchings(people: Sequence[int]) -> Iterator[list[tuple[int, ...]]]:
    if not people:
        yield []
        return
    one, *others = people
    for at, other in enumerate(others):
        for rest in _matchings([*others[:at], *others[at + 1 :]]):
            yield [(one, other), *rest]
