"""What typed text becomes."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules.clean import clean_text, given_name, initials, whole_number


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  Bob   Baker ", "Bob Baker"),
        ("\u200b\u200b\ufeff", ""),
        ("\u200d", ""),
        ("a\x00b\x07c", "abc"),
        ("evil\u202etxt", "eviltxt"),
        ("e\u0301", "é"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("\ud800x", "x"),
        ("one\ntwo", "one two"),
        ("مرحبا", "مرحبا"),
    ],
)
def test_one_line_text_is_cleaned(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


def test_lines_are_kept_where_asked_for() -> None:
    assert clean_text("one \r\ntwo\r\n\r\n", lines=True) == "one\ntwo"


@given(st.text(st.characters()), st.booleans())
def test_cleaning_twice_changes_nothing_and_leaves_no_control(raw: str, lines: bool) -> None:
    once = clean_text(raw, lines=lines)
    assert clean_text(once, lines=lines) == once
    assert unicodedata.normalize("NFC", once) == once
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in once if c not in "\n\t")
    once.encode()


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Bob Baker", "BB"), ("Bob", "B"), ("Bob de la Baker", "BB"), ("", "?"), ("🌲", "?")],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("typed", "number"),
    [("0", 0), (" 12 ", 12), ("60", 60), ("61", None), ("", None), ("-1", None), ("1.0", None), ("1_0", None),
     ("²", None), ("①", None), ("٣", None), ("9" * 5_000, None), ("0" * 5_000, None)],
)  # fmt: skip
def test_a_whole_number_is_plain_digits_within_its_bound(typed: str, number: int | None) -> None:
    assert whole_number(typed, most=60) == number


@pytest.mark.parametrize(
    "marks",
    ["\u0301\u0316", "\u0316\u0301", "\u0591\u05b0", "\u0f73", "\u0f81\u0f75", "\u0344", "\u0301\u202e\u0316\x00"],
)
def test_marks_that_are_stacked_without_end_are_little_work(marks: str) -> None:
    """Python puts them into their order in quadratic time: a megabyte of them took minutes."""
    kept = clean_text("a" + marks * 200_000)
    assert 1 <= len(kept) <= 32
    assert clean_text(kept) == kept


@pytest.mark.parametrize("name", ["\u3164", "\u2800 \u2800", "\u115f\u1160", "\uffa0", "\u200b\u2060", "\u00a0"])
def test_a_name_that_nobody_sees_is_none(name: str) -> None:
    assert clean_text(name) == ""


@pytest.mark.parametrize(
    ("name", "given"),
    [("Ada Lovelace", "Ada"), ("Dr. Ada Lovelace", "Ada"), ("Prof. Dr. Ada Lovelace", "Ada"), ("Dr Ada", "Ada"),
     ("M\u00fcller, J\u00fcrgen", "J\u00fcrgen"), ("M\u00fcller,", "M\u00fcller"), ("Dipl.-Ing. Eva K", "Eva"), ("J. K. Rowling", "J."),
     ("Ada", "Ada"), ("Dr.", "Dr."), ("\u674e\u660e", "\u674e\u660e"), ("M", "M"), (",", ","), (", Ada", "Ada"), ("?", "?")],
)  # fmt: skip
def test_people_are_addressed_by_their_given_name(name: str, given: str) -> None:
    assert given_name(name) == given


@given(st.text(min_size=1, max_size=40))
def test_there_is_always_something_to_address_somebody_by(raw: str) -> None:
    if name := clean_text(raw):
        assert given_name(name).strip()
