"""Pasted addresses in the forms people paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circles.rules.addresses import read_addresses
from tests.work import calls


@pytest.mark.parametrize(
    ("pasted", "good", "bad", "repeated"),
    [
        ("bob@example.org", ("bob@example.org",), (), ()),
        ("bob@example.org, Carol <carol@example.org>; dave@example.org", ("bob@example.org", "carol@example.org", "dave@example.org"), (), ()),
        ("bob@example.org\r\ncarol@example.org\n\n", ("bob@example.org", "carol@example.org"), (), ()),
        ("bob@example.org carol@example.org", ("bob@example.org", "carol@example.org"), (), ()),
        ('"Baker, Bob" <Bob@Example.org>, x@y', ("bob@example.org",), ("x@y",), ()),
        ("Baker, Bob <bob@example.org>", ("bob@example.org",), (), ()),
        ("Bob Baker bob@example.org", ("bob@example.org",), (), ()),
        ("mailto:bob@example.org", ("bob@example.org",), (), ()),
        ("MAILTO:bob@example.org", ("bob@example.org",), (), ()),
        ("<mailto:bob@example.org>", ("bob@example.org",), (), ()),
        ("Team:anna@example.org", ("anna@example.org",), (), ()),
        ("\u200bbob@example.org, BOB@example.org\u00a0", ("bob@example.org",), (), ("bob@example.org",)),
        ("x@bücher.example y@\u043f\u043e\u0447\u0442\u0430.xn--p1ai", ("x@xn--bcher-kva.example", "y@xn--80a1acny.xn--p1ai"), (), ()),
        ("zoë@example.org", (), ("zoë@example.org",), ()),
        ("bob@example.org, BOB@example.org", ("bob@example.org",), (), ("bob@example.org",)),
        ("nonsense, bob@@example.org, @example.org", (), ("nonsense", "bob@@example.org", "@example.org"), ()),
        ("Zoe <zoe@example.org>, nonsense, bob@example.org", ("zoe@example.org", "bob@example.org"), ("nonsense",), ()),
        ('nonsense; "Zoë" <zoe@example.org>', ("zoe@example.org",), ("nonsense",), ()),
        ('nonsense, "Zoë" <zoe@example.org>', ("zoe@example.org",), ("nonsense",), ()),
        ("nonsense\nZoë <zoe@example.org>", ("zoe@example.org",), ("nonsense",), ()),
        ('"Baker, Bob <bob@example.org>', ("bob@example.org",), (), ()),
        ("<bob@example.org", ("bob@example.org",), (), ()),
        ("", (), (), ()),
    ],
)  # fmt: skip
def test_addresses_are_read(
    pasted: str, good: tuple[str, ...], bad: tuple[str, ...], repeated: tuple[str, ...]
) -> None:
    found = read_addresses(pasted)
    assert (found.good, found.bad, found.repeated) == (good, bad, repeated)


@pytest.mark.parametrize(
    ("pasted", "names"),
    [
        ('"Zoë Baker" <zoe@example.org>', {"zoe@example.org": "Zoë Baker"}),
        ("Zoë <zoe@example.org> Bob <bob@example.org>", {"zoe@example.org": "Zoë", "bob@example.org": "Bob"}),
        ("Baker, Bob <bob@example.org>; x@example.org", {"bob@example.org": "Bob Baker"}),
        ('"Baker, Bob" <bob@example.org>', {"bob@example.org": "Baker, Bob"}),
        ("Bob Baker bob@example.org", {"bob@example.org": "Bob Baker"}),
        ("Bob\tBaker\tbob@example.org\nzoe@example.org\tZoë\tLeeds", {"bob@example.org": "Bob Baker", "zoe@example.org": "Zoë"}),
        ("bob@example.org <bob@example.org>", {}),
        ("bob@example.org", {}),
    ],
)  # fmt: skip
def test_names_beside_addresses_are_kept(pasted: str, names: dict[str, str]) -> None:
    assert read_addresses(pasted).names == names


@given(st.text(max_size=300))
def test_anything_can_be_pasted(pasted: str) -> None:
    found = read_addresses(pasted)
    assert len(set(found.good)) == len(found.good)
    assert all(address.count("@") == 1 and address == address.lower() for address in found.good)
    assert all(len(piece) <= 80 for piece in found.bad)


@pytest.mark.parametrize(
    "nasty", ["<" + " " * 9_000 + "x", "<" * 9_000, "a@" * 4_500, "<a" * 4_500, "a b " * 2_500, "@,;" * 3_000]
)
def test_reading_stays_little_work(nasty: str) -> None:
    assert calls(lambda: read_addresses(nasty)) < 80_000


@pytest.mark.parametrize("before", ["1.", "-", "•", "To:", "Team:", "2)"])
def test_what_marks_a_line_of_a_list_is_nobodys_name(before: str) -> None:
    assert read_addresses(f"{before} bob@example.org").names == {}
    assert read_addresses(f"{before} bob@example.org").good == ("bob@example.org",)
    assert read_addresses(f"{before} Bob Baker <bob@example.org>").good == ("bob@example.org",)
