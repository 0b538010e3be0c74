"""Who works proposals out: one at a time in a process, in a thread, and on after a fault."""

from collections.abc import Callable
from typing import Any

import pytest
from kombu.exceptions import OperationalError

from programmes import tasks
from programmes.enums import RunState, Scope
from programmes.models import FormingRun
from programmes.proposal_services import run_ask, run_work
from tests.factories import NOW
from tests.programmes.boards import Board, here

pytestmark = pytest.mark.django_db


class AtOnce:
    """A thread that is none, and connections that stay open for the test."""

    def __init__(self, target: Callable[..., None], args: tuple[Any, ...] = (), **options: Any) -> None:
        self.start = lambda: target(*args)

    @staticmethod
    def close_all() -> None:
        """The test goes on with its connection."""


@pytest.fixture(autouse=True)
def no_threads(monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    monkeypatch.setattr(tasks.threading, "Thread", AtOnce)
    monkeypatch.setattr(tasks, "connections", AtOnce)
    monkeypatch.setattr(tasks, "run_work", lambda run, clock: run_work(run, clock, here))


def asked(board: Board) -> FormingRun:
    return run_ask(round_=board.round, scope=Scope.EVERYBODY, by=board.dana, now=NOW)


def test_what_was_asked_for_is_worked_out_at_the_next_turn() -> None:
    run = asked(Board())
    tasks.work_out_circles()
    run.refresh_from_db()
    assert run.state == RunState.DONE
    tasks.work_out_circles()
    assert tasks.ONE_AT_A_TIME.acquire(blocking=False), "whoever found nothing to do lets others"
    tasks.ONE_AT_A_TIME.release()


def test_one_is_worked_out_at_a_time() -> None:
    run = asked(Board())
    with tasks.ONE_AT_A_TIME:
        tasks.work_out_circles()
    run.refresh_from_db()
    assert run.state == RunState.QUEUED


def test_a_fault_is_logged_and_keeps_nobody_from_going_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = asked(Board())

    def broken(*args: Any, **options: Any) -> None:
        raise ValueError("anything")

    with monkeypatch.context() as for_once:
        for_once.setattr(tasks, "run_work", broken)
        tasks.work_out_circles()
    assert "working out circles: failed" in caplog.text
    with monkeypatch.context() as for_once:
        for_once.setattr(tasks, "run_claim", broken)
        with pytest.raises(ValueError, match="anything"):
            tasks.work_out_circles()
    FormingRun.objects.update(state=RunState.QUEUED)
    tasks.work_out_circles()
    run.refresh_from_db()
    assert run.state == RunState.DONE


def test_what_is_asked_for_while_the_last_one_ends_begins_at_once(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A press between the last look for work and the letting go finds the place taken: it is looked for once more."""
    settings.CELERY_TASK_ALWAYS_EAGER = True
    board, claim, looks = Board(), tasks.run_claim, []

    def look(**options: Any) -> FormingRun | None:
        looks.append(claim(**options))
        if len(looks) == 2:  # nothing more was found; somebody presses now
            FormingRun.objects.all().delete()
            asked(board)
            tasks.begin_soon()
        return looks[-1]

    monkeypatch.setattr(tasks, "run_claim", look)
    asked(board)
    tasks.work_out_circles()
    assert FormingRun.objects.get().state == RunState.DONE


@pytest.mark.parametrize("eager", [True, False])
def test_it_begins_at_once_and_without_a_broker_with_the_next_turn(
    eager: bool, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = eager
    run = asked(Board())

    def no_broker(**options: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.work_out_circles, "apply_async", no_broker)
    tasks.begin_soon()
    run.refresh_from_db()
    assert run.state == (RunState.DONE if eager else RunState.QUEUED)
    assert ("begins with the next turn" in caplog.text) is not eager
