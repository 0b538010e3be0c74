"""What pages, mails, forms and documents promise stands in one list, `docs/promises.md`, with the test that proves it.

A sentence with one of the words below either is in that list or in `no_promises.py`, under the reason why it promises
nothing. Whoever writes a new promise writes its line, and so asks which test would fail if it were untrue.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

from tests.config.no_promises import NO_PROMISES

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "agreements", "circles", "config", "notifications", "pages", "programmes", "sessions")
N = r"(?:\d+|one|two|three|five|seven|ten|thirty|sixty|ninety|{{ ?\w+ ?}}|%\(\w+\)s|%s)"
UNIT = r"(?:days?|hours?|minutes?|weeks?)"
PROMISE = re.compile(
    r"\b(?:never|always|nobody|no one|nowhere|nothing (?:more|else|that|changes|happens|goes|new|anybody|anyone|carries"
    r"|what)|anonymous|private|secret|encrypted|sealed|destroyed|deleted|at once|undone|(?:is|are) told|hears?|counted"
    r"|will be|within|without (?:(?:your|a|their|any) )?names?|no name|for good"
    r"|stays? (?:in|as|yours|with|sealed|until|on)|only|every(?:body|one) (?:is|gets|reads|sees|hears|has had|in)"
    r"|at any time|exactly|shown once|no reason|without a reason|until (?:you|your|then)|once (?:you have|an hour)"
    r"|nothing is"
    rf"|by itself|(?:for|after|until|within|in) {N} {UNIT}|{N} {UNIT} (?:later|after|before|long|first|ago|old)"
    r"|works? (?:once|until))\b",
    re.IGNORECASE,
)
TRANSLATED = re.compile(r"""(?:{%\s*trans(?:late)?\s+|\b_\()(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b[^%]*%}(.*?){%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
PLURAL = re.compile(r"{%\s*plural\s*%}")
END_OF_SENTENCE = re.compile(r"(?<=[.!?:;])\s+(?=[A-Z“{])")
ROW = re.compile(r"^\| (.+?) \| `([^`]+)` \| (`.+`) \|$", re.MULTILINE)


def texts_of(path: Path) -> Iterator[str]:
    """What a file says to people: its translated texts, or all of a document."""
    whole = path.read_text()
    if path.suffix == ".md":
        yield whole
    elif path.suffix == ".py":
        for node in ast.walk(ast.parse(whole)) if "gettext" in whole else ():
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name == "_" or "gettext" in name:
                    yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))
    else:
        yield from (one or other for one, other in TRANSLATED.findall(whole))
        yield from (part for block in BLOCK.findall(whole) for part in PLURAL.split(block))


@cache
def sentences_of(path: Path) -> frozenset[str]:
    texts = (" ".join(text.split()) for text in texts_of(path))
    return frozenset(sentence for text in texts for sentence in END_OF_SENTENCE.split(text))


def sources() -> Iterator[Path]:
    yield from (path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt"))
    for app in APPS:
        yield from (path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


@cache
def promises() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Sentence, file and tests of every row of the list."""
    rows = ROW.findall((ROOT / "docs" / "promises.md").read_text())
    return tuple((said, where, tuple(re.findall(r"`([^`]+)`", tests))) for said, where, tests in rows)


def stands(said: str, where: str) -> bool:
    path = ROOT / where
    if path.suffix == ".md":
        return said in " ".join(path.read_text().split())
    return said in sentences_of(path)


def test_every_promise_stands_where_the_list_says() -> None:
    assert len(promises()) > 200
    assert [(said, where) for said, where, _tests in promises() if not stands(said, where)] == []


def test_every_test_that_proves_a_promise_exists() -> None:
    missing = set()
    named = set(re.findall(r"`(tests/[^`]+)`", (ROOT / "docs" / "promises.md").read_text()))
    assert {one for _said, _where, tests in promises() for one in tests} - named == set()
    for name in named - {"tests/config/test_promises.py", "tests/config/no_promises.py"}:
        path, _, test = name.partition("::")
        if not (ROOT / path).is_file() or test not in _tests_in(ROOT / path):
            missing.add(name)
    assert missing == set()


@cache
def _tests_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    # A state machine is collected under a name that is assigned.
    return frozenset(
        found | {t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    )


def test_no_promise_stands_outside_the_list() -> None:
    listed = {said for said, _where, _tests in promises()}
    excused = {said for some in NO_PROMISES.values() for said in some}
    assert listed & excused == set()
    said = {one for path in sources() for one in sentences_of(path) if PROMISE.search(one)}
    assert sorted(said - listed - excused) == [], "name the test that proves it in docs/promises.md"
    assert sorted(excused - said) == [], "these stand nowhere any more"
