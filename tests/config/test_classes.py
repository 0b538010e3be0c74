"""A class stands in the style sheet because a page has it, and on a page because a sheet or a script knows it."""

import ast
import re
from functools import cache

from config.styles import joined
from tools.rooms import FLOORS, ROOT, modules


@cache
def sheet() -> str:
    return joined()


@cache
def classes() -> frozenset[str]:
    """Those that a selector names; `.5rem` and `.js` in a value are none."""
    selectors = re.sub(r"\{[^{}]*\}", "{}", sheet())
    return frozenset(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", selectors))


@cache
def templates() -> dict[str, str]:
    return {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "templates").rglob("*.html")}


@cache
def scripts() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "static").rglob("*.js"))


@cache
def strings() -> str:
    """What Python says in strings; the places of an f-string stand as `{}`."""
    found: list[str] = []
    for path in (path for app in FLOORS for path in modules(app)):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
                found.append("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


def said(words: str) -> tuple[set[str], set[str]]:
    """Whole words, and beginnings of words whose end comes from elsewhere, such as `bead--{{ state }}`."""
    return set(re.findall(r"[\w-]+", words)), set(re.findall(r"([\w-]+(?:--|__|-[a-z]?))(?=\{|\$\{|[\"'] ?\+)", words))


def marked_up() -> str:
    """What stands in tags of HTML and of templates, without what people read; a block that fills a class is a class."""
    marks = r"\{[%{].*?[%}]\}|<[^>]*>|(?<=\{% block width %\})[^{]*|(?<=\{% block look %\})[^{]*"
    return "\n".join(piece for text in templates().values() for piece in re.findall(marks, text, re.DOTALL))


def of_pages() -> dict[str, str]:
    """Each class of a template and a file that has it; what is put together stands with `?` for its parts."""
    found: dict[str, str] = {}
    for name, text in templates().items():
        if "/email/" in name or "templates/mail/" in name:
            continue
        for value in re.findall(r'\bclass="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"', text, re.DOTALL):
            # Before and behind a condition a word ends only where a space stands: `btn{% if x %} btn--main{% endif %}`.
            value = re.sub(r"\{%.*?%\}", " ", re.sub(r"\{\{.*?\}\}", "?", value, flags=re.DOTALL), flags=re.DOTALL)
            found |= dict.fromkeys(value.split(), name)
    return found


def test_no_class_of_the_sheet_is_on_no_page() -> None:
    words, beginnings = said("\n".join([marked_up(), scripts(), strings()]))
    left = {one for one in classes() - words if not any(one.startswith(begun) for begun in beginnings)}
    assert left == set()
    assert len(classes()) > 300


def test_no_class_of_a_page_means_nothing() -> None:
    known, begun = said(scripts())
    unknown = {
        word: where
        for word, where in of_pages().items()
        if "?" not in word
        and word not in classes() | known
        and not any(one.startswith(word) for one in classes())
        and not any(word.startswith(one) for one in begun)
    }
    assert unknown == {}


def test_each_value_of_the_sheet_is_used_and_each_that_is_used_is_there() -> None:
    given = set(re.findall(r"(--[\w-]+)\s*:", sheet()))
    asked = set(re.findall(r"var\((--[\w-]+)", sheet()))
    elsewhere = "\n".join([*templates().values(), scripts(), strings()])
    told = set(re.findall(r"--[\w-]+", elsewhere))
    assert given - asked - told == set()
    assert asked - given - told == set()


def test_one_word_says_that_something_is_small() -> None:
    """What has the modifier `--s` is the smaller one of its kind; a second word would mean the same or hide another."""
    endings = {one.rpartition("--")[2] for one in classes() if "--" in one}
    assert endings & {"small", "sm", "mini", "little", "tiny"} == set()
    assert "s" in endings
