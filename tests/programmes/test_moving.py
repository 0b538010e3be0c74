"""What a move on the board gains and costs, undoing moves, and what stays."""

import time
from typing import Any

import pytest

from accounts.models import Availability
from accounts.refusals import Refused
from programmes.board_services import IN_ONE_AT_MOST, STEPS_KEPT, draft_lock, people_move, people_pin, step_undo
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, enrolment_withdraw
from programmes.forming_selectors import board_of
from programmes.forming_services import draft_drop
from programmes.models import BoardStep, Placement
from programmes.moving_selectors import hints_of, move_told
from tests.factories import NOW
from tests.programmes.boards import Board

pytestmark = pytest.mark.django_db


def keys(board: Board, *at: int) -> list[int]:
    return [board.people[one].pk for one in at]


def test_several_are_moved_at_once_or_nobody(clock: Any) -> None:
    board = Board(6)
    one, other = board.drafts[:2]
    assert people_move(round_=board.round, moves=dict.fromkeys(keys(board, 0, 1, 2), one)) == 3
    assert people_move(round_=board.round, moves={**dict.fromkeys(keys(board, 2, 3), other)}) == 2
    assert board.stands() == {"Alder": ["P00", "P01"], "Birch": ["P02", "P03"]}
    enrolment_withdraw(enrolment=board.people[5], now=NOW)
    with pytest.raises(Refused, match="not among those"):
        people_move(round_=board.round, moves=dict.fromkeys(keys(board, 4, 5), one))
    assert "P04" not in str(board.stands())
    gone = board.drafts[1]
    draft_drop(draft=gone)
    with pytest.raises(Refused, match="no longer on the board"):
        people_move(round_=board.round, moves={board.people[4].pk: other})


def test_moves_are_undone_one_after_the_other(clock: Any) -> None:
    board = Board(6)
    one, other = board.drafts[:2]
    people_move(round_=board.round, moves=dict.fromkeys(keys(board, 0, 1, 2), one))
    people_move(round_=board.round, moves=dict.fromkeys(keys(board, 1, 2, 3), other))
    assert step_undo(round_=board.round) == 3
    assert board.stands() == {"Alder": ["P00", "P01", "P02"]}
    assert step_undo(round_=board.round) == 3
    assert board.stands() == {}
    with pytest.raises(Refused, match="no move to undo"):
        step_undo(round_=board.round)


def test_whoever_has_gone_on_meanwhile_is_not_taken_back(clock: Any) -> None:
    board = Board(6)
    one, other = board.drafts[:2]
    people_move(round_=board.round, moves=dict.fromkeys(keys(board, 0, 1), one))
    people_move(round_=board.round, moves=dict.fromkeys(keys(board, 0, 1), other))
    Placement.objects.filter(enrolment=board.people[1]).update(draft=one)
    draft_drop(draft=board.drafts[0])  # P01 waits now, and the circle that P00 came from is gone
    enrolment_withdraw(enrolment=board.people[2], now=NOW)
    assert step_undo(round_=board.round) == 1
    assert board.stands() == {}


def test_the_last_moves_are_kept_and_no_more(clock: Any) -> None:
    board = Board(3)
    for turn in range(STEPS_KEPT + 5):
        people_move(round_=board.round, moves={board.people[0].pk: board.drafts[0] if turn % 2 else None})
    assert BoardStep.objects.count() <= STEPS_KEPT
    assert people_move(round_=board.round, moves={board.people[0].pk: None}) in (0, 1)


def test_what_is_kept_stays_kept_until_it_is_moved_by_hand(clock: Any) -> None:
    board = Board(6)
    board.put(0, 0, 1)
    assert people_pin(round_=board.round, enrolments=keys(board, 0, 5), pinned=True) == 1
    draft_lock(draft=board.drafts[0], locked=True)
    pot = board_of(board.round).pots[0]
    assert (pot.draft.locked, [one.pinned for one in pot.people]) == (True, [True, False])
    board.put(1, 0)
    assert not Placement.objects.get(enrolment=board.people[0]).pinned


def test_a_move_says_what_becomes_of_both_circles_and_what_it_gains_and_costs(clock: Any) -> None:
    board = Board(10)
    board.put(0, 0, 1, 2, 3)
    board.put(1, 4, 5, 6)
    told = move_told(board.round, {board.people[0].pk: board.drafts[1]})
    assert told.who == ("P00 Person",)
    assert told.circles == (
        "Alder would have 3 people, all who named times share Tue 09:00 to 12:00.",
        "Birch would have 4 people, all who named times share Tue 09:00 to 12:00.",
    )
    assert (told.better, told.worse) == ((), ("Pairs from one department: 1 more.",))
    told = move_told(board.round, {board.people[8].pk: board.drafts[0], board.people[1].pk: None})
    assert told.circles == ("Alder would have 4 people, all who named times share Tue 09:00 to 12:00.",)
    assert told.worse == ("Pairs from one department: 1 more.",)
    assert not move_told(board.round, {board.people[0].pk: board.drafts[0]}).changes
    Availability.objects.filter(user=board.people[9].user).update(weekday=4)
    told = move_told(board.round, dict.fromkeys(keys(board, 7, 9), board.drafts[0]))
    assert told.circles == ("Alder would have 6 people, 2 more than 4, no time suits all of them.",)
    assert told.better == ("2 people more have a place.",)


def test_a_wish_told_in_confidence_changes_neither_cost_nor_hint(clock: Any) -> None:
    board = Board(10)
    board.put(0, 0, 1, 2)
    moves = {board.people[3].pk: board.drafts[0]}
    before = move_told(board.round, moves), hints_of(board_of(board.round))
    enrolment_make(
        programme=board.programme,
        user=board.people[3].user,
        yes=EnrolmentDetails(facts={"function": "Legal"}, apart=(board.people[0].user.email,)),
        now=NOW,
    )
    assert (move_told(board.round, moves), hints_of(board_of(board.round))) == before


def test_whoever_waits_reads_which_circles_would_fit(clock: Any) -> None:
    board = Board(9)
    board.put(0, 0, 1, 2)
    board.put(1, 3, 4, 5, 6)
    Availability.objects.filter(user=board.people[8].user).update(weekday=4)
    hints = hints_of(board_of(board.round))
    assert hints[board.people[7].pk] == ["Alder"]
    assert hints[board.people[8].pk] == []


def test_a_move_asks_the_same_few_questions_whatever_the_board(clock: Any, django_assert_max_num_queries: Any) -> None:
    board = Board(24)
    board.put(0, 0, 1, 2)
    with django_assert_max_num_queries(7):
        move_told(board.round, {board.people[9].pk: board.drafts[0]})
    for at in range(4):
        board.put(at, *range(at * 4, at * 4 + 4))
    begun = time.perf_counter()
    with django_assert_max_num_queries(7):
        move_told(board.round, {board.people[20].pk: board.drafts[0], board.people[21].pk: board.drafts[1]})
    assert time.perf_counter() - begun < 1


def test_nobody_puts_a_whole_programme_into_one_circle(clock: Any) -> None:
    """Each page of the board looks at all pairs of a circle."""
    board = Board(IN_ONE_AT_MOST + 2)
    first, second = board.drafts[:2]
    everybody = [one.pk for one in board.people]
    with pytest.raises(Refused, match="twelve"):
        people_move(round_=board.round, moves=dict.fromkeys(everybody[:-1], first))
    assert people_move(round_=board.round, moves=dict.fromkeys(everybody[:-2], first)) == IN_ONE_AT_MOST
    with pytest.raises(Refused, match="twelve"):
        people_move(round_=board.round, moves={everybody[-1]: first, everybody[-2]: second})
    assert people_move(round_=board.round, moves={everybody[0]: None, everybody[-1]: first}) == 2
