"""In a browser test nothing looks at a page right after a press: it may be the page before, or one that has not come."""

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

BROWSER = Path(__file__).resolve().parents[1] / "browser"
# What looks at once, at whatever there is. `expect` waits, and so does whatever acts on an element.
LOOKS = {
    "all", "bounding_box", "check", "count", "evaluate", "get_attribute", "inner_text", "input_value",
    "is_visible", "look", "screenshot", "violations",
}  # fmt: skip
PRESSES = (".click(", "'Enter'", ".drag_to(")
# `tests/browser/looking.py`: these wait for what a press leads to.
WAITS = ("follow(", "another_page(", "expect(")


def called(statement: ast.AST) -> list[str]:
    """The names of everything a statement calls, `page.check` of a box apart from `check(page)`."""
    calls = [one.func for one in ast.walk(statement) if isinstance(one, ast.Call)]
    names = [one.id for one in calls if isinstance(one, ast.Name)]
    return names + [one.attr for one in calls if isinstance(one, ast.Attribute) and one.attr != "check"]


def blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            held = getattr(node, name, None)
            if isinstance(held, list):
                yield held


def first_of(statement: ast.stmt) -> ast.AST:
    """What of a statement is done first: of a loop its first round's first."""
    if isinstance(statement, ast.For):
        return ast.Module([ast.Expr(statement.iter), first_of(statement.body[0])], [])  # type: ignore[list-item]
    return statement.test if isinstance(statement, ast.If | ast.While) else statement


def too_soon(text: str) -> list[str]:
    """Looks that follow a press at once. What only unfolds (`summary`) changes the page before it is done."""
    found = []
    for block in blocks(ast.parse(text)):
        for press, look in pairwise(block):
            said = ast.unparse(press)
            plain = isinstance(press, ast.Expr) and any(one in said for one in PRESSES) and "summary" not in said
            if plain and not said.startswith(WAITS) and LOOKS & set(called(first_of(look))):
                found.append(f"line {look.lineno}: {ast.unparse(look).splitlines()[0]}")
    return found


@pytest.mark.parametrize("path", sorted(BROWSER.glob("*.py")), ids=lambda path: path.name)
def test_no_page_is_looked_at_before_what_was_pressed_for_has_come(path: Path) -> None:
    assert too_soon(path.read_text()) == []


def test_a_look_that_comes_too_soon_is_found() -> None:
    wrong = "def test_it():\n    page.get_by_role('button').click()\n    wrong += check(page, 'name', shots)\n"
    assert len(too_soon(wrong)) == 1
    assert too_soon(wrong.replace("page.get_by_role('button').click()", "follow(page.get_by_role('button'))")) == []
    assert too_soon(wrong.replace("button", "summary")) == []
