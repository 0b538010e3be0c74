"""What a page says of a proposal: circles beside the board as it is, reasons in sentences, what is proved.

Every sentence is made of facts that were counted when the proposal was made. None is made of what somebody asked in
confidence, and a place that was not found and one that is not there are said in the same words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programmes.forming.model import Rules
from programmes.forming.strengths import rules_for
from programmes.forming.tally import waiting_price
from programmes.forming_selectors import Board, Placed, rules_of
from programmes.models import DraftCircle, FormingRun, Programme, Round
from programmes.rules.forming import FitRules, wall_of_start

NAMED = 3


def matched(circles: Sequence[Sequence[int]], board: Board) -> list[tuple[Sequence[int], DraftCircle | None]]:
    """Each proposed circle with the one of the board that has most of its people; None for one that is new.

    A circle in which somebody is kept comes before any other for their circle, and an empty one before a new one.
    """
    at = {one.enrolment.pk: (pot.draft, one.pinned or pot.draft.locked) for pot in board.pots for one in pot.people}
    weight: dict[tuple[int, int], int] = {}
    for place, circle in enumerate(circles):
        for who in circle:
            if who in at:
                draft, kept = at[who]
                weight[place, draft.pk] = weight.get((place, draft.pk), 0) + (1000 if kept else 1)
    free = {pot.draft.pk: pot.draft for pot in board.pots}
    chosen: dict[int, DraftCircle] = {}
    for (place, key), _worth in sorted(weight.items(), key=lambda one: (-one[1], one[0])):
        if place not in chosen and key in free:
            chosen[place] = free.pop(key)
    empty = [pot.draft for pot in board.pots if pot.draft.pk in free and not pot.people and not pot.draft.locked]
    return [(circle, chosen.get(place) or (empty.pop(0) if empty else None)) for place, circle in enumerate(circles)]


@dataclass(frozen=True)
class PersonProposed:
    """Somebody in a proposed circle, and why."""

    placed: Placed
    reasons: tuple[str, ...]
    is_new: bool


@dataclass(frozen=True)
class CircleProposed:
    """A proposed circle: its name, when all could meet, what changes beside the board, and its people."""

    name: str
    people: tuple[PersonProposed, ...]
    when: str
    change: str
    remarks: tuple[str, ...]
    # Whether it is another circle than the board holds now.
    is_changed: bool


@dataclass(frozen=True)
class WaitingProposed:
    """Somebody without a place in a proposal, and what would give them one."""

    placed: Placed
    reason: str


@dataclass(frozen=True)
class Column:
    """One proposal beside the others: what it was made for, and its counts in the order of the lines."""

    number: int
    title: str
    cells: tuple[str, ...]


def run_of(round_: Round) -> FormingRun | None:
    """The working out that belongs to a board, going on or ended. One query."""
    return FormingRun.objects.filter(round=round_).order_by("-asked_at", "-pk").first()


def titles() -> Mapping[str, str]:
    """What a proposal was made for, in words."""
    return {"rules": _("By your rules"), "mixed": _("Most mixed"), "wishes": _("Most wishes")}


def columns(run: FormingRun, rules: Rules) -> tuple[list[str], list[Column]]:
    """The lines of the table that shows the proposals side by side, and a column for each."""
    lines = _lines(rules, any(one["wished"] for one in run.choices))
    named = titles()
    found = [
        Column(number, named[one["aim"]], tuple(told(one) for told in lines.values()))
        for number, one in enumerate(run.choices)
    ]
    return list(lines), found


def _lines(rules: Rules, wished: bool) -> dict[str, Callable[[Mapping[str, Any]], str]]:
    def counted(term: str) -> Callable[[Mapping[str, Any]], str]:
        return lambda one: str(one["counts"].get(term, 0))

    lines: dict[str, Callable[[Mapping[str, Any]], str]] = {
        _("People who wait"): lambda one: str(len(one["waiting"])),
        _("Circles"): lambda one: str(len(one["circles"])),
        _("Pairs from the same department"): counted("functions"),
        _("Pairs from different places") if rules.places_alike else _("Pairs from the same place"): counted("places"),
        _("Pairs who have met before"): counted("met"),
        _("Circles with a single possible start"): counted("choice"),
    }
    if wished:
        lines[_("People with somebody they asked for")] = _with_somebody
    return lines


def _with_somebody(one: Mapping[str, Any]) -> str:
    number = sum(bool(person["wishes"]) for person in one["people"])
    return _("%(n)s of %(all)s") % {"n": number, "all": one["wished"]}


def under_words(programme: Programme) -> str:
    """Under what something is the best: the rules, and where that is so what was told in confidence and the lot."""
    confidence = _(
        "and with what was told in confidence, and some pairs kept apart by lot so that nobody can tell which"
    )
    return _("under your rules") + (f" ({confidence})" if programme.in_confidence else "")


def proof_words(one: Mapping[str, Any], programme: Programme) -> str:
    """How good a proposal is: proved, how far it can be from the best at most, or that this is not known."""
    under = under_words(programme)
    if one["aim"] != "rules":
        return _("Made for something else than your rules alone; by them, the first is at least as good.")
    if one["proved"]:
        return _("This is the best there is %(under)s.") % {"under": under}
    return gap_words(one["cost"], one["bound"], programme, under)


def gap_words(cost: int, bound: int, programme: Programme, under: str) -> str:
    """How far it can be from the best at most, in places for people; or that this is not known."""
    if bound <= 0:
        return _("How far it is from the best there is %(under)s is not known.") % {"under": under}
    gap, price = cost - bound, waiting_price(rules_for(programme.forming, 2, 12))
    if gap < price:
        return _("A better one %(under)s could gain less than what one more place for somebody counts.") % {
            "under": under
        }
    n = gap // price + 1
    words = ngettext(
        "A better one %(under)s could gain as much as a place for %(n)s person counts, at most.",
        "A better one %(under)s could gain as much as places for %(n)s people count, at most.",
        n,
    )
    return words % {"under": under, "n": n}


def proposal_page(run: FormingRun, board: Board, number: int) -> dict[str, Any]:
    """Everything the page of a proposal shows: the table of all of them, and the chosen one with its reasons."""
    programme = board.round.programme
    one = run.choices[number]
    circles = circles_proposed(one, board)
    lines, found = columns(run, rules_for(programme.forming, programme.min_size, programme.max_size))
    return {
        "note": _note(one, board),
        "number": number,
        "circles": circles,
        "changed": sum(circle.is_changed for circle in circles),
        "same": sum(not circle.is_changed for circle in circles),
        "placed": sum(len(circle.people) for circle in circles),
        "everybody": len(board.everybody),
        "waiting": waiting_proposed(one, board),
        "table": [(line, [column.cells[at] for column in found]) for at, line in enumerate(lines)],
        "columns": found,
        "proof": proof_words(one, programme),
    }


def _note(one: Mapping[str, Any], board: Board) -> str:
    """What whoever reads a proposal should know first, by numbers that stand on the board anyway; empty for nothing."""
    programme, people = board.round.programme, board.everybody
    silent = sum(1 for placed in people if not placed.person.stretches)
    if len(people) < programme.min_size:
        said = ngettext(
            "A circle here has %(least)s people or more, and %(n)s asks for a place.",
            "A circle here has %(least)s people or more, and %(n)s ask for a place.",
            len(people),
        )
        return said % {"least": programme.min_size, "n": len(people)}
    if not one["circles"]:
        return _("No circle could be made that keeps to all that must hold. Change the rules, or move people by hand.")
    if silent:
        said = ngettext(
            "%(n)s of them has named no times: nobody can tell whether their circle can meet.",
            "%(n)s of them have named no times: nobody can tell whether their circles can meet.",
            silent,
        )
        return said % {"n": silent}
    return ""


def circles_proposed(one: Mapping[str, Any], board: Board) -> list[CircleProposed]:
    """The circles of a proposal with their reasons; those that change first. People who have gone are left out."""
    people = {placed.enrolment.pk: placed for placed in board.everybody}
    at = {placed.enrolment.pk: pot.draft for pot in board.pots for placed in pot.people}
    facts = {fact["who"]: fact for fact in one["people"]}
    rules = rules_of(board.round.programme, board.round.first_on)
    circles = [circle for circle in one["circles"] if any(who in people for who in circle["people"])]
    found = [
        _circle(circle, draft, people, at, facts, rules, board)
        for circle, (_here, draft) in zip(circles, matched([c["people"] for c in circles], board), strict=True)
    ]
    return sorted(found, key=lambda circle: (not circle.is_changed, circle.name))


def _circle(
    circle: Mapping[str, Any],
    draft: DraftCircle | None,
    people: Mapping[int, Placed],
    at: Mapping[int, DraftCircle],
    facts: Mapping[int, Mapping[str, Any]],
    rules: FitRules,
    board: Board,
) -> CircleProposed:
    here = [people[who] for who in circle["people"] if who in people]
    when = when_words(circle["starts"], rules)
    told = []
    for placed in here:
        fact, own = facts[placed.enrolment.pk], placed.enrolment.pk
        new = draft is None or at.get(own) != draft
        told.append(PersonProposed(placed, tuple(_reasons(placed, fact, when, at, new, board.round.number)), new))
    stays = {one.enrolment.pk for one in here}
    before = [one for pot in board.pots if pot.draft == draft for one in pot.people]
    gone = [one.person.name for one in before if one.enrolment.pk not in stays]
    comes = [one.placed.person.name for one in told if one.is_new]
    change = _change(comes, gone, len(stays)) if before else ""
    remarks = _remarks(circle, len(here), rules)
    return CircleProposed(
        draft.name if draft else _("A new circle"), tuple(told), when, change, tuple(remarks), bool(comes or gone)
    )


def when_words(starts: Sequence[int], rules: FitRules) -> str:
    """When a circle can begin, as the first start that all share who named any; empty for none."""
    if not starts:
        return ""
    return date_format(wall_of_start(starts[0], rules), "l H:i")


def _change(comes: Sequence[str], goes: Sequence[str], number: int) -> str:
    if not comes and not goes:
        return ""
    if len(comes) == number:
        return _("all new")
    said = []
    if comes:
        said.append(_("%s come") % _few(comes) if len(comes) > 1 else _("%s comes") % comes[0])
    if goes:
        said.append(_("%s leave") % _few(goes) if len(goes) > 1 else _("%s leaves") % goes[0])
    return "; ".join(said)


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMED])
    more = len(names) - NAMED
    return _("%(names)s and %(n)s more") % {"names": shown, "n": more} if more > 0 else shown


def _remarks(circle: Mapping[str, Any], number: int, rules: FitRules) -> list[str]:
    found = []
    if not circle["starts"]:
        found.append(_("No time of the week suits all of them."))
    if circle["unsaid"]:
        said = ngettext("%(n)s has named no times.", "%(n)s have named no times.", circle["unsaid"])
        found.append(said % {"n": circle["unsaid"]})
    if circle["met"]:
        said = ngettext("%(n)s pair has met before.", "%(n)s pairs have met before.", circle["met"])
        found.append(said % {"n": circle["met"]})
    if not rules.least <= number <= rules.most:
        found.append(_("Not the size this programme wants."))
    return found


def _reasons(
    placed: Placed, fact: Mapping[str, Any], when: str, at: Mapping[int, DraftCircle], new: bool, number: int
) -> list[str]:
    person = placed.person
    found = []
    if not person.stretches:
        found.append(_("Has named no times"))
    elif when:
        found.append(_("Shares %s with all who named times") % when)
    if person.function:
        same = fact["same_function"]
        found.append(
            _("Nobody else here is from %s") % person.function
            if not same
            else ngettext("%(n)s other is from %(what)s", "%(n)s others are from %(what)s", same)
            % {"n": same, "what": person.function}
        )
    if fact["wished"]:
        asked = ngettext(
            "%(n)s of the %(all)s person they asked for is here",
            "%(n)s of the %(all)s people they asked for are here",
            fact["wished"],
        )
        found.append(asked % {"n": fact["wishes"], "all": fact["wished"]})
    if number > 1:
        met = fact["met"]
        some = ngettext("Has met %(n)s of them before", "Has met %(n)s of them before", met) % {"n": met}
        found.append(some if met else _("Has met none of them before"))
    if new and (draft := at.get(placed.enrolment.pk)):
        found.append(_("Comes from %s") % draft.name)
    if placed.enrolment.may_facilitate:
        found.append(_("Would look after a circle"))
    return found


def waiting_proposed(one: Mapping[str, Any], board: Board) -> list[WaitingProposed]:
    """Who waits in a proposal, and the one rule whose relaxing would give them a place; whoever came since as well."""
    people = {placed.enrolment.pk: placed for placed in board.everybody}
    named = _names_of_circles(one, board)
    told = {fact["who"]: fact for fact in one["waiting"]}
    known = set(told) | {fact["who"] for fact in one["people"]}
    since = _("Came after this was worked out.")
    return [
        WaitingProposed(placed, _why(told[pk], placed, named) if pk in told else since)
        for pk, placed in people.items()
        if pk in told or pk not in known
    ]


def _names_of_circles(one: Mapping[str, Any], board: Board) -> dict[frozenset[int], str]:
    circles = [circle["people"] for circle in one["circles"]]
    return {frozenset(circle): draft.name if draft else _("a new circle") for circle, draft in matched(circles, board)}


def _why(fact: Mapping[str, Any], placed: Placed, named: Mapping[frozenset[int], str]) -> str:
    circle = named.get(frozenset(fact["circle"]), "")
    words = waiting_words().get(fact["rule"] or "", "") if circle else ""
    said = words % {"circle": circle} if words else no_place_words()
    return said if placed.person.stretches else _("Has named no times.") + " " + said


def no_place_words() -> str:
    """Said alike where several rules stand in the way, where one told in confidence does, and where none was found."""
    return _("No place was found for them under all rules together. On the board you see what any place would cost.")


def waiting_words() -> Mapping[str, str]:
    """By rule, what would give somebody a place."""
    return {
        "size": _("%(circle)s would take them if it could hold one more."),
        "times": _("%(circle)s would take them if it need not share a time."),
        "choice": _("%(circle)s would take them, but then only one start of the week suits all."),
        "manager": _("%(circle)s would take them, but one of them reports to another."),
        "levels": _("%(circle)s would take them, but their levels are too far apart."),
        "language": _("%(circle)s would take them, but there is no language that all speak."),
        "alone": _("%(circle)s would take them, but somebody would be the only one of their level."),
        "functions": _("%(circle)s would take them, but for somebody of the same department."),
        "places": _("%(circle)s would take them, but for where people work."),
        "wishes": _("%(circle)s would take them, but somebody would be with none of those they asked for."),
        "met": _("%(circle)s would take them, but for people who have met before."),
    }
