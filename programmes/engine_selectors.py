"""What the engine that puts circles together is told of a board: people by the keys of their enrolments, and rules.

Whom somebody would rather not be with goes in here and comes out nowhere. In a programme that asks for it, some people
are kept apart from somebody by lot as well, so that nobody can tell a wish from chance: whatever a proposal avoids,
it may have been the lot.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations
from uuid import UUID

from django.utils.crypto import salted_hmac

from circles.models import Membership
from programmes.forming.model import Pair, Person, Problem
from programmes.forming.passing import fingerprint
from programmes.forming.strengths import rules_for
from programmes.forming.tally import bosses_of, broken, pair_of, unwanted
from programmes.forming_selectors import Board, Placed, rules_of
from programmes.models import Enrolment, Programme, Round, RoundCircle
from programmes.rules.forming import FitRules, starts_of

# Of so many people, one is kept apart from somebody by lot.
LOT = 8
# The first so many are drawn among each other; no proposal is made for fewer.
LOT_AMONG = 12
SALT = "programmes.forming"
NUMBER = re.compile(r"\d{1,4}")


def people_for_engine(people: Sequence[Placed], rules: FitRules, *, proposing: Programme | None) -> tuple[Person, ...]:
    """The same people as the engine knows them. What somebody asked in confidence only where circles are proposed."""
    by_email = {one.person.email: one.enrolment.pk for one in people}
    lots = by_lot(proposing, people) if proposing else {}
    return tuple(_person(one, rules, by_email, lots, proposing is not None) for one in people)


def _person(
    one: Placed, rules: FitRules, by_email: Mapping[str, int], lots: Mapping[int, int], proposing: bool
) -> Person:
    known, own = one.person, one.enrolment.pk

    def keys(addresses: Iterable[str]) -> frozenset[int]:
        return frozenset(by_email[address] for address in addresses if address in by_email) - {own}

    avoid = keys(known.apart or ()) | ({lots[own]} if own in lots else set()) if proposing else frozenset[int]()
    manager = by_email.get(known.manager)
    level = NUMBER.search(known.level)
    return Person(
        own,
        known.function.casefold() or None,
        known.location.casefold() or None,
        int(level.group()) if level else None,
        frozenset([f"level:{known.level.casefold()}"] if known.level else []),
        manager if manager != own else None,
        starts_of(known, rules),
        known.languages,
        keys(known.together),
        frozenset(avoid),
    )


def by_lot(programme: Programme, people: Sequence[Placed]) -> dict[int, int]:
    """Who of these people is kept apart from whom by lot; nobody where none was asked. One query.

    Drawn once and for all, as a wish is said: among those who asked before, so that whoever comes later, or is not on
    this board, changes no pair. Else an administrator who adds people, or compares two rounds, would see the lots move
    and the wishes stay.
    """
    if not programme.in_confidence:
        return {}
    drawn, here = partial(_drawn, str(programme.code)), {one.enrolment.pk for one in people}
    everybody = list(Enrolment.objects.filter(programme=programme).order_by("pk").values_list("pk", "code"))
    found = {}
    for at, (own, code) in enumerate(everybody):
        if own in here and drawn(code) % LOT == 0:
            other = _first_drawn(
                [one for one in everybody[: max(at, LOT_AMONG)] if one[0] != own], partial(drawn, code)
            )
            if other is not None and other in here:
                found[own] = other
    return found


def _first_drawn(among: Sequence[tuple[int, UUID]], drawn: Callable[[UUID], int]) -> int | None:
    """Whom the lot takes of some, each with their code; None of nobody."""
    return min(among, key=lambda one: drawn(one[1]))[0] if among else None


def _drawn(*of: object) -> int:
    return int(salted_hmac(SALT, " ".join(map(str, of))).hexdigest()[:12], 16)


def met_before(programme: Programme, people: Sequence[Placed], number: int) -> dict[Pair, int]:
    """How many rounds before round `number` two people were last in one circle of the programme. Two queries."""
    of_user = {one.enrolment.user_id: one.enrolment.pk for one in people}
    made = dict(RoundCircle.objects.filter(round__programme=programme).values_list("circle", "round__number"))
    rows = Membership.objects.filter(circle__in=made, user__in=of_user).values_list("circle", "user")
    together: dict[int, set[int]] = {}
    for circle, user in rows:
        together.setdefault(circle, set()).add(of_user[user])
    met: dict[Pair, int] = {}
    for circle, here in together.items():
        for one, other in combinations(sorted(here), 2):
            ago = max(1, number - made[circle])
            met[pair_of(one, other)] = min(ago, met.get((one, other), ago))
    return met


def wants_to_stay(programme: Programme, people: Sequence[Placed], number: int) -> list[tuple[int, ...]]:
    """Those of one circle of the latest round who all say that they would like to stay together. Two queries."""
    staying = {one.enrolment.user_id: one.enrolment.pk for one in people if one.enrolment.stays_together}
    made = RoundCircle.objects.filter(round__programme=programme, round__number=number - 1).values("circle")
    rows = Membership.objects.filter(circle__in=made, user__in=staying).order_by("circle", "pk")
    groups: dict[int, list[int]] = {}
    for circle, user in rows.values_list("circle", "user"):
        groups.setdefault(circle, []).append(staying[user])
    return [tuple(sorted(group)) for group in groups.values() if 2 <= len(group) <= programme.max_size]


def problem_of(board: Board, *, waiting_only: bool) -> Problem:
    """Everything a proposal for a board is made from. Five queries.

    A circle that is locked stays; people who are pinned stay where they are. With `waiting_only` everybody stays who
    has a place, and people may be added to them.
    """
    round_ = board.round
    programme = round_.programme
    people = board.everybody
    rules = rules_of(programme, round_.first_on)
    locked, pinned = [], []
    for pot in board.pots:
        here = tuple(sorted(one.enrolment.pk for one in pot.people))
        if here and pot.draft.locked:
            locked.append(here)
            continue
        stay = tuple(sorted(one.enrolment.pk for one in pot.people if waiting_only or one.pinned))
        pinned += [stay] if stay else []
    problem = Problem(
        people_for_engine(people, rules, proposing=programme),
        rules_for(programme.forming, programme.min_size, programme.max_size),
        met_before(programme, people, round_.number),
        tuple(locked),
        tuple(pinned),
    )
    held = {who for group in (*locked, *pinned) for who in group}
    asking = [group for group in wants_to_stay(programme, people, round_.number) if not held & set(group)]
    return replace(problem, pinned=(*pinned, *(group for group in asking if can_stay(group, problem))))


def can_stay(group: Sequence[int], problem: Problem) -> bool:
    """Whether people who would like to stay together can: a rule that must hold comes first, and so does a wish."""
    here = [one for one in problem.people if one.id in group]
    wrong = set(broken(here, problem, bosses_of(problem.people))) - {"size", "alone", "wishes"}
    return not wrong and not unwanted(here)


def problem_by_hand(round_: Round, people: Sequence[Placed]) -> Problem:
    """What is weighed when somebody moves people by hand: nothing that was told in confidence. Two queries."""
    programme = round_.programme
    return Problem(
        people_for_engine(people, rules_of(programme, round_.first_on), proposing=None),
        rules_for(programme.forming, programme.min_size, programme.max_size),
        met_before(programme, people, round_.number),
    )


def mark_of(problem: Problem) -> str:
    """What went into a proposal, as a digest under the key of this site: nobody without it can try wishes out."""
    return salted_hmac(SALT, fingerprint(problem), algorithm="sha256").hexdigest()
