"""What changed between two texts."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from agreements.differences import Line, compare, words_between

texts = st.text(alphabet="ab \n", max_size=40)


def line(number: int, text: str, theme: str = "scope") -> Line:
    return Line(UUID(int=number), theme, text)


@given(texts, texts)
def test_both_texts_can_be_read_from_the_difference(old: str, new: str) -> None:
    found = words_between(old, new)
    assert "".join(one.text for one in found if one.kind != "ins") == old
    assert "".join(one.text for one in found if one.kind != "del") == new


def test_a_word_stands_out_and_the_rest_stays() -> None:
    found = words_between("We come on time.", "We come early, on time.")
    assert [(one.kind, one.text) for one in found] == [("same", "We come "), ("ins", "early, "), ("same", "on time.")]


def test_clauses_are_known_by_their_line_not_by_their_place() -> None:
    old = [line(1, "one"), line(2, "two"), line(3, "three")]
    new = [line(1, "one"), line(4, "new"), line(3, "three and more")]
    rows = compare(old, new)
    assert [(row.kind, "".join(words.text for words in row.words)) for row in rows] == [
        ("same", "one"),
        ("new", "new"),
        ("gone", "two"),
        ("reworded", "three and more"),
    ]


lines = st.lists(st.tuples(st.integers(1, 8), texts), max_size=8, unique_by=lambda one: one[0])


@given(lines, lines)
def test_every_clause_of_both_texts_appears_once(old: list[tuple[int, str]], new: list[tuple[int, str]]) -> None:
    before, after = [line(*one) for one in old], [line(*one) for one in new]
    rows = compare(before, after)
    kinds = [row.kind for row in rows]
    shared = {one.line for one in before} & {one.line for one in after}
    assert len(rows) == len(before) + len(after) - len(shared)
    assert kinds.count("new") == len(after) - len(shared)
    assert kinds.count("gone") == len(before) - len(shared)
    told = ["".join(words.text for words in row.words if words.kind != "del") for row in rows if row.kind != "gone"]
    assert told == [one.text for one in after]
