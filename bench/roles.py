"""How fair the rotation of roles stays, against round robin and least recently held. `python -m bench.roles`"""

import random
from collections.abc import Callable, Sequence

from bench.report import write
from circles.rules.rotation import PastSession, assign, balances, last_held

MEMBERS, SESSIONS, RUNS = 6, 60, 60
ROLES = ("host", "timekeeper", "scribe", "observer")
Rule = Callable[[Sequence[int], Sequence[PastSession]], dict[str, int]]


def credit(people: Sequence[int], history: Sequence[PastSession]) -> dict[str, int]:
    return assign(ROLES, people, history)


def round_robin(people: Sequence[int], history: Sequence[PastSession]) -> dict[str, int]:
    return {role: people[(len(history) + at) % len(people)] for at, role in enumerate(ROLES)}


def least_recently(people: Sequence[int], history: Sequence[PastSession]) -> dict[str, int]:
    chosen: dict[str, int] = {}
    for role in ROLES:
        free = [person for person in people if person not in chosen.values()] or list(people)
        last = {past.held[role]: at for at, past in enumerate(history)}
        chosen[role] = min(free, key=lambda person: last.get(person, -1))
    return chosen


def run(rule: Rule, seed: int, absent: float, swapped: float = 0.0) -> tuple[float, float, float]:
    """The worst deviation at any time, the worst at the end, and how often a role was held twice running."""
    chance = random.Random(seed)
    history: list[PastSession] = []
    worst, again = 0.0, 0
    while len(history) < SESSIONS:
        people = tuple(member for member in range(MEMBERS) if chance.random() >= absent)
        if len(people) < 2:
            continue
        held = rule(people, history)
        if chance.random() < swapped:
            one, other = chance.sample(people, 2)
            held = {role: {one: other, other: one}.get(who, who) for role, who in held.items()}
        again += sum(role in last_held(who, history) for role, who in held.items())
        history.append(PastSession(people, held))
        worst = max(worst, end_of(history))
    return worst, end_of(history), again / (SESSIONS * len(ROLES))


def end_of(history: Sequence[PastSession]) -> float:
    return max(abs(one) for role in ROLES for one in balances(role, range(MEMBERS), history).values())


def main() -> None:
    rows = []
    for name, rule in (("this rule", credit), ("round robin", round_robin), ("least recently held", least_recently)):
        for absent in (0.15, 0.3):
            found = [run(rule, seed, absent) for seed in range(RUNS)]
            worst = max(one[0] for one in found)
            again = sum(one[2] for one in found) / RUNS
            rows.append(
                (
                    f"{name}, {absent:.0%} absent: worst |held − share| (goal 1.5), twice running (goal 0.5 %)",
                    f"{worst:.2f}; {again:.2%}",
                )
            )
        ends = sorted(run(rule, seed, 0.15, swapped=0.2)[1] for seed in range(RUNS))
        below = sum(one < 1.2 for one in ends) / RUNS
        rows.append(
            (
                f"{name}, a fifth of the sessions swapped by hand: deviation at the end (goal 1.2)",
                f"median {ends[RUNS // 2]:.2f}, largest {ends[-1]:.2f}; below 1.2 in {below:.0%}",
            )
        )
    title = f"Rotation of {len(ROLES)} roles: {RUNS} runs of {SESSIONS} sessions of {MEMBERS}"
    write(title, "python -m bench.roles", rows)


if __name__ == "__main__":
    main()
