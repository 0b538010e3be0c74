"""How fair speaking orders stay, against a rotation and chance, over many histories. `python -m bench.orders`"""

import random
from collections.abc import Callable

from bench.report import write
from sessions.rules.speaking_order import credits_of, next_order

MEMBERS, SESSIONS, ABSENT, HISTORIES = 6, 60, 0.15, 300
Rule = Callable[[list[int], list[list[int]], random.Random], list[int]]


def attendance(seed: int) -> list[list[int]]:
    chance = random.Random(seed)
    rows: list[list[int]] = []
    while len(rows) < SESSIONS:
        people = [member for member in range(MEMBERS) if chance.random() >= ABSENT]
        if len(people) > 1:
            rows.append(people)
    return rows


def credit(people: list[int], history: list[list[int]], _chance: random.Random) -> list[int]:
    return next_order(people, history)


def round_robin(people: list[int], history: list[list[int]], _chance: random.Random) -> list[int]:
    start = len(history) % len(people)
    return [*people[start:], *people[:start]]


def at_random(people: list[int], _history: list[list[int]], chance: random.Random) -> list[int]:
    return chance.sample(people, len(people))


def worst(rule: Rule, seed: int) -> tuple[float, float, float]:
    history: list[list[int]] = []
    chance = random.Random(seed)
    for people in attendance(seed):
        history.append(rule(people, history, chance))
    return credits_of(history).worst()


def main() -> None:
    rows = []
    for name, rule in (("credit rule", credit), ("round robin", round_robin), ("random", at_random)):
        found = [worst(rule, seed) for seed in range(HISTORIES)]
        for at, what in enumerate(("first", "last", "follows")):
            values = sorted(one[at] for one in found)
            below = sum(value < 1 for value in values) / len(values)
            rows.append(
                (
                    f"{name}: worst deviation of “{what}”",
                    f"median {values[len(values) // 2]:.2f}, 95th of 100 {values[int(len(values) * 0.95)]:.2f}, "
                    f"largest {values[-1]:.2f}; below 1 in {below:.1%}",
                )
            )
    title = f"Speaking orders: {HISTORIES} histories of {SESSIONS} sessions of {MEMBERS}, {ABSENT:.0%} absent"
    write(title, "python -m bench.orders", rows)


if __name__ == "__main__":
    main()
