"""Problems at random, and the best answer found by trying everything."""

import random
from functools import cache
from itertools import combinations

from programmes.forming.model import MUST, NOT_HERE, Person, Problem, Rules
from programmes.forming.tally import bosses_of, broken, prices, unwanted, waiting_price


def random_problem(seed: int, most_people: int = 9, rules: Rules | None = None) -> Problem:
    """A small problem with every rule at some strength, people who told nothing, cycles of managers, mutual wishes."""
    chance = random.Random(seed)
    count = chance.randint(1, most_people)
    ids = sorted(chance.sample(range(3 * count), count))

    def some(values: list[int], most: int) -> frozenset[int]:
        return frozenset(chance.sample(values, chance.randint(0, min(most, len(values)))))

    people = tuple(
        Person(
            who,
            chance.choice([None, "care", "sales", "shop"]),
            chance.choice([None, "Bonn", "Cork"]),
            chance.choice([None, 1, 2, 3]),
            frozenset(kind for kind in ("part-time", "new") if chance.random() < 0.25),
            chance.choice([None, None, *ids, 999]),
            None if chance.random() < 0.1 else some(list(range(5)), 5),
            frozenset(name for name in ("de", "en") if chance.random() < 0.5),
            some(ids, 2),
            some(ids, 1) if chance.random() < 0.4 else frozenset(),
        )
        for who in ids
    )
    met = {pair: chance.randint(1, 4) for pair in combinations(ids, 2) if chance.random() < 0.2}
    return Problem(people, rules or _rules(chance), met)


def _rules(chance: random.Random) -> Rules:
    least = chance.randint(1, 4)

    def strength(most: int) -> int:
        return chance.choice([MUST, NOT_HERE, chance.randint(1, most), chance.randint(1, most)])

    return Rules(
        least,
        chance.randint(least, 5),
        chance.choice([None, 1, 2, 3]),
        chance.choice([MUST, 0, 30, 100]),
        strength(50),
        strength(9),
        strength(40),
        chance.choice([1, 2]),
        strength(30),
        chance.choice([0, 1]),
        strength(30),
        strength(20),
        strength(10),
        strength(5),
        chance.random() < 0.3,
        chance.choice([0, 5]),
        strength(40),
    )


def pinned_problem(seed: int) -> Problem:
    """The same with a group that is to stay together, and at times a circle that is to stay as it is."""
    chance = random.Random(seed + 1)
    problem = random_problem(seed, 8)
    ids = [one.id for one in problem.people]
    chance.shuffle(ids)
    cut = chance.randint(0, 3)
    locked = (tuple(ids[:cut]),) if cut else ()
    group = ids[cut : cut + chance.randint(1, 3)]
    return Problem(problem.people, problem.rules, problem.met, locked, (tuple(group),) if group else ())


def cheapest(problem: Problem) -> int:
    """What the best answer costs, by trying every choice of circles. For problems without circles that are to stay."""
    rules, people = problem.rules, problem.people
    bosses = bosses_of(people)
    price: dict[int, int] = {}
    for size in range(rules.least, rules.most + 1):
        for chosen in combinations(range(len(people)), size):
            circle = [people[at] for at in chosen]
            if not broken(circle, problem, bosses) and not unwanted(circle):
                price[sum(1 << at for at in chosen)] = sum(prices(circle, problem, bosses).values())

    @cache
    def best(left: int, circles: int) -> int:
        if not left:
            return 0
        lowest = left & -left
        found = waiting_price(rules) + best(left ^ lowest, circles)
        if circles:
            for mask, cost in price.items():
                if mask & lowest and not mask & ~left:
                    found = min(found, cost + best(left & ~mask, circles - 1))
        return found

    limit = len(people) if rules.circles is None else rules.circles
    return best((1 << len(people)) - 1, limit)
