"""`tests/long.txt`, the tests that `make test` leaves to `.ci/run`: each exists, and the choice is the one described.

So does every test that another list names.
"""

import ast
import re
from pathlib import Path

from bench import mutants
from tools.suite_cost import LONG, ROOT, STAYS, longest


def test_each_of_them_exists_and_stands_there_once() -> None:
    names = LONG.read_text().split()
    assert names == sorted(set(names))
    assert [name for name in names if name.startswith(STAYS)] == []
    functions = {path: _functions(ROOT / path) for path in {name.partition("::")[0] for name in names}}
    assert [name for name in names if name.partition("::")[2] not in functions[name.partition("::")[0]]] == []


def test_whatever_other_lists_name_exists() -> None:
    """The tests that always stay, that take no part in looking for faults, and that `make` and `.ci/run` speak of."""
    called = (ROOT / "Makefile").read_text() + (ROOT / ".ci" / "run").read_text()
    made = re.findall(r"\btests/[\w./]+\w", called)
    left = [f"tests/{name}" for name in mutants.LONG]
    assert len(made) > 5
    for name in (*STAYS, *made, *left):
        path, _at, function = name.partition("::")
        assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).exists(), name
        assert not function or function in _functions(ROOT / path), name


def _functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def test_the_fewest_that_take_so_much_are_chosen() -> None:
    costs = {"tests/a.py::one": 5.0, "tests/b.py::two": 3.0, "tests/b.py::three": 1.0, "tests/b.py::four": 1.0}
    assert longest(costs, 0.5) == ["tests/a.py::one"]
    assert longest(costs, 0.8) == ["tests/a.py::one", "tests/b.py::two"]
    assert longest(costs, 0.85) == ["tests/a.py::one", "tests/b.py::four", "tests/b.py::two"]
    # What stays counts for what is reached, and is not in the list.
    assert longest(costs | {f"{STAYS[0]}::x": 10.0}, 0.5) == []
