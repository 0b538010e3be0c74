"""How circles keep to the rules that they are proposed by: those of the board, or those of the proposal that waits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programmes.engine_selectors import problem_by_hand
from programmes.forming.model import Person, Problem
from programmes.forming.strengths import MUSTS, NONE, TERMS, rules_for, words_of_rules
from programmes.forming.tally import bosses_of, breaches, broken
from programmes.forming_selectors import Board, board_of
from programmes.models import Programme, Round
from programmes.proposal_selectors import run_of


@dataclass(frozen=True)
class RuleLine:
    """One rule on the page: the field with its words, and what the board of today is like by it."""

    field: forms.BoundField
    now: str


@dataclass(frozen=True)
class Measured:
    """Circles that rules are held against: of the open board, or where nobody is placed yet of its first proposal."""

    programme: Programme
    problem: Problem
    circles: tuple[tuple[Person, ...], ...]
    waiting: int
    is_board: bool

    def breaking(self, chosen: Mapping[str, Any]) -> Counter[str]:
        """By rule, how many circles do not keep to it with what is chosen: levels and places count as chosen."""
        rules = rules_for(chosen, self.problem.rules.least, self.problem.rules.most)
        bosses = bosses_of(self.problem.people)
        total: Counter[str] = Counter()
        for circle in self.circles:
            total += Counter(term for term, n in breaches(circle, rules, self.problem.met, bosses).items() if n)
        return total

    def failing(self, chosen: Mapping[str, Any]) -> list[tuple[Person, ...]]:
        """The circles that do not keep to what must hold with what is chosen."""
        rules = rules_for(chosen, self.problem.rules.least, self.problem.rules.most)
        problem, bosses = Problem(self.problem.people, rules, self.problem.met), bosses_of(self.problem.people)
        return [circle for circle in self.circles if broken(circle, problem, bosses)]


def measured(programme: Programme, round_: Round | None) -> Measured | None:
    """What rules can be held against now; None where there are no circles yet. Nothing told in confidence is asked."""
    board = board_of(round_) if round_ else None
    if board is None or not board.is_readable:
        return None
    found = [tuple(one.enrolment.pk for one in pot.people) for pot in board.pots if pot.people]
    is_board = bool(found)
    found = found or _proposed(board)
    if not found:
        return None
    problem = problem_by_hand(board.round, board.everybody)
    by_id = {one.id: one for one in problem.people}
    circles = tuple(tuple(by_id[who] for who in circle if who in by_id) for circle in found)
    there = tuple(circle for circle in circles if circle)
    placed = sum(len(circle) for circle in there)
    return Measured(programme, problem, there, len(problem.people) - placed, is_board)


def _proposed(board: Board) -> list[tuple[int, ...]]:
    run = run_of(board.round)
    return [tuple(circle["people"]) for circle in run.choices[0]["circles"]] if run and run.choices else []


def rules_page(
    programme: Programme, round_: Round | None, form: forms.Form, chosen: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The rules in their order, with how many circles do not keep to each; with `chosen` also what that would cost."""
    held = measured(programme, round_)
    counts = held.breaking(programme.forming if chosen is None else chosen) if held else Counter[str]()
    return {
        "lines": [RuleLine(form[term.name], _now(term.name, counts[term.name], held)) for term in TERMS],
        "costs": None if chosen is None else costs_words(form, programme.forming, chosen, held),
    }


def costs_words(
    form: forms.Form, stored: Mapping[str, Any], chosen: Mapping[str, Any], held: Measured | None
) -> list[str]:
    """What each changed rule costs, a sentence each, then all that must hold together. Empty where nothing changes."""
    changed = _changed(stored, chosen)
    if not changed:
        return []
    if held is None:
        return [_("There are no circles yet to count it on. Propose circles, then look here again.")]
    counts = held.breaking(chosen)
    words = words_of_rules(chosen)
    said = [_cost(form[term], words[term], counts[term], held) for term in changed]
    return [*said, *filter(None, [_together(held, chosen)])]


def _changed(stored: Mapping[str, Any], chosen: Mapping[str, Any]) -> list[str]:
    old, new = words_of_rules(stored), words_of_rules(chosen)
    other = {"levels": "levels_apart", "places": "places_alike"}

    def differs(term: str) -> bool:
        key = other.get(term, "")
        return old[term] != new[term] or (new[term] != NONE and stored.get(key) != chosen.get(key))

    return [term.name for term in TERMS if differs(term.name)]


def _cost(field: forms.BoundField, word: str, number: int, held: Measured) -> str:
    told = {"rule": field.label, "word": dict(cast(Any, field.field).choices)[word], "n": number}
    if word == NONE:
        return _("%(rule)s (%(word)s): it costs no circle.") % told
    if field.name == "waiting":
        told["n"] = held.waiting
        return ngettext("%(rule)s (%(word)s): %(n)s waits.", "%(rule)s (%(word)s): %(n)s wait.", held.waiting) % told
    if not number:
        return _("%(rule)s (%(word)s): every circle keeps to it.") % told
    if word == MUSTS:
        said = ngettext(
            "%(rule)s (%(word)s): %(n)s circle could not stay as it is.",
            "%(rule)s (%(word)s): %(n)s circles could not stay as they are.",
            number,
        )
    else:
        said = ngettext(
            "%(rule)s (%(word)s): %(n)s circle does not keep to it.",
            "%(rule)s (%(word)s): %(n)s circles do not keep to it.",
            number,
        )
    return said % told


def _together(held: Measured, chosen: Mapping[str, Any]) -> str:
    """What the rules cost that must hold: how many circles do not keep to them, and how many people are in those."""
    wrong = held.failing(chosen)
    if not wrong:
        return ""
    people = sum(len(circle) for circle in wrong)
    inside = ngettext("%(n)s person is", "%(n)s people are", people) % {"n": people}
    on_board, proposed = _of_the_board(wrong), _of_the_proposal(wrong)
    return (on_board if held.is_board else proposed) % {"n": len(wrong), "inside": inside}


def _of_the_board(wrong: Sequence[object]) -> str:
    return ngettext(
        "%(n)s circle of the board does not keep to what must hold now, in which %(inside)s.",
        "%(n)s circles of the board do not keep to what must hold now, in which %(inside)s.",
        len(wrong),
    )


def _of_the_proposal(wrong: Sequence[object]) -> str:
    return ngettext(
        "%(n)s circle of the proposal does not keep to what must hold now, in which %(inside)s.",
        "%(n)s circles of the proposal do not keep to what must hold now, in which %(inside)s.",
        len(wrong),
    )


def _now(term: str, number: int, held: Measured | None) -> str:
    if held is None:
        return ""
    where = _("On the board now") if held.is_board else _("In the proposal")
    if term == "waiting":
        n = held.waiting
        return ngettext("%(where)s: %(n)s waits.", "%(where)s: %(n)s wait.", n) % {"n": n, "where": where}
    if not number:
        return _("%(where)s: every circle keeps to it.") % {"where": where}
    said = ngettext(
        "%(where)s: %(n)s circle does not keep to it.", "%(where)s: %(n)s circles do not keep to it.", number
    )
    return said % {"n": number, "where": where}
