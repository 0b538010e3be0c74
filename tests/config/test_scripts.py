"""What tests and benches hand to `manage.py shell` as words: nothing but running them would notice a call gone stale."""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from tools.rooms import FLOORS, ROOT, modules


def words_of(node: ast.AST) -> str:
    """A string, or one put together: the places of others' values stand as a name."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "given" for one in node.values)
    return ""


def scripts() -> Iterator[tuple[str, ast.Module]]:
    """Every string that is Python and takes something from the apps, in tests and benches that run such strings."""
    files = [path.relative_to(ROOT) for folder in ("tests", "bench") for path in modules(folder)]
    for path in files:
        text = (ROOT / path).read_text()
        if '"shell"' not in text and '"-c"' not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            words = words_of(node)
            if not any(f"from {app}." in words for app in FLOORS):
                continue
            try:
                yield f"{path}:{getattr(node, 'lineno', 0)}", ast.parse(words)
            except SyntaxError:
                continue


def taken(script: ast.Module) -> dict[str, Any]:
    """What a script imports from the apps, by the name it calls it."""
    found = {}
    for node in ast.walk(script):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in FLOORS:
            home = import_module(node.module)
            for one in node.names:
                if not hasattr(home, one.name):  # a module of a package, which is there once it is imported
                    import_module(f"{node.module}.{one.name}")
                found[one.asname or one.name] = getattr(home, one.name)
    return found


ALL = list(scripts())


def test_there_are_such_scripts() -> None:
    assert len(ALL) > 18


@pytest.mark.parametrize("script", [script for _where, script in ALL], ids=[where for where, _script in ALL])
def test_what_a_script_calls_takes_what_it_is_given(script: ast.Module) -> None:
    known = taken(script)
    for node in ast.walk(script):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and inspect.isfunction(known.get(node.func.id))
        ):
            named = {one.arg: None for one in node.keywords if one.arg}
            if len(named) == len(node.keywords) and not any(isinstance(one, ast.Starred) for one in node.args):
                inspect.signature(known[node.func.id]).bind(*node.args, **named)
