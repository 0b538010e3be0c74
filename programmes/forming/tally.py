"""What a proposal costs and which rules it breaks, counted in the plainest way: the measure of all that is quicker."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from programmes.forming.model import MUST, NOT_HERE, WAITING_MUST, Pair, Person, Problem, Rules

TERMS = (
    "waiting",
    "times",
    "choice",
    "manager",
    "levels",
    "language",
    "alone",
    "functions",
    "places",
    "wishes",
    "met",
    "kept",
)
# What each circle of the problem pays by itself, by the rules' own names.
RULES = tuple(term for term in TERMS if term not in ("waiting", "kept"))


def breaches(
    people: Sequence[Person], rules: Rules, met: Mapping[Pair, int], bosses: Mapping[int, int]
) -> Counter[str]:
    """How often one circle breaks each rule, whatever the rule weighs; rounds of `met` are not counted here.

    `bosses` names everybody's manager. Whom somebody would rather not be with is not counted: see `unwanted`.
    """
    count: Counter[str] = Counter()
    shared = _shared([one.slots for one in people if one.slots is not None])
    if shared is not None:
        count["times"] += not shared
        count["choice"] += len(shared) == 1
    levels = [one.level for one in people if one.level is not None]
    count["levels"] += bool(levels) and max(levels) - min(levels) > rules.levels_apart
    spoken = _shared([one.languages for one in people if one.languages])
    count["language"] += spoken is not None and not spoken
    count["alone"] += sum(1 for number in Counter(kind for one in people for kind in one.kinds).values() if number == 1)
    ids = {one.id for one in people}
    count["wishes"] += sum(1 for one in people if one.want and not one.want & ids)
    for one, other in combinations(people, 2):
        count["manager"] += reports(one.id, other.id, rules, bosses)
        count["functions"] += one.function is not None and one.function == other.function
        count["places"] += _places(one, other, rules)
        count["met"] += pair_of(one.id, other.id) in met
    return count


def _shared(sets: Sequence[frozenset[int]] | Sequence[frozenset[str]]) -> frozenset[object] | None:
    """What all share; None where there is nothing to compare."""
    return frozenset.intersection(*sets) if sets else None


def _places(one: Person, other: Person, rules: Rules) -> bool:
    if one.place is None or other.place is None:
        return False
    return (one.place != other.place) if rules.places_alike else (one.place == other.place)


def pair_of(one: int, other: int) -> Pair:
    """Two people in the order in which pairs are kept."""
    return (one, other) if one < other else (other, one)


def reports(one: int, other: int, rules: Rules, bosses: Mapping[int, int]) -> bool:
    """Whether one of them reports to the other, up to as many levels as the rules say. Cycles do no harm."""
    return other in above(one, rules, bosses) or one in above(other, rules, bosses)


def above(one: int, rules: Rules, bosses: Mapping[int, int]) -> set[int]:
    """Somebody's managers, as many levels up as the rules say."""
    found: set[int] = set()
    at = one
    for _level in range(rules.managers_up):
        if at not in bosses:
            break
        at = bosses[at]
        found.add(at)
    return found - {one}


def bosses_of(people: Iterable[Person]) -> dict[int, int]:
    """Everybody's manager by id."""
    return {one.id: one.manager for one in people if one.manager is not None}


def unwanted(people: Sequence[Person]) -> bool:
    """Whether somebody here would rather not be with somebody here."""
    ids = {one.id for one in people}
    return any(one.avoid & (ids - {one.id}) for one in people)


def welcome(one: Person, people: Sequence[Person]) -> bool:
    """Whether neither this person would rather not be with one of these people, nor one of them with this person.

    What others of them wished of each other is not asked: whoever put them together has decided that.
    """
    return not any(other.id in one.avoid or one.id in other.avoid for other in people if other.id != one.id)


def price_of_met(rules: Rules, ago: int) -> int:
    """What it costs that two people meet again: less the longer ago, at least 1 while the rule counts at all."""
    return max(1, rules.met // max(1, ago)) if rules.met > 0 else 0


def prices(people: Sequence[Person], problem: Problem, bosses: Mapping[int, int]) -> dict[str, int]:
    """What one circle costs, by rule. A rule that must hold costs nothing here: see `broken`."""
    rules = problem.rules
    count = breaches(people, rules, problem.met, bosses)
    told = {term: max(0, getattr(rules, term)) * count[term] for term in RULES}
    pairs = (pair_of(one.id, other.id) for one, other in combinations(people, 2))
    told["met"] = sum(price_of_met(rules, problem.met[pair]) for pair in pairs if pair in problem.met)
    return told


def broken(people: Sequence[Person], problem: Problem, bosses: Mapping[int, int]) -> list[str]:
    """Which rules that must hold one circle breaks, besides `unwanted`."""
    rules = problem.rules
    count = breaches(people, rules, problem.met, bosses)
    found = [term for term in RULES if getattr(rules, term) == MUST and count[term]]
    return found + ([] if rules.least <= len(people) <= rules.most else ["size"])


def waiting_price(rules: Rules) -> int:
    """What it costs that one person waits."""
    return WAITING_MUST if rules.waiting == MUST else max(NOT_HERE, rules.waiting)


def kept_price(rules: Rules) -> int:
    """What it costs that a circle which was to stay breaks a rule that must hold: as much as all of it waiting."""
    return waiting_price(rules) * rules.most


def parts_of(circles: Iterable[Sequence[int]], problem: Problem) -> dict[str, int]:
    """What a whole proposal costs, by rule."""
    by_id = {one.id: one for one in problem.people}
    bosses = bosses_of(problem.people)
    total = dict.fromkeys(TERMS, 0)
    staying = [*problem.locked, *problem.pinned]
    placed: set[int] = set()
    for circle in circles:
        placed |= set(circle)
        people = [by_id[who] for who in circle]
        for term, price in prices(people, problem, bosses).items():
            total[term] += price
        if any(set(group) <= set(circle) for group in staying) and broken(people, problem, bosses):
            total["kept"] += kept_price(problem.rules)
    total["waiting"] = waiting_price(problem.rules) * (len(by_id) - len(placed))
    return total


def flaws_of(circles: Sequence[Sequence[int]], problem: Problem) -> list[tuple[str, tuple[int, ...]]]:
    """Every rule that must hold and does not, with the circle; circles that are locked or pinned are not excused here.

    For tests and for checking an answer before it is kept, never to be shown: `avoid` is among them.
    """
    by_id = {one.id: one for one in problem.people}
    bosses = bosses_of(problem.people)
    found: list[tuple[str, tuple[int, ...]]] = []
    seen = Counter(who for circle in circles for who in circle)
    found += [("twice", (who,)) for who, number in seen.items() if number > 1]
    if problem.rules.circles is not None and len(circles) > problem.rules.circles:
        found.append(("circles", ()))
    for circle in circles:
        people = [by_id[who] for who in circle]
        found += [(term, tuple(circle)) for term in broken(people, problem, bosses)]
        found += [("avoid", tuple(circle))] if unwanted(people) else []
    return found
