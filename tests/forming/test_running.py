"""The solver's process: it can be stopped, killed and left alone, and the app never loads what it needs."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from programmes.forming import running
from programmes.forming.model import Answer, Person, Problem, Rules
from programmes.forming.running import GRACE, Lost, run
from programmes.forming.solving import Progress, solve
from tests.forming.problems import random_problem

ROOT = Path(__file__).resolve().parents[2]
# So many possible circles that they are searched, and a price for nearly every pair, so that it never ends by itself.
LONG = Problem(
    tuple(Person(at, at % 5, at % 3, 1, frozenset(), None, frozenset(range(at % 4, 12))) for at in range(160)),
    Rules(4, 6),
)


def children() -> set[int]:
    """The processes of this one, by the kernel."""
    found = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True
    ).stdout
    return {int(line.split()[0]) for line in found.splitlines() if "forming.worker" in line}


def test_another_process_gives_the_same_answer() -> None:
    problem = random_problem(5)
    assert run(problem, 20.0) == solve(problem, 20.0)
    assert children() == set()


def test_a_stopped_search_keeps_the_best_so_far_and_leaves_no_process() -> None:
    heard: list[Progress] = []

    def until_somebody_is_placed(progress: Progress, circles: Sequence[Sequence[int]]) -> bool:
        heard.append(progress)
        return sum(len(circle) for circle in circles) < 8

    answer = run(LONG, 60.0, heard=until_somebody_is_placed)
    assert (answer.stopped, answer.cost) == ("asked", heard[-1].cost)
    assert children() == set()


@pytest.mark.long
def test_a_killed_process_loses_nothing_that_it_had_told() -> None:
    def kill(progress: Progress, circles: Sequence[Sequence[int]]) -> bool:
        if circles:
            for one in children():
                os.kill(one, signal.SIGKILL)
        return True

    answer = run(LONG, 60.0, heard=kill)
    assert (answer.stopped, answer.proved, bool(answer.circles)) == ("lost", False, True)


def test_a_process_that_ends_before_it_told_anything_says_so() -> None:
    unreadable = Problem((Person(0),), Rules("four", 6))  # type: ignore[arg-type]
    with pytest.raises(Lost):
        run(unreadable, 60.0)


def test_a_process_that_takes_long_to_start_has_its_time_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine: what it was given counts from its first word, and one that says none is given up."""
    slow = running._start

    def late() -> "subprocess.Popen[bytes]":
        child = slow()
        os.kill(child.pid, signal.SIGSTOP)
        threading.Timer(2.0, child.send_signal, (signal.SIGCONT,)).start()  # of no effect on one that was given up
        return child

    monkeypatch.setattr(running, "GRACE", 1.5)
    monkeypatch.setattr(running, "_start", late)
    assert run(random_problem(5), 20.0) == solve(random_problem(5), 20.0)
    monkeypatch.setattr(running, "STARTS_WITHIN", 0.5)
    with pytest.raises(Lost):
        run(LONG, 60.0)
    assert children() == set()


def test_a_limit_of_a_second_is_kept() -> None:
    said: list[float] = []
    answer: Answer = run(LONG, 1.0, heard=lambda progress, _best: not said.append(progress.seconds))
    began = next(at for at in said if at)
    # Where a step takes longer than the grace, the process is ended and the best so far is kept.
    assert (answer.stopped, said[-1] - began < 1.0 + GRACE + 1.0) == ("clock", True)


def test_the_app_imports_neither_the_optimiser_nor_its_arrays() -> None:
    code = (
        "import django, sys; django.setup(); import config.urls, programmes.forming.solving, programmes.forming.running;"
        "print(sorted({'numpy', 'highspy'} & set(sys.modules)))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


def test_the_solvers_process_loads_no_django() -> None:
    code = "import programmes.forming.worker, sys; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("False\n", 0), done.stderr
