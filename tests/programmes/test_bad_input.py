"""Input that leads nowhere good, through the pages: each gives a clear sentence and a usable board, and nothing is lost."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Level
from accounts.models import Availability
from accounts.services import availability_add
from programmes.board_services import people_pin
from programmes.enrolment_services import enrolment_withdraw
from programmes.enums import RunState
from programmes.forming.running import run as in_a_process
from programmes.models import FormingRun, Placement
from programmes.proposal_services import run_claim, run_work
from tests.factories import NOW, signed_in
from tests.programmes.boards import Board, asking, here, ticking
from tests.programmes.enrolling import page

pytestmark = pytest.mark.django_db


def press(board: Board, dana: Client, name: str, **sent: Any) -> None:
    assert dana.post(reverse(f"programmes:{name}", args=[board.round.code]), sent).status_code == 302, name


def words(dana: Client, path: str) -> str:
    answer = dana.get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def worked_out(board: Board, dana: Client, solver: Any = here) -> str:
    """What the page of a proposal says once it was asked for and worked out."""
    press(board, dana, "propose", scope="all")
    run = run_claim(now=NOW)
    assert run
    run_work(run, ticking(), solver)
    return words(dana, reverse("programmes:proposal", args=[board.round.code]))


def is_usable(board: Board, dana: Client, people: int, placed: int) -> None:
    """The proposal goes on the board and is taken back, somebody is moved by hand, and nobody is lost on the way."""
    press(board, dana, "proposal_take", number=0)
    shown = words(dana, page("forming", board.programme))
    assert f"{placed} of {people} {'person' if people == 1 else 'people'} placed." in shown
    if placed:
        press(board, dana, "move_undo")
        assert not Placement.objects.exists()
    press(board, dana, "draft_add")
    press(board, dana, "move", who=[str(board.people[0].code)], to=str(board.drafts[0].code), do="move")
    assert f"1 of {people} {'person' if people == 1 else 'people'} placed." in words(
        dana, page("forming", board.programme)
    )


def hours(board: Board, *days: int) -> None:
    """Each person has an hour on a day of their own, in turn."""
    Availability.objects.all().delete()
    for at, one in enumerate(board.people):
        start = 480 + 120 * (at // len(days))
        availability_add(user=one.user, weekdays=[days[at % len(days)]], start=start, end=start + 120, level=Level.GOOD)


def managed(board: Board, bosses: dict[int, int]) -> None:
    for at, boss in bosses.items():
        row = board.people[at]
        row.facts = row.facts | {"manager": board.people[boss].user.email}
        row.save(update_fields=["attributes"])


def test_one_person(clock: Any) -> None:
    board = Board(1, min_size=4, max_size=6)
    dana = signed_in(board.dana)
    said = worked_out(board, dana)
    assert "A circle here has 4 people or more, and 1 asks for a place." in said
    assert "1 person still waits, and why" in said
    is_usable(board, dana, 1, 0)


def test_seven_people_for_circles_of_five(clock: Any) -> None:
    board = Board(7, min_size=5, max_size=5)
    dana = signed_in(board.dana)
    said = worked_out(board, dana)
    assert "2 people still wait, and why" in said
    assert "would take them if it could hold one more" in said
    is_usable(board, dana, 7, 5)


def test_nobody_shares_an_hour(clock: Any) -> None:
    board = Board(10)
    hours(board, 0, 1, 2, 3, 4, 5, 6)
    dana = signed_in(board.dana)
    said = worked_out(board, dana)
    assert "No circle could be made that keeps to all that must hold." in said
    assert "10 people still wait, and why" in said
    is_usable(board, dana, 10, 0)


def test_everybody_has_the_same_manager_who_is_among_them(clock: Any) -> None:
    board = Board(9)
    managed(board, dict.fromkeys(range(1, 9), 0))
    dana = signed_in(board.dana)
    said = worked_out(board, dana)
    assert "1 person still waits, and why" in said
    assert "would take them, but one of them reports to another" in said or "No place was found for them" in said
    is_usable(board, dana, 9, 8)


def test_a_cycle_of_managers(clock: Any) -> None:
    board = Board(9)
    managed(board, {at: (at + 1) % 9 for at in range(9)})
    dana = signed_in(board.dana)
    assert "for 9 of 9 people" in worked_out(board, dana)
    is_usable(board, dana, 9, 9)


def test_wishes_that_contradict(clock: Any) -> None:
    board = Board(12, confidence=True)
    first, second = board.people[0], board.people[1]
    first.together, first.apart = second.user.email, second.user.email
    first.save(update_fields=["together", "apart"])
    second.together = first.user.email
    second.save(update_fields=["together"])
    dana = signed_in(board.dana)
    said = worked_out(board, dana)
    assert "The circles" in said
    [run] = FormingRun.objects.all()
    for circle in run.choices[0]["circles"]:
        assert not {first.pk, second.pk} <= set(circle["people"])
    is_usable(board, dana, 12, sum(len(one["people"]) for one in run.choices[0]["circles"]))


def test_a_pinned_circle_that_breaks_a_rule_stays_and_the_board_says_so(clock: Any) -> None:
    board = Board(9)
    managed(board, {1: 0})
    board.put(0, 0, 1, 2)
    people_pin(round_=board.round, enrolments=[one.pk for one in board.people[:3]], pinned=True)
    dana = signed_in(board.dana)
    worked_out(board, dana)
    press(board, dana, "proposal_take", number=0)
    here_now = board.stands()
    assert {"P00", "P01", "P02"} <= set(here_now[board.drafts[0].name])
    shown = words(dana, page("forming", board.programme))
    assert "P01 Person reports to P00 Person." in shown
    assert "9 of 9 people placed." in shown


def test_somebody_withdraws_and_somebody_comes_while_it_is_worked_out(clock: Any) -> None:
    board = Board(9)
    dana = signed_in(board.dana)

    def meanwhile(problem: Any, seconds: float, seed: int = 1, heard: Any = None) -> Any:
        if Placement.objects.count() == 0 and len(board.people) == 9:
            enrolment_withdraw(enrolment=board.people[0], now=NOW)
            board.people += asking(board.programme, ["Late"])
        return here(problem, seconds, seed)

    said = worked_out(board, dana, meanwhile)
    assert "Late Person" in said
    assert "Came after this was worked out." in said
    assert "P00 Person" not in said
    press(board, dana, "proposal_take", number=0)
    assert "8 of 9 people placed." in words(dana, page("forming", board.programme))


def test_two_administrators_propose_and_take_at_once(clock: Any) -> None:
    board = Board(9)
    board.programme.admins.create(user=board.people[8].user, since=NOW)
    dana, other = signed_in(board.dana), signed_in(board.people[8].user)
    worked_out(board, dana)
    press(board, other, "proposal_take", number=0)
    press(board, dana, "proposal_take", number=0)
    assert (
        "This proposal is no longer there. Look at the board again." in words(dana, page("forming", board.programme))
        or Placement.objects.count() == 9
    )
    assert Placement.objects.count() == 9


def test_the_solver_is_killed_before_it_said_anything_and_asked_again(clock: Any) -> None:
    board = Board(9)
    dana = signed_in(board.dana)

    def killed(problem: Any, seconds: float, seed: int = 1, heard: Any = None) -> Any:
        from programmes.forming.running import Lost

        raise Lost

    said = worked_out(board, dana, killed)
    assert "It ended before it had found anything. The board is as it was; you can propose again." in said
    assert FormingRun.objects.get().state == RunState.LOST
    assert "for 9 of 9 people" in worked_out(board, dana)


def test_a_limit_of_a_second_gives_a_proposal_from_a_real_process(clock: Any) -> None:
    board = Board(12)
    dana = signed_in(board.dana)

    def one_second(problem: Any, seconds: float, seed: int = 1, heard: Any = None) -> Any:
        return in_a_process(problem, 1, seed, heard=heard)

    said = worked_out(board, dana, one_second)
    assert "of 12 people" in said
    is_usable(board, dana, 12, sum(len(one["people"]) for one in FormingRun.objects.get().choices[0]["circles"]))


def test_a_hundred_and_twenty_people_who_named_no_times(clock: Any) -> None:
    board = Board(120, min_size=4, max_size=6)
    Availability.objects.all().delete()
    dana = signed_in(board.dana)
    said = worked_out(board, dana, lambda problem, seconds, seed=1, heard=None: here(problem, 2, seed))
    assert "120 of them have named no times: nobody can tell whether their circles can meet." in said
    assert "for 120 of 120 people" in said
    shown = words(dana, page("forming", board.programme))
    assert "120 people here have named no times" in shown
    asked = dana.post(page("people_several", board.programme), {"do": "hours_all", "board": "1"}, follow=True)
    assert "120 people are asked by mail when they can meet." in asked.content.decode()
    is_usable(board, dana, 120, 120)
