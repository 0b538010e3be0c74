"""Which tests take long: measured by `python -m tools.suite_cost`, which writes `tests/long.txt` anew.

`make test` leaves the tests in that file out, `.ci/run` asks them on both databases (`tests/conftest.py` marks them
`long`). They are the functions of the suite that together take `SHARE` of its CPU, costliest first: a share and not so
many seconds, so that a slow or busy machine chooses the same ones. What looks at the code itself, and one whole
journey, always stay: that is what a change breaks first.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.rooms import ROOT

LONG = ROOT / "tests" / "long.txt"
SHARE = 0.85
STAYS = (
    *(f"tests/config/test_{name}.py" for name in ("access", "code", "house", "promises", "templates")),
    "tests/pages/test_journey.py",
)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """As a plugin of every process of the suite: a line a test, with the CPU it took, fixtures included."""
    began = time.process_time()
    yield
    with (Path(os.environ["COSTS"]) / f"{os.getpid()}").open("a") as lines:
        lines.write(json.dumps([item.nodeid, time.process_time() - began]) + "\n")


def longest(costs: dict[str, float], share: float = SHARE) -> list[str]:
    """Of the functions, by their CPU, the fewest that together take so much of all; none of those that stay."""
    left, found = share * sum(costs.values()), []
    for name, cost in sorted(costs.items(), key=lambda one: (-one[1], one[0])):
        if left <= 0:
            break
        left -= cost
        if not name.startswith(STAYS):
            found.append(name)
    return sorted(found)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "-p", "tools.suite_cost"]
        subprocess.run(
            [*words, "-m", "not browser and not services"], cwd=ROOT, env=os.environ | {"COSTS": folder}, check=True
        )
        costs: defaultdict[str, float] = defaultdict(float)
        for path in Path(folder).iterdir():
            for line in path.read_text().splitlines():
                name, seconds = json.loads(line)
                costs[name.partition("[")[0]] += seconds
    LONG.write_text("\n".join(longest(costs)) + "\n")


if __name__ == "__main__":
    main()
