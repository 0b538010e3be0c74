"""What can be counted of how the code reads, as a table: python -m tools.measured.

Migrations are left out, and the templates of mails where lines are counted. A comment line says something beside code
or on a line of its own; marks for the tools (`noqa`, `fmt`, `type`) are none.
"""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from tools.rooms import FLOORS, ROOT, against_the_order, modules

MARKS = ("# noqa", "# fmt", "# type", "#!")
WIDTH = 120
TOLD = ("rules", "selectors", "access", "services", "forms")


def files() -> list[Path]:
    return [path for room in FLOORS for path in modules(room)]


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def comments(path: Path) -> int:
    if path.suffix == ".js":
        return sum(bool(re.match(r"\s*//|.*[;,{}] // ", line)) for line in path.read_text().splitlines())
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
    return len({one.start[0] for one in tokens if one.type == tokenize.COMMENT and not one.string.startswith(MARKS)})


def said(path: Path) -> int:
    """Lines that are not blank."""
    return sum(bool(line.strip()) for line in path.read_text().splitlines())


def commented(code: list[Path]) -> str:
    """Apart by language: the few scripts say so much that they would cover for the rest."""
    told, whole = sum(map(comments, code)), sum(map(said, code))
    return f"{told} of {whole} ({told / whole:.2%})"


def public(body: list[ast.stmt], inside: str = "") -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Functions, classes and their methods whose names begin with no underscore."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name.startswith("_") or node.name == "Meta":
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, node.name)


def documented(kind: str) -> str:
    found = [
        bool(ast.get_docstring(node))
        for path in files()
        if re.search(rf"(^|_){kind}$", path.stem) or kind in path.relative_to(ROOT).parts
        for node in public(ast.parse(path.read_text()).body)
    ]
    return f"{sum(found)} of {len(found)} ({sum(found) / len(found):.0%})"


def table() -> list[tuple[str, str]]:
    texts = [path.read_text() for path in files()]
    trees = [ast.parse(text) for text in texts]
    lengths = sorted((node.end_lineno or node.lineno) - node.lineno + 1 for one in trees for node in functions(one))
    long = sum(length > 40 for length in lengths)
    templates = [path for path in (ROOT / "templates").rglob("*.html") if not {"email", "mail"} & set(path.parts)]
    lines = [line for path in templates for line in path.read_text().splitlines()]
    classes = Counter(node.name for one in trees for node in one.body if isinstance(node, ast.ClassDef))
    del classes["Command"]  # Django finds the command of a file by it
    return [
        ("bytes a template line", f"{sum(len(line.encode()) for line in lines) / len(lines):.0f}"),
        (f"template lines over {WIDTH} columns", str(sum(len(line) > WIDTH for line in lines))),
        ("functions", str(len(lengths))),
        ("lines a function: median, 95 %", f"{median(lengths):.0f}, {quantiles(lengths, n=20)[-1]:.0f}"),
        ("functions over 40 lines", f"{long} ({long / len(lengths):.2%})"),
        ("comment lines in Python, of those that are not blank", commented(files())),
        ("comment lines in scripts, of those that are not blank", commented([*(ROOT / "static").rglob("*.js")])),
        *(
            (f"docstrings in {kind}", documented(kind))
            for kind in ("rules", "selectors", "access", "services", "forms")
        ),
        ("class names used twice", str(sum(number > 1 for number in classes.values()))),
        ("imports between wings against the order", str(len(against_the_order()))),
        ("places that say a refusal by themselves", str(sum("warning(request, str(" in text for text in texts))),
        ("files over 400 lines", str(sum(text.count("\n") > 400 for text in texts))),
    ]


if __name__ == "__main__":
    for name, value in table():
        print(f"| {name} | {value} |")
