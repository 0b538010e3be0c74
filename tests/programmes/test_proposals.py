"""Working out circles for a board: asked for, worked on by whoever claims it, stopped, lost, put on the board."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import QuerySet

from accounts.models import Availability
from accounts.refusals import Refused
from programmes.board_services import draft_lock, people_pin, step_undo
from programmes.enrolment_services import enrolment_withdraw
from programmes.enums import RunState, Scope
from programmes.forming.running import Lost
from programmes.forming.solving import Progress
from programmes.forming_selectors import board_of
from programmes.models import DraftCircle, FormingRun, Placement
from programmes.proposal_selectors import circles_proposed, proof_words, waiting_proposed
from programmes.proposal_services import (
    ATTEMPTS,
    LEASE,
    proposal_take,
    run_ask,
    run_claim,
    run_drop,
    run_stop,
    run_work,
)
from tests.factories import NOW
from tests.programmes.boards import Board, asking, here, ticking

pytestmark = pytest.mark.django_db


def worked_out(board: Board, scope: str = Scope.EVERYBODY, solver: Any = here) -> FormingRun:
    run_ask(round_=board.round, scope=scope, by=board.dana, now=NOW)
    claimed = run_claim(now=NOW)
    assert claimed
    run_work(claimed, ticking(), solver)
    claimed.refresh_from_db()
    return claimed


def test_circles_are_proposed_and_put_on_the_board_in_one_step_that_can_be_undone(clock: Any) -> None:
    board = Board()
    run = worked_out(board)
    assert run.state == RunState.DONE
    first = run.choices[0]
    assert sorted(len(circle["people"]) for circle in first["circles"]) == [4, 4, 4]
    assert (first["waiting"], first["counts"].get("functions")) == ([], None)
    assert board.stands() == {}, "nothing changes before somebody says so"
    assert proposal_take(run_=run, number=0) == 12
    assert sorted(len(people) for people in board.stands().values()) == [4, 4, 4]
    assert not FormingRun.objects.exists()
    assert DraftCircle.objects.filter(round=board.round).count() == 3, (
        "an empty circle that nobody touched is taken off"
    )
    assert step_undo(round_=board.round) == 12
    assert board.stands() == {}


def test_a_proposal_keeps_what_is_locked_and_who_is_kept_and_says_what_changes(clock: Any) -> None:
    board = Board(16)
    board.put(0, 0, 4, 8)  # three of one department: nobody would propose that
    board.put(1, 1, 2)
    draft_lock(draft=board.drafts[0], locked=True)
    people_pin(round_=board.round, enrolments=[board.people[1].pk], pinned=True)
    run = worked_out(board)
    shown = circles_proposed(run.choices[0], board_of(board.round))
    by_name = {circle.name: circle for circle in shown}
    assert not by_name["Alder"].is_changed
    assert {one.placed.person.name for one in by_name["Alder"].people} == {"P00 Person", "P04 Person", "P08 Person"}
    assert "P01 Person" in {one.placed.person.name for one in by_name["Birch"].people}
    proposal_take(run_=run, number=0)
    assert board.stands()["Alder"] == ["P00", "P04", "P08"]
    assert "P01" in board.stands()["Birch"]


def test_only_those_who_wait_are_placed_where_that_was_asked(clock: Any) -> None:
    board = Board(15)
    board.put(0, 0, 1, 2)
    board.put(1, 3, 4, 5)
    run = worked_out(board, Scope.WAITING)
    proposal_take(run_=run, number=0)
    assert set(board.stands()["Alder"]) >= {"P00", "P01", "P02"}
    assert set(board.stands()["Birch"]) >= {"P03", "P04", "P05"}
    assert sum(len(people) for people in board.stands().values()) == 15


def test_whoever_withdraws_meanwhile_is_left_out_and_whoever_comes_waits(clock: Any) -> None:
    board = Board()
    run = worked_out(board)
    enrolment_withdraw(enrolment=board.people[3], now=NOW)
    asking(board.programme, ["Zoe"])
    told = waiting_proposed(run.choices[0], board_of(board.round))
    assert [(one.placed.person.name, one.reason) for one in told] == [("Zoe Person", "Came after this was worked out.")]
    circles = circles_proposed(run.choices[0], board_of(board.round))
    assert sum(len(circle.people) for circle in circles) == 11
    assert proposal_take(run_=run, number=0) == 11
    assert "P03" not in str(board.stands())


def test_one_run_a_board_at_a_time_and_the_latest_counts(clock: Any) -> None:
    board = Board()
    run_ask(round_=board.round, scope=Scope.EVERYBODY, by=board.dana, now=NOW)
    with pytest.raises(Refused, match="already"):
        run_ask(round_=board.round, scope=Scope.EVERYBODY, by=board.dana, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        FormingRun.objects.create(
            round=board.round, asked_by=board.dana, asked_at=NOW, scope="all", seconds=1, seed=1, state="running"
        )
    first, second = run_claim(now=NOW), run_claim(now=NOW)
    assert (first is not None, second) == (True, None)


def test_whoever_is_gone_is_followed_and_their_late_words_count_for_nothing(clock: Any) -> None:
    board = Board()
    run_ask(round_=board.round, scope=Scope.EVERYBODY, by=board.dana, now=NOW)
    lost = run_claim(now=NOW)
    assert lost
    assert run_claim(now=NOW + LEASE) is None
    other = run_claim(now=NOW + LEASE + timedelta(seconds=1))
    assert other
    run_work(lost, ticking(), here)
    assert FormingRun.objects.get().state == RunState.RUNNING
    run_work(other, ticking(), here)
    assert FormingRun.objects.get().state == RunState.DONE


def test_a_run_that_is_stopped_keeps_the_best_so_far(clock: Any) -> None:
    board = Board()
    run_ask(round_=board.round, scope=Scope.EVERYBODY, by=board.dana, now=NOW)
    run = run_claim(now=NOW)
    assert run
    asked = []

    def stopped_in_the_middle(problem: Any, seconds: float, seed: int = 1, heard: Any = None) -> Any:
        asked.append(seed)
        answer = here(problem, seconds, seed)
        assert heard(Progress(answer.cost, 0, 0, 0.5), answer.circles)
        run_stop(run_=run)
        assert not heard(Progress(answer.cost, 0, 0, 1.0), answer.circles)
        return answer

    run_work(run, ticking(), stopped_in_the_middle)
    run.refresh_from_db()
    assert (run.state, len(run.choices), len(asked)) == (RunState.DONE, 1, 1)
    assert len(run.choices[0]["circles"]) == 3


def test_what_was_found_before_a_restart_is_kept_when_it_cannot_go_on(clock: Any) -> None:
    board = Board()
    run_ask(round_=board.round, scope=Scope.EVERYBODY, by=board.dana, now=NOW)
    run = run_claim(now=NOW)
    assert run

    def killed(problem: Any, seconds: float, seed: int = 1, heard: Any = None) -> Any:
        heard(Progress(0, 0, 0, 0.5), here(problem, seconds, seed).circles)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_work(run, ticking(), killed)
    at = NOW
    for _again in range(ATTEMPTS):
        at += LEASE * 2
        run = run_claim(now=at)
        assert run
    run_work(run, ticking(at), killed)
    run.refresh_from_db()
    assert (run.state, len(run.choices[0]["circles"])) == (RunState.DONE, 3)


def test_a_solver_that_dies_at_once_leaves_a_usable_board(clock: Any) -> None:
    board = Board()

    def dead(*args: Any, **options: Any) -> Any:
        raise Lost

    run = worked_out(board, solver=dead)
    assert (run.state, run.choices) == (RunState.LOST, [])
    with pytest.raises(Refused, match="no longer there"):
        proposal_take(run_=run, number=0)
    again = worked_out(board)
    assert again.state == RunState.DONE
    run_drop(run_=again)
    assert not FormingRun.objects.exists()


@pytest.mark.parametrize("people", [1, 3, 7])
def test_too_few_people_or_nobody_with_hours_is_said_and_the_board_stays(clock: Any, people: int) -> None:
    board = Board(people, min_size=5, max_size=5)
    Availability.objects.all().delete()
    run = worked_out(board)
    placed = sum(len(circle["people"]) for circle in run.choices[0]["circles"])
    assert placed == (5 if people == 7 else 0)
    told = waiting_proposed(run.choices[0], board_of(board.round))
    assert len(told) == people - placed
    assert all(one.reason.startswith("Has named no times.") for one in told)


def test_a_database_that_is_busy_for_a_moment_loses_nothing(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board()
    run_ask(round_=board.round, scope=Scope.EVERYBODY, by=board.dana, now=NOW)
    run = run_claim(now=NOW)
    assert run
    real, busy = QuerySet.update, iter([False, True, True, True, False, True, True])

    def update(self: Any, **values: Any) -> int:
        if self.model is FormingRun and next(busy, False):
            raise OperationalError("database is locked")
        return real(self, **values)

    monkeypatch.setattr(QuerySet, "update", update)

    def heard_twice(problem: Any, seconds: float, seed: int = 1, heard: Any = None) -> Any:
        answer = here(problem, seconds, seed)
        assert heard(Progress(answer.cost, 0, 0, 0.5), answer.circles)
        return answer

    run_work(run, ticking(), heard_twice)
    run.refresh_from_db()
    assert (run.state, len(run.choices[0]["circles"])) == (RunState.DONE, 3)


def test_nobody_to_move_is_refused(clock: Any) -> None:
    board = Board(3)
    board.put(0, 0, 1, 2)
    with pytest.raises(Refused, match="nobody who could be moved"):
        run_ask(round_=board.round, scope=Scope.WAITING, by=board.dana, now=NOW)


def test_what_is_proved_is_said_and_no_more(clock: Any) -> None:
    board = Board(12)
    run = worked_out(board)
    one = run.choices[0]
    assert proof_words(one, board.programme) == "This is the best there is under your rules."
    unknown = one | {"proved": False, "bound": 0, "cost": 40}
    assert (
        proof_words(unknown, board.programme) == "How far it is from the best there is under your rules is not known."
    )
    near = one | {"proved": False, "bound": 30, "cost": 40}
    assert "less than what one more place" in proof_words(near, board.programme)
    far = one | {"proved": False, "bound": 30, "cost": 2400}
    assert "as much as places for 3 people count, at most" in proof_words(far, board.programme)


def test_an_ended_or_published_board_keeps_no_run(clock: Any) -> None:
    board = Board()
    worked_out(board)
    board.round.delete()
    assert not FormingRun.objects.exists()
    assert not Placement.objects.exists()
