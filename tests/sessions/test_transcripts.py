"""Every sentence every screen shows in a session of each format, kept as text and read aloud once.

After a deliberate change of words `python -m tests.sessions.transcripts` writes them anew, to be read again.
"""

import re
from pathlib import Path

import pytest

from sessions.formats.library import rules
from sessions.live.transcript import transcript
from sessions.rules.format import FormatRule
from tests.thorough import seldom

FOLDER = Path(__file__).parent / "transcripts"
RULES = rules()
# The fewest and the most, each as a circle's first session and as a later one, are what makes words differ.
CASES = [(key, count) for key, rule in RULES.items() for count in sorted({rule.least, rule.most})]


def name_of(key: str, count: int) -> Path:
    return FOLDER / f"{key}_{count}.txt"


def written(rule: FormatRule, count: int) -> str:
    """A later session, and what is said otherwise in a first one; of the largest circle only the ends of each round."""
    later = list(transcript(rule, count))
    if count > rule.least:
        return "\n".join(_without_the_middle_of_rounds(later)) + "\n"
    pairs = zip(transcript(rule, count, first=True), later, strict=True)
    other = [f"  {said}" for said in dict.fromkeys(one for one, two in pairs if one != two)]
    return "\n".join([*later, *(["In a first session:", *other] if other else [])]) + "\n"


def _without_the_middle_of_rounds(lines: list[str]) -> list[str]:
    """A round says the same to everybody: the first and the last turn of it are enough to read."""
    kept, keeping = [], True
    for line in lines:
        if not line.startswith(" "):
            turn = re.search(r", (\d+) of (\d+) \(", line)
            keeping = turn is None or turn[1] in ("1", turn[2])
        if keeping:
            kept.append(line)
    return kept


@pytest.mark.parametrize(("key", "count"), seldom(CASES, of=2))
def test_what_is_read_is_what_was_read_aloud(key: str, count: int) -> None:
    assert written(RULES[key], count) == name_of(key, count).read_text()


def test_no_placeholder_and_no_odd_sentence_is_left() -> None:
    for key, count in CASES:
        for line in name_of(key, count).read_text().splitlines():
            assert not re.search(r"[{}]|\bNone\b(?! of)|\b[Yy]ou and you\b|\.\.|^\s*[a-z]", line), line
            assert not re.search(r"\bYou (has|is|speaks|brings|tells)\b|’s’s|\b(\w{3,}) \2\b", line), line
