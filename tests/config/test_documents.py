"""What the documents say of the code: every file and every name that they speak of is there."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tools.rooms import FLOORS, ROOT

FILE = r"`([\w./-]+\.(?:py|md|html|css|js|yaml))"
NAMED = re.compile(FILE + r"(?:::(\w+))?`")
NAME = r"`[A-Za-z_][\w.]*`"
# `decide` and `evolve` in `sessions/rules/runner.py`: each of the names, wherever the line is broken.
NAMED_IN = re.compile(rf"({NAME}(?:(?:,|,? and)\s+{NAME})*)\s+(?:in|of)\s+{FILE}`")


@cache
def names_made(path: Path) -> set[str]:
    """What a file of Python defines, or says of a row of a table by keyword (`leads` in `sessions/mails/table.py`).

    Imports are left out: whoever follows a name to a file that only uses it has not found where it is decided.
    """
    made = set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            made.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            made.add(node.id)
        elif isinstance(node, ast.keyword) and node.arg:
            made.add(node.arg)
    return made


def says(path: Path, name: str) -> bool:
    """Whether a file holds a name; of Python, whether it is made there, with each part of `Issue.told`."""
    if path.suffix == ".py":
        return set(name.split(".")) <= names_made(path)
    return re.search(rf"\b{re.escape(name)}\b", path.read_text()) is not None


def test_every_file_and_every_name_in_it_that_the_docs_speak_of_exists() -> None:
    """`sessions/live/hub.py`, the end of such a path where the text says which room it is in, `path.py::name`, and
    `name` in `path.py`."""
    tracked = sorted(str(path.relative_to(ROOT)) for path in our_files())
    wrong, found = [], 0
    for page in [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = page.read_text()
        pairs = list(NAMED.findall(text))
        pairs += [(file, name) for names, file in NAMED_IN.findall(text) for name in re.findall(r"`([\w.]+)`", names)]
        for file, inside in pairs:
            files = [one for one in tracked if one == file or one.endswith(f"/{file}")]
            found += bool(inside)
            if not (any(says(ROOT / one, inside) for one in files) if inside else files):
                wrong.append(f"{page.name}: {file}{'::' if inside else ''}{inside}")
    assert wrong == []
    assert found > 330


def test_every_test_that_the_list_of_faults_names_exists() -> None:
    """Also one that is named alone, or by `…::` after the file was said: a test that is renamed is renamed there."""
    made = set[str]()
    for path in (ROOT / "tests").rglob("*.py"):
        made |= names_made(path)
    text = (ROOT / "docs" / "faults.md").read_text()
    named = set(re.findall(r"`(?:[\w./…]*::)?(test_\w+)`", text))
    assert sorted(named - made) == []
    assert len(named) > 350


def test_whatever_deletes_by_the_clock_stands_in_one_table() -> None:
    """Whoever asks how long something is kept finds it under *Deleting* in `docs/architecture.md`."""
    table = (ROOT / "docs" / "architecture.md").read_text().partition("\n## Deleting\n")[2]
    deletes = re.compile(r"^def (\w+_(?:prune|clear|forget|empty))\(\*, now: datetime\)", re.MULTILINE)
    found = {
        f"{path.relative_to(ROOT)}::{name}"
        for app in FLOORS
        for path in (ROOT / app).rglob("*services.py")
        for name in deletes.findall(path.read_text())
    }
    assert len(found) > 10
    assert {name for name in found if f"`{name}`" not in table} == set()


def our_files() -> Iterator[Path]:
    for folder in (*FLOORS, "docs", "tests", "bench", "tools", "templates", "static"):
        yield from ((ROOT / folder).rglob("*.*"))
    yield from (ROOT / name for name in ("README.md", "SECURITY.md", "CHANGELOG.md", "manage.py"))
