"""As few rounds as it takes until everybody has met everybody, in groups of at most a size."""

from functools import lru_cache
from itertools import combinations

from programmes.forming.meeting.arrays import Round
from programmes.forming.meeting.catalogue import COVERINGS, read_points
from programmes.forming.meeting.fields import is_field_order
from programmes.forming.meeting.golf import golf, meetings, round_robin

# How many more groups than needed are looked at, and how many branches for the heaviest people of a plane.
WIDER = 8
BRANCHES = 30_000
GREATEST_PLANE = 13


def fewest(people: int, size: int) -> int:
    """No schedule has fewer rounds: what one person needs, and what all pairs need."""
    if people <= 1:
        return 0
    pairs = people // size * (size * (size - 1) // 2) + people % size * (people % size - 1) // 2
    return max(-(-(people - 1) // (size - 1)), -(-people * (people - 1) // 2 // pairs) if pairs else 0)


@lru_cache(maxsize=512)
def cover(people: int, size: int) -> tuple[Round, ...]:
    """The fewest rounds known until everybody of 0…people-1 has met everybody."""
    if people <= size:
        return ([list(range(people))],) if people > 1 else ()
    if size == 2:
        return tuple(without(round_robin(people + people % 2), people))
    found = [_kept(people, size), _halves(people, size), *_planes(people, size)]
    least = -(-people // size)
    wide = next(number for number in range(max(least, size), 2 * max(least, size) + 2) if is_field_order(number))
    found += [_across(people, size, groups) for groups in sorted({*range(least, least + WIDER), wide})]
    least_rounds: list[Round] = min((one for one in found if one), key=len)
    return tuple(least_rounds)


def _kept(people: int, size: int) -> list[Round]:
    """From the catalogue: a schedule of as many people or some more."""
    for more in sorted(number for number, most in COVERINGS if most == size and number >= people):
        rounds = []
        for text in COVERINGS[more, size]:
            groups: dict[int, list[int]] = {}
            for one, at in enumerate(read_points(text)):
                groups.setdefault(at, []).append(one)
            rounds.append(list(groups.values()))
        return without(rounds, people)
    return []


def _halves(people: int, size: int) -> list[Round]:
    """Half groups that meet each other in pairs: many rounds, for any numbers."""
    half = size // 2
    count = -(-people // half)
    seats = [list(range(at * half, at * half + half)) for at in range(count + count % 2)]
    pairs = round_robin(len(seats))
    return without([[[*seats[one], *seats[other]] for one, other in turn] for turn in pairs], people)


def _across(people: int, size: int, groups: int) -> list[Round]:
    """Rounds without repeats first; then whoever has not met yet, all such parts at once."""
    rounds = without(list(golf(groups, size)), people)
    met = meetings(rounds)
    parts = [part for part in _parts(people, met) if len(part) > 1]
    if not parts:
        return rounds
    if len(parts) == 1 and len(parts[0]) == people and len(golf(groups, size)) < 2:
        return []
    if max(len(part) for part in parts) >= people:
        return []
    inside = [[[[part[one] for one in group] for group in turn] for turn in cover(len(part), size)] for part in parts]
    for at in range(max(len(turns) for turns in inside)):
        together = [group for turns in inside if at < len(turns) for group in turns[at]]
        rounds.append(_packed(together, people, size))
    return rounds


def _parts(people: int, met: dict[tuple[int, int], int]) -> list[list[int]]:
    """People joined by pairs who have not met."""
    left, found = set(range(people)), []
    while left:
        part, waiting = [], [min(left)]
        left -= set(waiting)
        while waiting:
            one = waiting.pop()
            part.append(one)
            new = {other for other in left if (min(one, other), max(one, other)) not in met}
            left -= new
            waiting += sorted(new)
        found.append(sorted(part))
    return found


def _packed(groups: list[list[int]], people: int, size: int) -> Round:
    """These groups and everybody else, put together to as few groups as they fill."""
    placed = {one for group in groups for one in group}
    loose = [*sorted(groups, key=len, reverse=True), *([one] for one in range(people) if one not in placed)]
    made: Round = []
    for group in loose:
        room = next((one for one in made if len(one) + len(group) <= size), None)
        if room is None:
            made.append(list(group))
        else:
            room += group
    return made


def _planes(people: int, size: int) -> list[list[Round]]:
    """Planes whose points stand for one person or more, as many as the fullest line holds."""
    found = []
    for order in range(2, min(size, GREATEST_PLANE) + 1):
        if not is_field_order(order):
            continue
        rounds = golf(order, order)
        base, spare = divmod(size, order)
        lines = [line for turn in rounds for line in turn]
        heavy = _arc(order * order, lines, spare, people - base * order * order)
        if heavy is None:
            continue
        seats: list[list[int]] = []
        count = 0
        for point in range(order * order):
            weight = base + (point in heavy)
            seats.append(list(range(count, count + weight)))
            count += weight
        filled = [[[one for point in line for one in seats[point]] for line in turn] for turn in rounds]
        found.append(without(filled, people))
    return found


def _arc(points: int, lines: list[list[int]], most: int, wanted: int) -> set[int] | None:
    """So many points with at most so many on each line; None where none were found."""
    if wanted <= 0:
        return set()
    if wanted > points or not most:
        return None
    through: list[list[int]] = [[at for at, line in enumerate(lines) if point in line] for point in range(points)]
    full = [0] * len(lines)
    chosen: list[int] = []
    left = [BRANCHES]

    def grow(start: int) -> bool:
        if len(chosen) == wanted:
            return True
        left[0] -= 1
        if left[0] < 0 or points - start < wanted - len(chosen):
            return False
        for point in range(start, points):
            if all(full[line] < most for line in through[point]):
                chosen.append(point)
                for line in through[point]:
                    full[line] += 1
                if grow(point + 1):
                    return True
                chosen.pop()
                for line in through[point]:
                    full[line] -= 1
        return False

    return set(chosen) if grow(0) else None


def without(rounds: list[Round], people: int) -> list[Round]:
    """The same rounds without whoever is not among 0…people-1, and without groups that are empty then."""
    return [[kept for group in turn if (kept := [one for one in group if one < people])] for turn in rounds]


def missing(rounds: list[Round] | tuple[Round, ...], people: int) -> int:
    """How many pairs have not met."""
    met = meetings(rounds)
    return sum(1 for pair in combinations(range(people), 2) if pair not in met)
