"""What somebody asked in confidence is found out from nothing that a proposal shows: a deliberate attack.

A board is made again and again of random people, worked out without a wish and then with one. An attacker who sees every
page of both tries to tell which is which, and whose the wish was.
"""

import os
import random
import re
from collections import Counter
from math import comb
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Level
from accounts.models import Availability
from accounts.services import availability_add
from programmes.engine_selectors import by_lot, mark_of, problem_of
from programmes.enrolment_services import EnrolmentDetails, enrolment_make
from programmes.enums import Scope
from programmes.forming_selectors import board_of
from programmes.models import Enrolment, FormingRun
from programmes.proposal_services import run_ask, run_claim, run_work
from tests.factories import NOW, signed_in
from tests.programmes.boards import Board, asking, here, ticking

pytestmark = pytest.mark.django_db
TURNS = int(os.environ.get("ROUNDS", "1")) * 16
TOKENS = re.compile(rb'name="(csrfmiddlewaretoken|form_key)" value="[^"]+"')


def worked_out(board: Board, solver: Any = here) -> FormingRun:
    FormingRun.objects.all().delete()
    run_ask(round_=board.round, scope=Scope.EVERYBODY, by=board.dana, now=NOW)
    run = run_claim(now=NOW)
    assert run
    run_work(run, ticking(), solver)
    run.refresh_from_db()
    return run


def first_alone() -> Any:
    """The engine for the first proposal; those made for something else are the same, so that none is shown."""
    found: list[Any] = []

    def solved(problem: Any, seconds: float, seed: int = 1, heard: Any = None) -> Any:
        if not found:
            found.append(here(problem, seconds, seed, heard))
        return found[0]

    return solved


def shuffled(board: Board, chance: random.Random) -> list[dict[str, str]]:
    """Other hours and other facts for everybody; what each said is kept, to be said again with a wish."""
    Availability.objects.all().delete()
    facts = []
    for row in board.people:
        for day in chance.sample(range(3), 2):
            availability_add(user=row.user, weekdays=[day], start=540, end=720, level=Level.GOOD)
        said = {"function": chance.choice(["Data", "Legal", "Finance"]), "location": chance.choice(["Leeds", "Cork"])}
        facts.append(said)
        enrolment_make(programme=board.programme, user=row.user, yes=EnrolmentDetails(facts=said), now=NOW)
    return facts


def pages(client: Client, board: Board, run: FormingRun) -> list[bytes]:
    paths = [reverse("programmes:forming", args=[board.programme.code])]
    paths += [reverse("programmes:forming_rules", args=[board.programme.code])]
    paths += [
        reverse("programmes:proposal", args=[board.round.code]) + f"?number={at}" for at in range(len(run.choices))
    ]
    return [TOKENS.sub(b"", client.get(path).content) for path in paths]


def seen(run: FormingRun) -> dict[str, Any]:
    """What an attacker can count on the page of the first proposal."""
    one = run.choices[0]
    return {
        "waiting": len(one["waiting"]),
        "circles": len(one["circles"]),
        "pairs": one["counts"].get("functions", 0),
        "places": one["counts"].get("places", 0),
        "choice": one["counts"].get("choice", 0),
        "no rule": sum(fact["rule"] in (None, "open") for fact in one["waiting"]),
    }


def by_chance(more: int, fewer: int) -> float:
    """How likely so lopsided a count is, if both sides are as likely."""
    n, k = more + fewer, max(more, fewer)
    return min(1.0, 2 * sum(comb(n, at) for at in range(k, n + 1)) / 2**n) if n else 1.0


def test_over_many_boards_nothing_that_is_counted_tells_that_there_is_a_wish(clock: Any) -> None:
    """Where an equally good alternative exists, what is shown with a wish differs from what is shown without by chance."""
    board = Board(13, confidence=True)
    more, fewer = Counter[str](), Counter[str]()
    equal = 0
    for seed in range(TURNS):
        chance = random.Random(seed)
        facts = shuffled(board, chance)
        before = worked_out(board, first_alone())
        at, other = chance.sample(range(13), 2)
        yes = EnrolmentDetails(facts=facts[at], apart=(board.people[other].user.email,))
        enrolment_make(programme=board.programme, user=board.people[at].user, yes=yes, now=NOW)
        after = worked_out(board, first_alone())
        if after.choices[0]["cost"] != before.choices[0]["cost"]:
            continue
        equal += 1
        old, new = seen(before), seen(after)
        more.update(name for name in new if new[name] > old[name])
        fewer.update(name for name in new if new[name] < old[name])
    assert equal >= TURNS // 2, "the attack was hardly tried"
    assert {name: (more[name], fewer[name]) for name in seen(after) if by_chance(more[name], fewer[name]) < 0.01} == {}


def test_once_worked_out_a_wish_changes_no_byte_of_any_page(clock: Any) -> None:
    board = Board(13, confidence=True)
    facts = shuffled(board, random.Random(5))
    run = worked_out(board)
    client = signed_in(board.dana)
    before = pages(client, board, run)
    assert run.input_mark.encode() not in b"".join(before)
    for at, other in ((0, 1), (3, 9)):
        yes = EnrolmentDetails(facts=facts[at], apart=(board.people[other].user.email,))
        enrolment_make(programme=board.programme, user=board.people[at].user, yes=yes, now=NOW)
        assert pages(client, board, run) == before


def test_two_who_are_never_put_together_may_be_so_by_lot(clock: Any) -> None:
    """Being kept apart in every proposal is no proof of a wish: somebody else's pair is kept apart in just that way."""
    board = Board(40, confidence=True)
    people = board_of(board.round).everybody
    lots = by_lot(board.programme, people)
    assert lots == by_lot(board.programme, list(reversed(people))), (
        "drawn anew each time, they could be told from wishes"
    )
    problem = problem_of(board_of(board.round), waiting_only=False)
    kept_apart = {(one.id, who) for one in problem.people for who in one.avoid}
    assert kept_apart == set(lots.items())
    at, other = [row for row in board.people if row.pk not in lots][:2]
    yes = EnrolmentDetails(facts=at.facts, apart=(other.user.email,))
    enrolment_make(programme=board.programme, user=at.user, yes=yes, now=NOW)
    again = problem_of(board_of(board.round), waiting_only=False)
    assert {(one.id, who) for one in again.people for who in one.avoid} == kept_apart | {(at.pk, other.pk)}
    board.programme.in_confidence = False
    assert by_lot(board.programme, people) == {}


def test_whoever_adds_people_cannot_tell_the_lot_from_a_wish(clock: Any) -> None:
    """A wish stays whoever else comes or goes; were the lot drawn anew, what stays would be the wishes."""
    board = Board(80, confidence=True)
    before = by_lot(board.programme, board_of(board.round).everybody)
    assert before
    more = asking(board.programme, [f"M{at:03}" for at in range(80)])
    after = by_lot(board.programme, board_of(board.round).everybody)
    assert {who: other for who, other in after.items() if who in before} == before
    assert set(after) - set(before), "of those who came some are kept apart from somebody too"
    # Fewer people, as on the board of another round: whoever of a pair is there is kept apart from nobody else.
    Enrolment.objects.filter(pk__in=[one.pk for one in [*board.people[::2], *more]]).update(status="placed")
    some = by_lot(board.programme, board_of(board.round).everybody)
    assert some.items() <= before.items()


def test_a_digest_that_is_stored_cannot_be_tried_out(clock: Any, settings: Any) -> None:
    """Whoever reads the tables but has no key of the site cannot compute the digests of both and compare."""
    board = Board(13, confidence=True)
    problem = problem_of(board_of(board.round), waiting_only=False)
    mark = mark_of(problem)
    settings.SECRET_KEY = "another"
    assert mark_of(problem) != mark


def test_the_few_are_refused_by_their_number_whatever_they_asked(clock: Any) -> None:
    board = Board(9, confidence=True)
    client = signed_in(board.dana)
    propose = reverse("programmes:propose", args=[board.round.code])

    def refusal() -> bytes:
        return TOKENS.sub(b"", client.post(propose, {"scope": "all"}, follow=True).content)

    client.get(reverse("programmes:forming", args=[board.programme.code]))
    before = refusal()
    row = board.people[0]
    yes = EnrolmentDetails(facts=row.facts, apart=(board.people[1].user.email,))
    enrolment_make(programme=board.programme, user=row.user, yes=yes, now=NOW)
    assert refusal() == before
    assert not FormingRun.objects.exists()


def test_no_proposal_puts_two_together_of_whom_one_would_rather_not(clock: Any) -> None:
    board = Board(13, confidence=True)
    facts = [row.facts for row in board.people]
    for at in range(0, 12, 2):
        yes = EnrolmentDetails(facts=facts[at], apart=(board.people[at + 1].user.email,))
        enrolment_make(programme=board.programme, user=board.people[at].user, yes=yes, now=NOW)
    run = worked_out(board)
    keys = [row.pk for row in board.people]
    for choice in run.choices:
        for circle in choice["circles"]:
            assert not any({keys[at], keys[at + 1]} <= set(circle["people"]) for at in range(0, 12, 2))
