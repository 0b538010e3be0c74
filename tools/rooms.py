"""The rooms of the house from below, the wings of those that have some, and which module of ours uses which.

Asked by `tests/config/test_house.py`, which holds the order, and by `tools.measured`, which counts.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [
    "accounts",
    "notifications",
    "circles",
    "agreements",
    "sessions",
    "programmes",
    "pages",
    "demonstration",
    "config",
]
# Wings of an app that outgrew one room: each may use those before it and the ground floor, none those after it.
WINGS = {"sessions": ("formats", "journeys", "planning", "shelf", "guests", "replies", "live")}
ABOVE_ALL_WINGS = ("mails", "tasks", "urls", "apps", "management", "templatetags")


def modules(app: str) -> Iterator[Path]:
    """The files of a room; migrations are left out, since they stay as they were written."""
    for path in sorted((ROOT / app).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path


def named(path: Path) -> str:
    """The name by which a file is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_module(name: str) -> bool:
    place = ROOT / name.replace(".", "/")
    return place.with_suffix(".py").is_file() or (place.is_dir() and any(place.glob("*.py")))


def modules_named(path: Path) -> set[str]:
    """What a file imports, by whole names."""
    inside = named(path).split(".") if path.stem == "__init__" else named(path).split(".")[:-1]
    return named_in(ast.parse(path.read_text()), inside)


def named_in(tree: ast.AST, inside: list[str]) -> set[str]:
    """What a module of a package imports: `from a import b` names `a`, and `a.b` where that is a module of ours.

    `from . import b` is told from where it stands.
    """
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = inside[: len(inside) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found = {f"{base}.{alias.name}" for alias in node.names}
            ours = {name for name in found if is_module(name)}
            names |= ours if ours == found else ours | {base}
    return names


def against_the_order() -> list[str]:
    """Who uses a wing that stands above their own."""
    return [
        f"{named(path)} uses {one}"
        for app, wings in WINGS.items()
        for path in modules(app)
        for one in above_it(named(path), modules_named(path), app, wings)
    ]


def above_it(module: str, used: set[str], app: str, wings: tuple[str, ...]) -> list[str]:
    """Those of what a module uses that stand in a wing above its own. The ground floor may use none."""
    parts = module.split(".")
    if set(parts[1:]) & set(ABOVE_ALL_WINGS):
        return []
    own = wings.index(parts[1]) if len(parts) > 1 and parts[1] in wings else -1
    others = [(one, one.split(".")) for one in sorted(used)]
    return [
        one
        for one, other in others
        if other[0] == app and len(other) > 1 and other[1] in wings and wings.index(other[1]) > own
    ]
