"""As many rounds as can be in which nobody meets anybody twice."""

from functools import lru_cache
from itertools import combinations

from programmes.forming.meeting.arrays import Round, rounds_of
from programmes.forming.meeting.catalogue import STARTERS, Starter, read_points


@lru_cache(maxsize=256)
def golf(groups: int, size: int) -> tuple[Round, ...]:
    """The most rounds known of `groups` groups of `size` people each, nobody meeting twice."""
    if groups < 1 or size < 1:
        return ()
    if groups == 1:
        return ([list(range(size))],)
    if size == 1:
        return ([[one] for one in range(groups)],)
    if size == 2:
        return tuple(round_robin(2 * groups))
    found = [_by_rows(groups, size)]
    if (groups, size) in STARTERS:
        found.append(developed(STARTERS[groups, size]))
    most: list[Round] = max(found, key=len)
    return tuple(most)


def round_robin(people: int) -> list[Round]:
    """Everybody with everybody in pairs, an even number: one stands still and the others go round."""
    last, others = people - 1, people - 1
    return [
        [[last, turn], *([(turn + step) % others, (turn - step) % others] for step in range(1, people // 2))]
        for turn in range(others)
    ]


def _by_rows(groups: int, size: int) -> list[Round]:
    """Rounds across the rows, and then rounds within them, all rows at once, where they divide into groups."""
    found = rounds_of(groups, size)
    if size > groups or groups % size:
        return found
    for inside in golf(groups // size, size):
        found.append([[row * groups + at for at in group] for row in range(size) for group in inside])
    return found


def developed(starter: Starter) -> list[Round]:
    """Every shift of each base round: what is below `order * rows` goes round in its row, the rest stands still."""
    moving = starter.order * starter.rows

    def shifted(one: int, by: int) -> int:
        if one >= moving:
            return one
        row, at = divmod(one, starter.order)
        return row * starter.order + (at + by) % starter.order

    found = []
    for text in starter.base:
        points = read_points(text)
        groups = [points[at : at + starter.size] for at in range(0, len(points), starter.size)]
        for by in range(starter.order):
            found.append([[shifted(one, by) for one in group] for group in groups])
    return found


def meetings(rounds: list[Round] | tuple[Round, ...]) -> dict[tuple[int, int], int]:
    """How often each pair meets."""
    count: dict[tuple[int, int], int] = {}
    for groups in rounds:
        for group in groups:
            for pair in combinations(sorted(group), 2):
                count[pair] = count.get(pair, 0) + 1
    return count


def repeats(rounds: list[Round] | tuple[Round, ...]) -> int:
    """How many meetings are not the first of their pair."""
    return sum(number - 1 for number in meetings(rounds).values())
