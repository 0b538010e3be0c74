"""How the board of today keeps to the rules that circles are proposed by."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programmes.engine_selectors import problem_by_hand
from programmes.forming.strengths import TERMS
from programmes.forming.tally import bosses_of, breaches
from programmes.forming_selectors import Board, board_of
from programmes.models import Programme, Round


@dataclass(frozen=True)
class RuleLine:
    """One rule on the page: the field with its words, and what the board of today is like by it."""

    field: forms.BoundField
    now: str


def rules_page(programme: Programme, round_: Round | None, form: forms.Form) -> dict[str, Any]:
    """The rules in their order, with how many circles of the open board do not keep to each, if there is one."""
    board = board_of(round_) if round_ else None
    counts = _broken(board) if board else Counter[str]()
    return {
        "lines": [RuleLine(form[term.name], _now(term.name, counts[term.name], board)) for term in TERMS],
        "board": board,
    }


def _broken(board: Board) -> Counter[str]:
    """By rule, how many circles of the board do not keep to it."""
    problem = problem_by_hand(board.round, board.everybody)
    by_id, bosses = {one.id: one for one in problem.people}, bosses_of(problem.people)
    total: Counter[str] = Counter()
    for pot in board.pots:
        if pot.people:
            here = [by_id[one.enrolment.pk] for one in pot.people]
            total += Counter(term for term, n in breaches(here, problem.rules, problem.met, bosses).items() if n)
    return total


def _now(term: str, number: int, board: Board | None) -> str:
    if board is None or not board.placed:
        return ""
    if term == "waiting":
        n = len(board.unplaced)
        return ngettext("On the board now: %(n)s waits.", "On the board now: %(n)s wait.", n) % {"n": n}
    if not number:
        return _("On the board now: every circle keeps to it.")
    said = ngettext(
        "On the board now: %(n)s circle does not keep to it.",
        "On the board now: %(n)s circles do not keep to it.",
        number,
    )
    return said % {"n": number}
