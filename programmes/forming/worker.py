"""The solver's own process: `python -m programmes.forming.worker`. It knows neither Django nor a database.

One line of JSON comes in and says what to solve; lines of JSON go out, each the best so far, and last the answer. It
ends when whoever started it closes its input, so that nothing goes on working for a process that is gone.
"""

import json
import os
import sys
import threading
from collections.abc import Sequence
from typing import Any

from programmes.forming.passing import answer_told, problem_read
from programmes.forming.solving import Progress, solve


def main() -> None:
    """Solve what the first line of the input asks for."""
    # The optimiser greets on the standard output: only what is meant for the parent goes there.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    asked = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def say(what: dict[str, Any]) -> None:
        out.write(json.dumps(what, separators=(",", ":")) + "\n")
        out.flush()

    best: list[int] = []

    def told(progress: Progress, circles: Sequence[Sequence[int]]) -> bool:
        better = not best or progress.cost < best[-1]
        if better:
            best.append(progress.cost)
        say(
            {"cost": progress.cost, "bound": progress.bound, "steps": progress.steps}
            | ({"circles": [list(circle) for circle in circles]} if better else {})
        )
        return True

    problem = problem_read(asked["problem"])
    answer = solve(problem, asked["seconds"], asked["seed"], asked["steps"], told)
    say({"answer": answer_told(answer)})


def _end_with_parent() -> None:
    # Whatever still comes is read away; at its end the parent is gone.
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
