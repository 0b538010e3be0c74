"""Solving in a process of its own: pages stay fast, it can be stopped at any moment, and its memory goes back."""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from programmes.forming.model import Answer, Problem
from programmes.forming.passing import answer_read, problem_told
from programmes.forming.solving import Progress, judged

ROOT = Path(__file__).resolve().parents[2]
# How long a process may take to start: on a busy machine its libraries alone take some seconds. Its time counts after.
STARTS_WITHIN = 60.0
# How long it may take to write its answer, beyond the seconds it was given.
GRACE = 8.0
BEAT = 0.5
# How much kinder than its parent the process is to the rest of the machine.
KINDER = 10
Heard = Callable[[Progress, Sequence[Sequence[int]]], bool]


class Lost(Exception):
    """The solver's process ended before it had found anything."""


def run(
    problem: Problem, seconds: float, seed: int = 1, steps: int | None = None, heard: Heard | None = None
) -> Answer:
    """The answer of a process of its own; what it had found so far where it is stopped or killed.

    `heard` is told of progress, and at least twice a second; where it answers False the process is stopped. Raises Lost
    where the process ended by itself, or never began, and had found nothing yet.
    """
    begun, limit = time.monotonic(), STARTS_WITHIN
    child = _start()
    best: Sequence[Sequence[int]] = ()
    progress: Progress | None = None
    stopped = "lost"
    try:
        _ask(child, {"problem": problem_told(problem), "seconds": seconds, "seed": seed, "steps": steps})
        for line in _lines(child):
            if line is not None and "answer" in line:
                return answer_read(line["answer"])
            since = time.monotonic() - begun
            if line is not None:
                limit = since + seconds + GRACE if progress is None else limit
                best = line.get("circles", best)
                progress = Progress(line["cost"], line["bound"], line["steps"], since)
            elif progress is not None:
                progress = Progress(progress.cost, progress.bound, progress.steps, since)
            if since > limit:
                stopped = "clock"
                break
            if heard is not None and not heard(progress or Progress(-1, 0, 0, since), best):
                stopped = "asked"
                break
    finally:
        _end(child)
    if progress is None and stopped != "asked":
        raise Lost
    return judged(problem, best, progress.bound if progress else 0, stopped, progress.steps if progress else 0)


def _start() -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    # Keys and passwords of the app are none of the solver's business. One thread: equal input gives equal output.
    environment |= {"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "programmes.forming.worker"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        start_new_session=True,
    )


def _ask(child: subprocess.Popen[bytes], what: dict[str, Any]) -> None:
    assert child.stdin is not None
    try:
        os.setpriority(os.PRIO_PROCESS, child.pid, os.getpriority(os.PRIO_PROCESS, child.pid) + KINDER)
        text = memoryview(json.dumps(what).encode() + b"\n")
        while text:
            text = text[child.stdin.write(text) :]
    except OSError:
        return  # It is gone already: its silence says so.


def _lines(child: subprocess.Popen[bytes]) -> Iterator[dict[str, Any] | None]:
    """Each line that comes, and None where none came for a moment. Ends with the process."""
    assert child.stdout is not None
    waiting = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(BEAT):
                yield None
                continue
            piece = os.read(child.stdout.fileno(), 1 << 16)
            if not piece:
                return
            *whole, waiting = (waiting + piece).split(b"\n")
            for line in whole:
                yield json.loads(line)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
