"""What changed between two texts."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from agreements.rules.differences import ClauseText, compare, words_between
from tests.work import calls

texts = st.text(alphabet="ab \n", max_size=40)


def line(number: int, text: str, theme: str = "scope") -> ClauseText:
    return ClauseText(UUID(int=number), theme, text)


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


def test_clauses_that_are_as_different_as_they_may_be_are_little_work() -> None:
    """Sixty clauses of a thousand characters each, all reworded: every word another, or all words alike."""
    for old, new in (("a b " * 250, "b a " * 250), ("a " * 500, "a" + " a" * 499), ("ab " * 333, "ba " * 333)):
        before, after = [line(at, old) for at in range(60)], [line(at, new) for at in range(60)]
        assert calls(lambda before=before, after=after: compare(before, after)) < 200_000


def test_where_nearly_everything_differs_it_is_told_as_replaced() -> None:
    old, new = " ".join(f"old{at}" for at in range(90)), " ".join(f"new{at}" for at in range(90))
    assert [one.kind for one in words_between(f"We {old} here.", f"We {new} here.")] == ["same", "del", "ins", "same"]
