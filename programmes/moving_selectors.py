"""What a move on the board gains and costs, in words, and which circles somebody who waits would fit."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programmes.engine_selectors import problem_by_hand
from programmes.forming.model import Problem, Rules
from programmes.forming.moves import Scales, weighed_together
from programmes.forming.tally import bosses_of, breaches
from programmes.forming_selectors import Board, Placed, persons, rules_of
from programmes.models import DraftCircle, Enrolment, Placement, Round
from programmes.rules.forming import common_time

# So many pairs of somebody who waits and a circle are looked at while a page waits; with more, hints are left out.
HINTS = 2500
HINTED = 2


@dataclass(frozen=True)
class MoveTold:
    """A move in words: what becomes of each circle, what gets better and what gets worse."""

    who: tuple[str, ...]
    circles: tuple[str, ...]
    better: tuple[str, ...]
    worse: tuple[str, ...]

    @property
    def changes(self) -> bool:
        """Whether anybody would be moved at all."""
        return bool(self.who)


def move_told(round_: Round, moves: Mapping[int, DraftCircle | None]) -> MoveTold:
    """What it would change to put people, by the keys of their enrolments, into circles or into none. Seven queries.

    Only the circles that are touched are read, whatever the size of the board. What somebody asked in confidence
    changes nothing here.
    """
    drafts = {one.pk: one for one in DraftCircle.objects.filter(round=round_)}
    at = dict(Placement.objects.filter(round=round_).values_list("enrolment_id", "draft_id"))
    moved = {pk: to.pk if to else None for pk, to in moves.items() if at.get(pk) != (to.pk if to else None)}
    touched = {key for pk, to in moved.items() for key in (at.get(pk), to) if key is not None}
    members = {pk for pk, draft in at.items() if draft in touched} | set(moved)
    people = _placed(round_, members)
    here = {one.enrolment.pk for one in people}
    moved = {pk: to for pk, to in moved.items() if pk in here}
    before = {key: [pk for pk in here if at.get(pk) == key] for key in touched}
    after = {
        key: [pk for pk in now if pk not in moved] + [pk for pk, to in moved.items() if to == key]
        for key, now in before.items()
    }
    problem = problem_by_hand(round_, people)
    names = {one.enrolment.pk: one.person.name for one in people}
    better, worse = _told(before, after, problem)
    waits = sum(at.get(pk) is None for pk in moved) - sum(to is None for to in moved.values())
    placed = _placed_words(waits)
    circles = [
        _circle_told(drafts[key], after[key], people, round_) for key in sorted(touched, key=lambda k: drafts[k].name)
    ]
    return MoveTold(
        tuple(names[pk] for pk in moved),
        tuple(circles),
        tuple(([placed] if waits > 0 else []) + better),
        tuple(([placed] if waits < 0 else []) + worse),
    )


def _placed(round_: Round, keys: Iterable[int]) -> list[Placed]:
    rows = Enrolment.objects.filter(pk__in=keys, programme=round_.programme_id).select_related("user", "vault")
    enrolments = list(rows.order_by("pk"))
    known = persons(enrolments)
    return [Placed(one, known[one.pk]) for one in enrolments]


def _placed_words(waits: int) -> str:
    if waits > 0:
        return ngettext("%(n)s person more has a place.", "%(n)s people more have a place.", waits) % {"n": waits}
    n = -waits
    return ngettext("%(n)s person waits again.", "%(n)s people wait again.", n) % {"n": n}


def _circle_told(draft: DraftCircle, keys: Sequence[int], people: Sequence[Placed], round_: Round) -> str:
    """One circle after a move: how many are in it, whether that is the size wanted, and what time they share."""
    rules = rules_of(round_.programme, round_.first_on)
    here = [one.person for one in people if one.enrolment.pk in set(keys)]
    n = len(here)
    said = ngettext("%(circle)s would have %(n)s person", "%(circle)s would have %(n)s people", n)
    parts = [said % {"circle": draft.name, "n": n}]
    if n > rules.most:
        parts.append(_("%(n)s more than %(most)s") % {"n": n - rules.most, "most": rules.most})
    elif n < rules.least:
        parts.append(_("%(n)s fewer than %(least)s") % {"n": rules.least - n, "least": rules.least})
    named = [one for one in here if one.stretches]
    shared = common_time(named, rules) if named else None
    if shared:
        start, end = date_format(shared[0], "D H:i"), date_format(shared[1], "H:i")
        parts.append(_("all who named times share %(start)s to %(end)s") % {"start": start, "end": end})
    elif named:
        parts.append(_("no time suits all of them"))
    return ", ".join(parts) + "."


def _told(
    before: Mapping[int, Sequence[int]], after: Mapping[int, Sequence[int]], problem: Problem
) -> tuple[list[str], list[str]]:
    """What the rules that the programme has say of the difference: what gets better, what gets worse."""
    old, new = _counted(before, problem), _counted(after, problem)
    better: list[str] = []
    worse: list[str] = []
    for term, words in term_words(problem.rules).items():
        change = new[term] - old[term]
        if change and getattr(problem.rules, term):
            (worse if change > 0 else better).append(words(abs(change), change > 0))
    return better, worse


def _counted(circles: Mapping[int, Sequence[int]], problem: Problem) -> Counter[str]:
    by_id, bosses = {one.id: one for one in problem.people}, bosses_of(problem.people)
    total: Counter[str] = Counter()
    for circle in circles.values():
        if circle:
            total += breaches([by_id[who] for who in circle], problem.rules, problem.met, bosses)
    return total


def term_words(rules: Rules) -> Mapping[str, Callable[[int, bool], str]]:
    """By rule, how a change of so many is said; the times are said circle by circle."""

    # Each sentence is whole in both ways: languages put a number and what is counted in different orders.
    def pairs(more: str, fewer: str) -> Callable[[int, bool], str]:
        return lambda n, worse: (more if worse else fewer) % {"n": n}

    return {
        "choice": pairs(
            _("Circles with a single possible start: %(n)s more."),
            _("Circles with a single possible start: %(n)s fewer."),
        ),
        "manager": pairs(_("Somebody with their manager: %(n)s more."), _("Somebody with their manager: %(n)s fewer.")),
        "levels": pairs(
            _("Circles with levels too far apart: %(n)s more."), _("Circles with levels too far apart: %(n)s fewer.")
        ),
        "language": pairs(
            _("Circles without a shared language: %(n)s more."), _("Circles without a shared language: %(n)s fewer.")
        ),
        "alone": pairs(_("The only one of their level: %(n)s more."), _("The only one of their level: %(n)s fewer.")),
        "functions": pairs(_("Pairs from one department: %(n)s more."), _("Pairs from one department: %(n)s fewer.")),
        "places": pairs(_("Pairs from two places: %(n)s more."), _("Pairs from two places: %(n)s fewer."))
        if rules.places_alike
        else pairs(_("Pairs from one place: %(n)s more."), _("Pairs from one place: %(n)s fewer.")),
        "wishes": pairs(_("With nobody they asked for: %(n)s more."), _("With nobody they asked for: %(n)s fewer.")),
        "met": pairs(_("Pairs who have met before: %(n)s more."), _("Pairs who have met before: %(n)s fewer.")),
    }


def hints_of(board: Board) -> dict[int, list[str]]:
    """For everybody who waits, by key: names of circles they would fit now, those where it costs least first.

    Empty where that would take a page too long. Two queries.
    """
    pots = [pot for pot in board.pots if pot.people]
    if not pots or not board.unplaced or len(pots) * len(board.unplaced) > HINTS:
        return {}
    problem = problem_by_hand(board.round, board.everybody)
    scales = Scales(problem)
    circles = [
        (pot.draft.name, tuple(one.enrolment.pk for one in pot.people))
        for pot in pots
        if not pot.draft.locked and len(pot.people) < problem.rules.most
    ]
    found: dict[int, list[str]] = {}
    for placed in board.unplaced:
        who = placed.enrolment.pk
        fitting = [
            (weighed_together([circle], {who: 0}, scales).cost, name)
            for name, circle in circles
            if not scales.told((*circle, who))[1]
        ]
        found[who] = [name for _cost, name in sorted(fitting)[:HINTED]]
    return found
