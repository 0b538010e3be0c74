"""Why circles are as they are, as facts from which a page makes a sentence each. Every fact is true of the proposal.

Whom somebody would rather not be with is in no fact. It only keeps a place from being named that there is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from programmes.forming.model import MUST, NOT_HERE, Person, Problem, Rules
from programmes.forming.tally import RULES, bosses_of, broken, pair_of, prices, unwanted, waiting_price, welcome

Circle = tuple[int, ...]


@dataclass(frozen=True)
class AboutCircle:
    """One circle: the starts that all share who named any, and how many of what there is in it."""

    circle: Circle
    starts: frozenset[int]
    unsaid: int
    functions: int
    places: int
    met: int
    languages: frozenset[str]


@dataclass(frozen=True)
class AboutPerson:
    """One person in their circle: others of the same function and place, wishes that came true, people met before."""

    who: int
    starts: int
    same_function: int
    same_place: int
    wishes: int
    wished: int
    met: int


@dataclass(frozen=True)
class AboutWaiting:
    """One person who waits, and the one rule that stands between them and a place.

    `rule` is "size" (a circle would take them if it could hold one more), "circles" (others who wait would make one
    with them if there could be one more), the name of a rule that must hold or whose price is too high, "open" (a place
    is there that the search did not find), or None: no single rule would do. `circle` is whom they would join.
    """

    who: int
    rule: str | None
    circle: Circle = ()


def about_circles(circles: Sequence[Circle], problem: Problem) -> list[AboutCircle]:
    """What is true of each circle."""
    by_id = {one.id: one for one in problem.people}
    return [_about_circle(circle, [by_id[who] for who in circle], problem) for circle in circles]


def _about_circle(circle: Circle, people: Sequence[Person], problem: Problem) -> AboutCircle:
    named = [one.slots for one in people if one.slots is not None]
    spoken = [one.languages for one in people if one.languages]
    return AboutCircle(
        tuple(circle),
        frozenset.intersection(*named) if named else frozenset(),
        sum(one.slots is None for one in people),
        len({one.function for one in people if one.function is not None}),
        len({one.place for one in people if one.place is not None}),
        sum(pair_of(one, other) in problem.met for at, one in enumerate(circle) for other in circle[:at]),
        frozenset.intersection(*spoken) if spoken else frozenset(),
    )


def about_people(circles: Sequence[Circle], problem: Problem) -> list[AboutPerson]:
    """What is true of each person who has a place, by id."""
    by_id = {one.id: one for one in problem.people}
    found = []
    for circle in circles:
        here = [by_id[who] for who in circle]
        whole = _about_circle(circle, here, problem)
        for one in here:
            others = [other for other in here if other.id != one.id]
            found.append(
                AboutPerson(
                    one.id,
                    len(whole.starts),
                    sum(one.function is not None and other.function == one.function for other in others),
                    sum(one.place is not None and other.place == one.place for other in others),
                    sum(other.id in one.want for other in others),
                    len(one.want),
                    sum(pair_of(one.id, other.id) in problem.met for other in others),
                )
            )
    return sorted(found, key=lambda one: one.who)


def about_waiting(circles: Sequence[Circle], problem: Problem) -> list[AboutWaiting]:
    """For each person who waits the one rule whose relaxing would give them a place, as all others stay where they are.

    Sizes are asked first, then each rule in the order of `Rules`, then one more circle: the first that does is told.
    """
    by_id = {one.id: one for one in problem.people}
    placed = {who for circle in circles for who in circle}
    locked = {tuple(sorted(group)) for group in problem.locked}
    open_circles = [tuple(circle) for circle in circles if tuple(sorted(circle)) not in locked]
    waiting = [one for one in problem.people if one.id not in placed]
    return [_about_waiting(one, open_circles, waiting, by_id, problem, len(circles)) for one in waiting]


def _about_waiting(
    one: Person,
    circles: Sequence[Circle],
    waiting: Sequence[Person],
    by_id: Mapping[int, Person],
    problem: Problem,
    count: int,
) -> AboutWaiting:
    rules, bosses = problem.rules, bosses_of(problem.people)
    joined = [(circle, [*(by_id[who] for who in circle), one]) for circle in circles]
    joined = [(circle, people) for circle, people in joined if welcome(one, people)]
    wider = replace(problem, rules=replace(rules, most=rules.most + 1))
    for circle, people in joined:
        wrong = broken(people, problem, bosses)
        if not wrong and (rule := _too_dear(circle, people, problem, by_id)) is not None:
            return AboutWaiting(one.id, rule, circle)
        if wrong == ["size"] and len(people) == rules.most + 1 and not broken(people, wider, bosses):
            return AboutWaiting(one.id, "size", circle)
    for rule in RULES:
        if getattr(rules, rule) != MUST:
            continue
        looser = replace(problem, rules=_without(rules, rule))
        for circle, people in joined:
            if not broken(people, looser, bosses):
                return AboutWaiting(one.id, rule, circle)
    others = _circle_of_waiting(one, waiting, problem, bosses)
    if others:
        full = rules.circles is not None and count >= rules.circles
        return AboutWaiting(one.id, "circles" if full else "open", others)
    return AboutWaiting(one.id, None)


def _without(rules: Rules, rule: str) -> Rules:
    changed: dict[str, Any] = {rule: NOT_HERE}
    return replace(rules, **changed)


def _too_dear(circle: Circle, people: Sequence[Person], problem: Problem, by_id: Mapping[int, Person]) -> str | None:
    """The rule that makes joining cost more than waiting; "open" where it does not."""
    bosses = bosses_of(problem.people)
    before, after = prices([by_id[who] for who in circle], problem, bosses), prices(people, problem, bosses)
    more = {term: after[term] - before[term] for term in after}
    if sum(more.values()) <= waiting_price(problem.rules):
        return "open"
    return max(more, key=lambda term: (more[term], term))


def _circle_of_waiting(
    one: Person, waiting: Sequence[Person], problem: Problem, bosses: Mapping[int, int]
) -> Circle | None:
    """Others who wait, with whom this person would make a circle; whoever goes with all so far, in order."""
    rules = replace(problem.rules, least=1)
    loose = replace(problem, rules=rules)
    made = [one]
    for other in waiting:
        if other.id != one.id and len(made) < problem.rules.least:
            tried = [*made, other]
            if not broken(tried, loose, bosses) and not unwanted(tried):
                made = tried
    if len(made) < problem.rules.least or broken(made, problem, bosses):
        return None
    dear = sum(prices(made, problem, bosses).values()) > waiting_price(problem.rules) * len(made)
    return None if dear else tuple(sorted(person.id for person in made))
