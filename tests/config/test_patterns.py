"""No pattern takes more than linear time, whatever is sent: one on the request freezes the process for everybody."""

import ast
import re
import resource
import string
import subprocess
import sys
from functools import cache

import pytest

from tests.thorough import seldom
from tools.rooms import FLOORS, ROOT

USES = {"compile", "match", "fullmatch", "search", "findall", "finditer", "split", "sub", "subn"}
LENGTH, SECONDS = 100_000, 20
# Cubic: it read "<" and then white space in every way there is. It must be caught below.
WAS_HERE = r"<\s*([^<>]*?)\s*>"

TRY = """
import re, sys
pattern = re.compile(sys.argv[1])
for line in sys.stdin:
    text = line.rstrip("\\n").encode().decode("unicode_escape")
    text = (text * (int(sys.argv[2]) // max(1, len(text))))
    for whole in (text, text + "\\0", "<" + text + "!"):
        pattern.search(whole), pattern.fullmatch(whole), pattern.findall(whole)
"""


@cache
def patterns() -> list[tuple[str, str]]:
    """Every pattern that our code hands to `re`, with its file. One that is put together at run time fails here."""
    found = []
    for app in FLOORS:
        for path in sorted((ROOT / app).rglob("*.py")):
            text = path.read_text()
            # Reading all of our code takes longer than a hundred tests, in each process of them.
            for node in ast.walk(ast.parse(text)) if re.search(r"\bre\.", text) else ():
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "re"
                    and node.func.attr in USES
                ):
                    assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"
                    found.append((str(path.relative_to(ROOT)), str(node.args[0].value)))
    return found


def crafted(pattern: str) -> list[str]:
    """What is repeated to a hundred thousand characters: each character the pattern speaks of, and each two of them."""
    spoken = [one for one in dict.fromkeys(pattern) if one in string.printable and one not in "()[]{}|?*+^$\\n"]
    marks = list(dict.fromkeys([" ", "a", *[one for one in spoken if not one.isalnum()], "0"]))[:8]
    return [*marks, *(one + other for one in marks for other in marks if one != other)]


def in_time(pattern: str, seconds: int) -> bool:
    """Whether all tries together take less than so many seconds of CPU, whatever else the machine does meanwhile."""
    done = subprocess.run(
        [sys.executable, "-c", TRY, pattern, str(LENGTH)],
        input="\n".join(text.encode("unicode_escape").decode() for text in crafted(pattern)),
        text=True,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds)),
    )
    assert not done.stderr, done.stderr
    return done.returncode == 0


def test_the_pattern_that_froze_the_process_would_be_found() -> None:
    assert not in_time(WAS_HERE, 1)


@pytest.mark.parametrize(("file", "pattern"), seldom(patterns(), of=5))
def test_every_pattern_is_linear(file: str, pattern: str) -> None:
    assert in_time(pattern, SECONDS), (file, pattern)


def test_patterns_are_found() -> None:
    assert len(patterns()) >= 4
    assert all(re.compile(pattern) for _file, pattern in patterns())
