"""Files of people, as spreadsheets and mistakes make them."""

import pytest

from programmes.people_file import MOST_BYTES, Mistake, Row, read_people

HEAD = "email,name,department,site,line manager\n"
GOOD = HEAD + "Ann@Example.org,Ann Lee,Finance,Leeds,boss@example.org\nbob@example.org,Bob,,,\n"
ROWS = (
    Row(2, "ann@example.org", {"name": "Ann Lee", "function": "Finance", "location": "Leeds", "manager": "boss@example.org"}),
    Row(3, "bob@example.org", {"name": "Bob"}),
)  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_spreadsheets_write_is_read(encoding: str) -> None:
    assert read_people(GOOD.encode(encoding)).rows == ROWS


def test_latin_1_semicolons_tabs_and_old_line_ends() -> None:
    text = "email;name\r\nines@example.org;Inês\r\n"
    assert read_people(text.encode("latin-1")).rows == (Row(2, "ines@example.org", {"name": "Inês"}),)
    assert read_people(text.replace(";", "\t").encode()).rows == (Row(2, "ines@example.org", {"name": "Inês"}),)


def mistakes(text: str) -> tuple[Mistake, ...]:
    found = read_people(text.encode())
    assert found.rows == ()
    return found.mistakes


def test_mistakes_name_their_line_and_nobody_is_used() -> None:
    text = HEAD + (
        "ann@example.org,Ann,,,\n"
        "not an address,Bob,,,\n"
        ",Carol,,,\n"
        "email,name,department,site,line manager\n"
        "ANN@example.org,Ann again,,,\n"
        f"dave@example.org,{'x' * 121},,,\n"
        "erin@example.org,Erin,,,,surplus\n"
        "fay@example.org,Fay,,,no manager\n"
    )
    assert mistakes(text) == (
        Mistake(3, "no_address", "email"),
        Mistake(4, "no_email"),
        Mistake(5, "second_head"),
        Mistake(6, "twice", "2"),
        Mistake(7, "too_long", "name"),
        Mistake(8, "too_many_cells"),
        Mistake(9, "no_address", "manager"),
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ("email\n", "nobody"),
        ("name,site\nAnn,Leeds\n", "no_email_column"),
        ("email,mail\na@example.org,b@example.org\n", "column_twice"),
    ],
)
def test_files_that_name_nobody(text: str, kind: str) -> None:
    assert [mistake.kind for mistake in mistakes(text)] == [kind]


def test_ten_thousand_rows_a_huge_cell_a_huge_file_and_no_text() -> None:
    assert mistakes("email\n" + "".join(f"p{at}@example.org\n" for at in range(10_000)))[0].kind == "too_many"
    assert mistakes("email,name\na@example.org,ok\nb@example.org," + "x" * 500_000)[0] == Mistake(3, "cell_too_long")
    assert read_people(b"x" * (MOST_BYTES + 1)).mistakes == (Mistake(0, "too_large"),)
    assert read_people(b"PK\x03\x04\x00\x00").mistakes == (Mistake(0, "no_text"),)
    assert read_people(b"\xff\xfea").mistakes == (Mistake(0, "no_text"),)


def test_formulas_are_text_and_unknown_columns_are_left_out() -> None:
    found = read_people(b"email,name,shoe size\nann@example.org,=1+1,39\n")
    assert (found.rows, found.unknown) == ((Row(2, "ann@example.org", {"name": "=1+1"}),), ("shoe size",))


def test_quotation_marks_that_never_close() -> None:
    found = read_people(b'email,name\n"ann@example.org,Ann\nbob@example.org,Bob\n')
    assert found.rows == ()
    assert found.mistakes != ()
