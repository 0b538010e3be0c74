"""A schedule for what people ask: so many rounds, as many as go without repeats, or all with all."""

import random
from dataclasses import dataclass

from programmes.forming.meeting.arrays import Round
from programmes.forming.meeting.covering import cover, fewest
from programmes.forming.meeting.golf import golf, meetings, repeats

# Groups are made smaller than asked rather than that people meet twice, but not smaller than this.
SMALLEST = 3
SWAPS = 12_000


@dataclass(frozen=True)
class MeetingPlan:
    """Rounds of groups of people 0…n-1, how many meetings are not the first of their pair, and what is proved.

    `proved` says: of so many rounds none have fewer repeats; or there are no more rounds without repeats; or fewer
    rounds do not let everybody meet.
    """

    rounds: tuple[Round, ...]
    repeats: int
    proved: bool


def everybody(people: int, size: int) -> MeetingPlan:
    """As few rounds as are known until everybody has met everybody, in groups of at most `size`."""
    rounds = tuple(_tidy(cover(people, size)))
    return MeetingPlan(rounds, repeats(rounds), len(rounds) <= fewest(people, size))


def longest(people: int, size: int) -> MeetingPlan:
    """As many rounds as are known in which nobody meets twice, in as few groups as hold all."""
    groups = -(-people // size)
    rounds = tuple(_tidy(_thinned(people, groups, None)))
    most = people * (people - 1) // 2 // max(1, _pairs(people, groups))
    # A group of more people than there are groups cannot part without two of it meeting again.
    stuck = groups < -(-people // groups)
    return MeetingPlan(rounds, 0, len(rounds) >= (1 if stuck else most))


def season(people: int, size: int, count: int) -> MeetingPlan:
    """So many rounds with as few repeats as are found; smaller groups rather than repeats."""
    first = -(-people // size)
    for groups in range(first, max(first, people // SMALLEST) + 1):
        rounds = tuple(_thinned(people, groups, count))
        if len(rounds) >= count:
            return MeetingPlan(tuple(_tidy(rounds[:count])), 0, True)
    rounds = tuple(_tidy(_extended(list(_thinned(people, first, count)), people, first, count)))
    found = repeats(rounds)
    least = count * _pairs(people, first) - people * (people - 1) // 2
    return MeetingPlan(rounds, found, found <= max(0, least))


def _pairs(people: int, groups: int) -> int:
    """How many pairs meet in one round of groups as even as can be."""
    sizes = [people // groups + (at < people % groups) for at in range(groups)]
    return sum(number * (number - 1) // 2 for number in sizes)


def _thinned(people: int, groups: int, count: int | None) -> list[Round]:
    """Rounds without repeats for a number that need not divide: people who never meet are taken out of larger ones."""
    size = -(-people // groups)
    rounds = list(golf(groups, size))[:count]
    total = groups * size
    out = _strangers(rounds, total, total - people)
    place = {one: at for at, one in enumerate(one for one in range(total) if one not in out)}
    return [[[place[one] for one in group if one in place] for group in turn] for turn in rounds]


def _strangers(rounds: list[Round], total: int, wanted: int) -> set[int]:
    """So many people of whom no two meet in these rounds, or few; the last ones first."""
    met = meetings(rounds)
    best: list[int] = []
    for start in range(total - 1, -1, -1):
        chosen = [start]
        for one in range(total - 1, -1, -1):
            if len(chosen) >= wanted:
                break
            if one not in chosen and all((min(one, other), max(one, other)) not in met for other in chosen):
                chosen.append(one)
        best = max(best, chosen, key=len)
        if len(best) >= wanted:
            return set(best[:wanted])
    rest = [one for one in range(total - 1, -1, -1) if one not in best]
    return set([*best, *rest][:wanted])


def _extended(rounds: list[Round], people: int, groups: int, count: int) -> list[Round]:
    """More rounds, each made to repeat as little as it can, and meetings that must repeat spread evenly."""
    chance = random.Random(people * 1000 + count)  # noqa: S311  the same question gives the same schedule
    met = [[0] * people for _one in range(people)]
    for (one, other), number in meetings(rounds).items():
        met[one][other] = met[other][one] = number
    while len(rounds) < count:
        turn = _swapped(met, people, groups, chance)
        rounds.append(turn)
        for (one, other), number in meetings([turn]).items():
            met[one][other] += number
            met[other][one] += number
    return rounds


def _swapped(met: list[list[int]], people: int, groups: int, chance: random.Random) -> Round:
    """A round from swaps that make it better or leave it as good: a meeting weighs more the more often it was."""
    order = list(range(people))
    chance.shuffle(order)
    turn = [order[at::groups] for at in range(groups)]
    if groups < 2:
        return turn
    weight = [[(1 + number) ** 2 if number else 0 for number in row] for row in met]
    for _swap in range(SWAPS):
        a, b = chance.sample(range(groups), 2)
        i, j = chance.randrange(len(turn[a])), chance.randrange(len(turn[b]))
        one, other = turn[a][i], turn[b][j]
        before = sum(weight[one][x] for x in turn[a]) + sum(weight[other][x] for x in turn[b])
        after = sum(weight[other][x] for x in turn[a] if x != one) + sum(weight[one][x] for x in turn[b] if x != other)
        if after <= before:
            turn[a][i], turn[b][j] = other, one
    return turn


def _tidy(rounds: list[Round] | tuple[Round, ...]) -> list[Round]:
    """Everything in ascending order, so that a schedule reads the same however it was made."""
    return [sorted(sorted(group) for group in turn) for turn in rounds]
