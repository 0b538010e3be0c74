"""One small fault at a time in a module of ours: what `bench.mutants` puts in, to see whether a test notices.

A mutant is an edit of a syntax tree, told by where it stands and by what becomes of what. Sentences, log lines,
annotations and what a function's defaults are stay as they are.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

FLIPS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
ASKS = {"filter", "exclude", "get", "Q"}  # questions to the database, of which each condition may go
SAYS = {
    "_",
    "gettext",
    "gettext_lazy",
    "ngettext",
    "pgettext",
    "cast",
    "debug",
    "info",
    "warning",
    "error",
    "exception",
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Mutant:
    """One fault: in which function (or constant) of which file, on which lines, and what becomes of what."""

    path: str
    line: int
    end: int
    owner: str
    kind: str
    what: str
    edit: Callable[[], None]

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.kind}: {self.what}"


@dataclass(frozen=True)
class _Place:
    path: str
    owner: str
    line: int = 0
    end: int = 0


class Source:
    """A module and all its mutants. An edit is made once, in a process of its own: none is taken back."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self.tree = ast.parse(path.read_text())
        self.mutants = [one for node in self.tree.body for one in self._top(node, "")]

    def _top(self, node: ast.stmt, above: str) -> Iterator[Mutant]:
        if isinstance(node, ast.ClassDef):
            for one in node.body:
                if isinstance(one, (ast.ClassDef, *FUNCTIONS)):
                    yield from self._top(one, f"{above}{node.name}.")
        elif isinstance(node, FUNCTIONS) and node.name not in ("__str__", "__repr__"):
            yield from _inside(node, _Place(self.name, above + node.name))
        elif isinstance(node, ast.Assign) and not above and isinstance(node.targets[0], ast.Name):
            held = isinstance(node.value, ast.Dict | ast.Set | ast.List | ast.Tuple)
            if node.targets[0].id.isupper() and not held:
                place = _Place(self.name, node.targets[0].id, 0, 0)
                yield from (
                    one for one in _expression(node, "value", None, place) if one.kind in ("number", "arithmetic")
                )


def _inside(parent: ast.AST, place: _Place) -> Iterator[Mutant]:
    """Everything in the statements below a node, nested functions too."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(parent, field, [])
        for at, node in enumerate(block if isinstance(block, list) else []):
            yield from _statement(node, block, at, place)
    for handler in getattr(parent, "handlers", []):
        yield from _inside(handler, place)
    for case in getattr(parent, "cases", []):
        yield from _inside(case, place)


def _head(node: ast.stmt) -> tuple[int, int]:
    """The lines of a statement without the statements in it."""
    body = getattr(node, "body", None)
    end = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno or node.lineno
    return node.lineno, max(end, node.lineno)


def _statement(node: ast.stmt, block: list[ast.stmt], at: int, above: _Place) -> Iterator[Mutant]:
    place = _Place(above.path, above.owner, *_head(node))

    def goes() -> None:
        block[at] = ast.copy_location(ast.Pass(), node)

    if isinstance(node, ast.Raise):
        yield _mutant(place, "refusal", f"{_short(node)} goes", goes)
        return
    if isinstance(node, ast.Assert) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return
    if isinstance(node, ast.If) and not isinstance(node.body[0], ast.Raise):

        def never(node: ast.If = node) -> None:
            node.test = ast.copy_location(ast.Constant(False), node.test)

        yield _mutant(place, "branch", f"if {_short(node.test)} → never", never)
    if isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":

        def nothing(node: ast.Return = node) -> None:
            node.value = None

        yield _mutant(place, "answer", f"return {_short(node.value)} → nothing", nothing)
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "args", "decorator_list", "returns", "targets", "target", "items"):
            continue
        if isinstance(value, ast.expr):
            yield from _expression(node, name, None, place)
    yield from _inside(node, place)


def _expression(parent: ast.AST, field: str, index: int | None, place: _Place) -> Iterator[Mutant]:
    """What can be wrong in one expression and in all below it."""
    held = getattr(parent, field)
    node = held if index is None else held[index]
    if node is None or isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Call) and _called(node) in SAYS):
        return

    def put(new: ast.expr) -> Callable[[], None]:
        def edit() -> None:
            ast.copy_location(new, node)
            if index is None:
                setattr(parent, field, new)
            else:
                held[index] = new

        return edit

    yield from _of_node(node, place, put)
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.expr):
            yield from _expression(node, name, None, place)
        for at, one in enumerate(value if isinstance(value, list) else []):
            if isinstance(one, ast.expr):
                yield from _expression(node, name, at, place)
            elif isinstance(one, ast.keyword):
                yield from _expression(one, "value", None, place)
            elif isinstance(one, ast.comprehension):
                yield from _expression(one, "iter", None, place)
                for number in range(len(one.ifs)):
                    yield from _dropped(one.ifs, number, place)
                    yield from _expression(one, "ifs", number, place)


def _of_node(node: ast.expr, place: _Place, put: Callable[[ast.expr], Callable[[], None]]) -> Iterator[Mutant]:
    before = _short(node)
    match node:
        case ast.Compare(ops=ops):
            for at, operator in enumerate(ops):
                new = ast.Compare(node.left, [*ops[:at], FLIPS[type(operator)](), *ops[at + 1 :]], node.comparators)
                yield _mutant(place, "comparison", f"{before} → {_short(new)}", put(new))
        case ast.BoolOp(op=op, values=values):
            new_bool = ast.BoolOp(FLIPS[type(op)](), values)
            yield _mutant(place, "boolean", f"{before} → {_short(new_bool)}", put(new_bool))
            for at in range(len(values)):
                rest = [*values[:at], *values[at + 1 :]]
                less = rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
                yield _mutant(place, "boolean", f"{before} → {_short(less)}", put(less))
        case ast.UnaryOp(op=ast.Not()):
            yield _mutant(place, "not", f"{before} → {_short(node.operand)}", put(node.operand))
        case ast.BinOp(left=left, op=op) if type(op) in FLIPS and not isinstance(left, ast.JoinedStr):
            new_binary = ast.BinOp(left, FLIPS[type(op)](), node.right)
            yield _mutant(place, "arithmetic", f"{before} → {_short(new_binary)}", put(new_binary))
        case ast.Constant(value=bool(value)):
            yield _mutant(place, "number", f"{value} → {not value}", put(ast.Constant(not value)))
        case ast.Constant(value=int(value) | float(value)):
            yield _mutant(place, "number", f"{value} → {value + 1}", put(ast.Constant(value + 1)))
        case ast.IfExp():
            new_if = ast.IfExp(node.test, node.orelse, node.body)
            yield _mutant(place, "branch", f"{before} → {_short(new_if)}", put(new_if))
        case ast.Call() if _called(node) in ASKS:
            for at in range(len(node.keywords)):
                yield from _dropped(node.keywords, at, place, before)


def _dropped(held: list, at: int, place: _Place, whole: str = "") -> Iterator[Mutant]:
    """One condition of a comprehension or of a question to the database goes."""
    one = held[at]

    def edit() -> None:
        held.remove(one)

    yield _mutant(place, "condition", f"{_short(one)} goes" + (f" of {whole}" if whole else ""), edit)


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _mutant(place: _Place, kind: str, what: str, edit: Callable[[], None]) -> Mutant:
    return Mutant(place.path, place.line, place.end, place.owner, kind, what, edit)


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
    return text if len(text) <= 110 else f"{text[:107]}…"
