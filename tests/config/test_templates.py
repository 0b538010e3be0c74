"""Each template is used, and each kind of message has its templates and is sent by something."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.template.utils import get_app_template_dirs

from notifications.registry import kind_of, registered
from tests.config.test_code import LINES_ALIKE, mentions
from tests.config.test_house import FLOORS, ROOT, modules

TEMPLATES = ROOT / "templates"
NAMES = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file()}
# Asked for by a name that no file of ours holds, and by whom.
ASKED_FOR_BY_OTHERS = {
    "404.html": "Django, for what is not there",
    "429.html": "allauth, for too many tries",
    "500.html": "Django, where our own handler for faults fails",
    "piece/field.html": "crispy-forms, by the name of our pack",
    "piece/uni_form.html": "crispy-forms, by the name of our pack",
}
PARTS_OF_A_MAIL = ("subject.txt", "body.txt", "body.html")


def mails() -> dict[str, str]:
    """The templates that kinds of message ask for, and a kind that does."""
    return {f"{kind_of(key).templates}_{part}": key for key in registered() for part in PARTS_OF_A_MAIL}


def test_each_kind_of_message_has_a_subject_a_text_and_a_page() -> None:
    assert {name: key for name, key in mails().items() if name not in NAMES} == {}
    assert len(mails()) > 150


def named_in_our_files() -> set[str]:
    """Names of templates, whole, in what Python or another template asks for; a template that names itself does not."""
    found = set[str]()
    for app in FLOORS:
        for path in modules(app):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    # Parts of pages are tags, and each names its template by its own name (`config/templatetags/parts.py`).
                    # The library asks for a mail by what the names of its two templates begin with.
                    mail = {f"{node.value}_{part}" for part in ("subject.txt", "message.txt")}
                    found |= {node.value, f"components/_{node.value}.html", *mail} & NAMES
    for name in NAMES:
        asked = set(re.findall(r"""["']([^"'\s]+)["']""", (TEMPLATES / name).read_text()))
        found |= (asked & NAMES) - {name}
    return found


def test_no_template_lies_unused() -> None:
    """Unused is what no view, tag, mail or other template names, and what takes the place of none of a library's."""
    libraries = get_app_template_dirs("templates")
    used = named_in_our_files() | set(mails())
    left = {name for name in NAMES - used if not any((Path(folder) / name).is_file() for folder in libraries)}
    assert left == set(ASKED_FOR_BY_OTHERS)


def test_each_kind_of_message_is_sent_by_something() -> None:
    """Besides the row that says what it is, something names its key: else nobody ever hears of it."""
    keys: dict[str, str] = {}
    groups = defaultdict[str, set[str]](set)
    named_by: set[str] = set()
    for path in (path for app in FLOORS for path in modules(app)):
        given = list(constants(path))
        for name, value in given:
            if isinstance(value, ast.Constant) and value.value in registered():
                keys[name] = value.value
            for one in ast.walk(value):
                if isinstance(one, ast.Name) and name != "KINDS":
                    groups[one.id].add(name)
        # Where the rows stand every key is named, and where the keys are gathered in groups they may be.
        if path.stem != "kinds" and not any(name == "KINDS" for name, _ in given):
            named_by |= set(mentions(path))
    assert set(keys.values()) == set(registered())
    assert [name for name in keys if not ({name} | groups[name]) & named_by] == []


def constants(path: Path) -> Iterator[tuple[str, ast.expr]]:
    """What a file gives a name, one by one where several are given in a line."""
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.Assign) or not isinstance(target := node.targets[0], ast.Name | ast.Tuple):
            continue
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = zip(target.elts, node.value.elts, strict=True)
            yield from ((one.id, value) for one, value in pairs if isinstance(one, ast.Name))
        elif isinstance(target, ast.Name):
            yield target.id, node.value


def test_no_twenty_lines_of_templates_stand_twice() -> None:
    """What recurs is a component. The text of a mail beside its page says the same in other lines."""
    first: dict[tuple[str, ...], str] = {}
    wrong = set()
    for name in sorted(NAMES):
        lines = [line.strip() for line in (TEMPLATES / name).read_text().splitlines() if line.strip()]
        for at in range(len(lines) - LINES_ALIKE + 1):
            there = first.setdefault(tuple(lines[at : at + LINES_ALIKE]), name)
            if there != name:
                wrong.add(f"{name} as {there}")
    assert wrong == set()
