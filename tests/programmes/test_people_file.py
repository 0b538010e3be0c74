"""Files of people, as spreadsheets and mistakes make them."""

import pytest

from programmes.rules.people_file import MOST_BYTES, Mistake, PersonRow, grouped, people_in, read_people
from tests.work import calls

HEAD = "email,name,department,site,line manager\n"
GOOD = HEAD + "Ann@Example.org,Ann Lee,Finance,Leeds,boss@example.org\nbob@example.org,Bob,,,\n"
ROWS = (
    PersonRow(2, "ann@example.org", {"name": "Ann Lee", "function": "Finance", "location": "Leeds", "manager": "boss@example.org"}),
    PersonRow(3, "bob@example.org", {"name": "Bob"}),
)  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_what_spreadsheets_write_is_read(encoding: str) -> None:
    assert read_people(GOOD.encode(encoding)).rows == ROWS


def test_latin_1_semicolons_tabs_and_old_line_ends() -> None:
    text = "email;name\r\nines@example.org;Inês\r\n"
    assert read_people(text.encode("latin-1")).rows == (PersonRow(2, "ines@example.org", {"name": "Inês"}),)
    assert read_people(text.replace(";", "\t").encode()).rows == (PersonRow(2, "ines@example.org", {"name": "Inês"}),)


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
        Mistake(3, "no_address", "not an address"),
        Mistake(4, "no_email"),
        Mistake(5, "second_head"),
        Mistake(6, "twice", "2"),
        Mistake(7, "too_long", "name"),
        Mistake(8, "too_many_cells"),
        Mistake(9, "manager", "line manager"),
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ("email\n", "nobody"),
        ("name,site\nAnn,Leeds\n", "no_email_column"),
        ("Ann,Leeds\nBob,York\n", "no_email_column"),
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
    assert (found.rows, found.unknown) == ((PersonRow(2, "ann@example.org", {"name": "=1+1"}),), ("shoe size",))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('email,name\n"ann@example.org,Ann\nbob@example.org,Bob\n', 2),
        ('email,name\nann@example.org,Ann\nbob@example.org,"Bob\nc@example.org,C\nd@example.org,"D"\n', 3),
        ('email,name\nann@example.org,"Ann\nbob@example.org,Bob\nc@example.org,C"\nd@example.org,D\n', 2),
        ('email,name\nann@example.org,"Ann" Lee\n', 2),
    ],
)
def test_a_quotation_mark_without_its_other_one_is_told_where_it_stands(text: str, line: int) -> None:
    assert mistakes(text) == (Mistake(line, "quotation_mark"),)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_counts_them(ends: str) -> None:
    lines = [
        "email,name,notes",
        'ann@example.org,Ann,"Two',
        'lines, and write to x"',
        "",
        "nobody,Bob,",
        "c@example.org,C,",
    ]
    assert mistakes(ends.join(lines)) == (Mistake(5, "no_address", "nobody"),)


@pytest.mark.parametrize(
    ("letters", "names"),
    [
        ("cp1252", ["O\u2019Connor", "Zo\u00eb \u201cZ\u201d \u2018Q\u2019 \u2026", "\u0160imkov\u00e1", "In\u00eas", "Bj\u00f6rn", "Ren\u00e9", "\u00c5sa", "Fran\u00e7ois \u2013 Paris"]),
        ("mac_roman", ["O\u2019Connor", "Ren\u00e9e Lef\u00e8vre", "In\u00eas", "Fran\u00e7ois", "J\u00fcrgen M\u00fcller"]),
        ("cp1250", ["Petr Dvo\u0159\u00e1k", "\u0141ukasz W\u00f3jcik"]),
    ],
)  # fmt: skip
def test_letters_of_every_code_page_are_kept(letters: str, names: list[str]) -> None:
    text = "email,name\n" + "".join(f"p{at}@example.org,{name}\n" for at, name in enumerate(names))
    chosen = "" if letters != "cp1250" else letters
    found = read_people(text.encode(letters), letters=chosen)
    assert ([row.facts["name"] for row in found.rows], found.letters) == (names, letters)


@pytest.mark.parametrize("letters", ["utf-32", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_letters_of_any_width_are_read(letters: str) -> None:
    (row,) = read_people("email,name\nann@example.org,Zoë Šimková\n".encode(letters)).rows
    assert row.facts == {"name": "Zoë Šimková"}


def test_a_letter_that_is_lost_or_cannot_be_read_is_told_where_it_stands() -> None:
    assert mistakes("email,name\na@example.org,Ann\nb@example.org,\ufffdke\n") == (Mistake(3, "letter"),)
    raw = b"email,name\r\na@example.org,Ann\r\nb@example.org,\x81ke\r\n"
    assert read_people(raw, letters="cp1252").mistakes == (Mistake(3, "letter"),)


OUTLOOK = "Title,First Name,Middle Name,Last Name,Company,Department,Job Title,Home Address,E-mail Address,E-mail 2 Address,Manager's Name\n"
GOOGLE = "First Name,Last Name,Labels,Organization Title,Organization Department,E-mail 1 - Label,E-mail 1 - Value\n"
STAFF = "Staff list;;;\n;;;\nEmployee ID;Full Name;Work Email;Line manager email\n"


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (OUTLOOK + "Dr,Ann,,Lee,Acme,Finance,Clerk,1 Road,ann@example.org,,Bob\n", PersonRow(2, "ann@example.org", {"name": "Ann Lee", "function": "Finance"})),
        (GOOGLE + "Ann,Lee,,Clerk,Finance,Work,ann@example.org\n", PersonRow(2, "ann@example.org", {"name": "Ann Lee", "function": "Finance"})),
        (STAFF + "7;Ann Lee;ann@example.org;boss@example.org\n", PersonRow(4, "ann@example.org", {"name": "Ann Lee", "manager": "boss@example.org"})),
        ("sep=;\nemail;name\nann@example.org;Ann, the first\n", PersonRow(3, "ann@example.org", {"name": "Ann, the first"})),
        ('"sep=,"\nemail,name\nann@example.org,Ann\n', PersonRow(3, "ann@example.org", {"name": "Ann"})),
        ('email,name\n="ann@example.org",="Ann"\n', PersonRow(2, "ann@example.org", {"name": "Ann"})),
        ("email,name\r\nann@example.org,Ann\r\n\x1a", PersonRow(2, "ann@example.org", {"name": "Ann"})),
        ("email|name\nann@example.org|Ann\n", PersonRow(2, "ann@example.org", {"name": "Ann"})),
        ("People of 2027\nEmail,Department,Role\nann@example.org,Finance,Clerk\n", PersonRow(3, "ann@example.org", {"function": "Finance"})),
        ("email\nAnn Lee <ann@example.org>\n", PersonRow(2, "ann@example.org", {"name": "Ann Lee"})),
    ],
)  # fmt: skip
def test_what_other_programs_export_is_read(text: str, row: PersonRow) -> None:
    found = read_people(text.encode())
    assert (found.mistakes, found.rows) == ((), (row,))


def test_a_manager_may_be_named_as_somebody_of_the_file() -> None:
    text = "email,name,manager\nann@example.org,Ann Lee,\nbob@example.org,Bob,ann lee\n"
    assert read_people(text.encode()).rows[1].facts == {"name": "Bob", "manager": "ann@example.org"}
    many = "email,manager\n" + "".join(f"p{at}@example.org,The Boss\n" for at in range(200))
    lines, mistake = grouped(mistakes(many))[0]
    assert (len(grouped(mistakes(many))), len(lines), mistake.kind, mistake.what) == (1, 200, "manager", "manager")


def test_columns_can_be_named_by_hand() -> None:
    found = read_people(b"Kontakt,Wer,Ort\nann@example.org,Ann,Leeds\n")
    assert [mistake.kind for mistake in found.mistakes] == ["no_email_column"]
    assert found.table is not None
    assert people_in(found.table, {"email": 0, "name": 1}).rows == (PersonRow(2, "ann@example.org", {"name": "Ann"}),)
    assert people_in(found.table, {"email": 0, "name": 1}).unknown == ("Ort",)


@pytest.mark.parametrize(
    "nasty",
    [
        '"' * 900_000,
        "," * 900_000,
        "\n" * 900_000,
        "email\n" + '"\n' * 30_000,
        "email," + "x," * 110 + "\n" + ("," * 110 + "\n") * 1_900,
        "email,name\n" + "".join(f"p{at}@example.org,{'é' * 110}\n" for at in range(2_000)),
        "email,name,manager\n" + "".join(f"p{at}@example.org,A,{'<' * 100}\n" for at in range(2_000)),
        "email\n" + ("<" * 2_000 + "\n") * 400,
    ],
)
def test_the_nastiest_file_is_little_work(nasty: str) -> None:
    assert calls(lambda: read_people(nasty.encode()[:900_000])) < 800_000
