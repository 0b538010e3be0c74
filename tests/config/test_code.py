"""What stands in the code is used, stands once, has a name of its own and says what its name cannot.

Where a check would be wrong there is an exception with one line of reason; an exception that nothing needs any more
fails too. Complexity is held by ruff (`C901`), everything else here.
"""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.rooms import FLOORS, ROOT, modules, named

# --- what nothing uses

# Names that stand nowhere else in our files, and who uses them all the same.
USED_FROM_OUTSIDE = {
    "create_superuser": "`manage.py createsuperuser`",
    "process_view": "Django calls it on every middleware that has it",
    "is_silent": "uvicorn's server of ours takes the place of a class of the library",
    "NOBODYS": "the other half of the list of words: the test holds that every sealed field is in one of them",
    "words_between": "tests ask for two sentences; pages compare whole texts, clause by clause",
    "ranked": "tests ask for single times alone; pages ask for both kinds at once, which costs half",
    "score_of": "tests compare whole proposals by what proposing brings down",
    "flaws_of": "tests ask it whether what was found keeps to the rules, apart from how it was found",
}  # fmt: skip
# Written ahead of the pages that will call them: to be taken out of here with those, at the latest before a release.
COMES_NEXT: dict[str, str] = {}
# What hands a name on to a library, so that nobody writes it: tags and filters, signals, checks, pages of the admin site.
HANDED_ON = re.compile(r"\b(register|receiver|connect)\b")
# What Django looks for by its name in a module or class.
LOOKED_FOR = {"urlpatterns", "app_name", "handler404", "handler500", "application", "Meta"}


def definitions(path: Path) -> Iterator[tuple[str, ast.AST, list[str]]]:
    """Every function, class, method and constant that a file defines, with the names of the classes it stands in."""

    def walk(node: ast.AST, inside: list[str]) -> Iterator[tuple[str, ast.AST, list[str]]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield child.name, child, inside
            elif isinstance(child, ast.ClassDef):
                yield child.name, child, inside
                yield from walk(child, [*inside, child.name])
            elif isinstance(child, ast.Assign | ast.AnnAssign) and not inside:
                targets = child.targets if isinstance(child, ast.Assign) else [child.target]
                yield from ((one.id, child, inside) for one in targets if isinstance(one, ast.Name))

    return walk(ast.parse(path.read_text()), [])


def mentions(path: Path) -> Counter[str]:
    """How often a file reads each name: as a name, an attribute, an argument, or a word of a string that is used."""
    found: Counter[str] = Counter()
    tree = ast.parse(path.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
                found[name] += 1
            case ast.keyword(arg=str(name)):
                found[name] += 1
            case ast.ImportFrom(names=names):
                found.update(alias.name for alias in names if alias.asname)
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                found.update(re.findall(r"\w+", text))
    return found


def words_of_templates() -> Counter[str]:
    found: Counter[str] = Counter()
    for path in (ROOT / "templates").rglob("*"):
        if path.is_file():
            for tag in re.findall(r"{[{%].*?[%}]}", path.read_text(), re.DOTALL):
                found.update(re.findall(r"\w+", tag))
    return found


def library_asks_for(module: str, inside: list[str], name: str) -> bool:
    """Whether a class of a library, above ours, has this name: then the library calls it."""
    at: Any = import_module(module)
    for one in inside:
        at = getattr(at, one, None)
    above = getattr(at, "__mro__", ())
    return any(name in vars(one) for one in above if one.__module__.split(".")[0] not in FLOORS)


def test_nothing_is_defined_that_nothing_uses() -> None:
    """What only tests use is not used either: the test would hold a rule that no page keeps."""
    files = [path for app in FLOORS for path in modules(app)]
    used = words_of_templates()
    for path in [*files, *(ROOT / "bench").rglob("*.py"), ROOT / "manage.py"]:
        used += mentions(path)
    wrong, excused = [], set()
    for path in files:
        module = named(path)
        if module == "config.settings":  # Django and the libraries look in there
            continue
        for name, node, inside in definitions(path):
            if used[name] or name in LOOKED_FOR or name.startswith("__"):
                continue
            if "AppConfig" in {ast.unparse(base) for base in getattr(node, "bases", ())}:
                continue
            # A form asks for the check of a field by the field's name.
            if inside and name.startswith("clean_") and name.removeprefix("clean_") in used:
                continue
            handed_on = any(HANDED_ON.search(ast.unparse(one)) for one in getattr(node, "decorator_list", ()))
            if handed_on or library_asks_for(module, inside, name):
                continue
            if name in USED_FROM_OUTSIDE or name in COMES_NEXT:
                excused.add(name)
            else:
                wrong.append(f"{module}: {'.'.join([*inside, name])}")
    assert wrong == []
    assert excused == {*USED_FROM_OUTSIDE, *COMES_NEXT}


# --- what stands twice

# Classes whose name a library gives, so that each of them has the same.
NAMED_BY_A_LIBRARY = {"Command": "Django finds the command of a file by it"}


def test_no_class_has_the_name_of_another() -> None:
    """One word for one thing: whoever finds a name knows what it is (`docs/glossary.md`)."""
    where = defaultdict(list)
    for app in FLOORS:
        for path in modules(app):
            for name, node, inside in definitions(path):
                command = name in NAMED_BY_A_LIBRARY and "commands" in path.parts
                if isinstance(node, ast.ClassDef) and not inside and not command:
                    where[name].append(named(path))
    assert {name: files for name, files in where.items() if len(files) > 1} == {}


# So many lines of code, one after the other and the same to the letter, are one thing written twice.
LINES_ALIKE = 20


def lines_of_code(path: Path) -> list[tuple[int, str]]:
    """The lines that say something, without what they are indented by, blank ones, comments and imports."""
    lines = [(number, line.strip()) for number, line in enumerate(path.read_text().splitlines(), start=1)]
    return [(number, line) for number, line in lines if line and not line.startswith(("#", "//", "import ", "from "))]


def test_no_twenty_lines_stand_twice() -> None:
    first: dict[tuple[str, ...], str] = {}
    wrong = set()
    files = [path for app in [*FLOORS, "bench", "tests", "tools"] for path in modules(app)]
    for path in [*files, *(ROOT / "static").rglob("*.js"), *(ROOT / "static").rglob("*.css")]:
        lines = lines_of_code(path)
        at = 0
        while at + LINES_ALIKE <= len(lines):
            window = tuple(line for _, line in lines[at : at + LINES_ALIKE])
            here = f"{path.relative_to(ROOT)}:{lines[at][0]}"
            if (there := first.setdefault(window, here)) != here:
                wrong.add(f"{here} as {there}")
                at += LINES_ALIKE
            else:
                at += 1
    assert wrong == set()


def test_what_the_glossary_says_of_the_code_stands_there() -> None:
    """The third column of its tables names classes, fields, functions, folders and files."""
    said = [name for path in ROOT.glob("docs/glossary.md") for name in re.findall(r"`([^`]+)`", path.read_text())]
    code = "\n".join(path.read_text() for app in FLOORS for path in modules(app))
    wrong = []
    for name in said:
        if "/" in name:
            found = (ROOT / name).exists() or any(ROOT.glob(f"*/**/{name}"))
        else:
            found = all(re.search(rf"\b{part}\b", code) for part in name.split("."))
        if not found:
            wrong.append(name)
    assert len(said) > 50
    assert wrong == []


# --- what does not say what its name cannot

# Files whose functions are called by others: what they mean, in which unit, at which edges, stands above each.
TOLD = re.compile(r"(^|.*_)(access|selectors|services|forms)$")
SAYS_ENOUGH: dict[str, str] = {}


def is_called_by_others(path: Path) -> bool:
    folders = path.relative_to(ROOT).parts[:-1]
    return "rules" in folders or any(TOLD.match(part) for part in (*folders, path.stem))


def test_what_others_call_says_what_its_name_cannot() -> None:
    """Functions, classes and methods of rules, selectors, access, services and forms have a docstring."""
    wrong, excused = [], set()
    for app in FLOORS:
        for path in filter(is_called_by_others, modules(app)):
            for name, node, inside in definitions(path):
                private = (
                    any(one.startswith("_") for one in (name, *inside)) or inside[-1:] == ["Meta"] or name == "Meta"
                )
                if private or isinstance(node, ast.Assign | ast.AnnAssign):
                    continue
                if ast.get_docstring(node):  # type: ignore[arg-type]
                    continue
                full = f"{named(path)}.{'.'.join([*inside, name])}"
                if full in SAYS_ENOUGH:
                    excused.add(full)
                else:
                    wrong.append(full)
    assert wrong == []
    assert excused == set(SAYS_ENOUGH)
