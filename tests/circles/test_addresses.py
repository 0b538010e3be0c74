"""Pasted addresses in the forms people paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circles.addresses import Addresses, read_addresses
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
        ("bob@example.org, BOB@example.org", ("bob@example.org",), (), ("bob@example.org",)),
        ("nonsense, bob@@example.org, @example.org", (), ("nonsense", "bob@@example.org", "@example.org"), ()),
        ("Zoe <zoe@example.org>, nonsense, bob@example.org", ("zoe@example.org", "bob@example.org"), ("nonsense",), ()),
        ("", (), (), ()),
    ],
)  # fmt: skip
def test_addresses_are_read(
    pasted: str, good: tuple[str, ...], bad: tuple[str, ...], repeated: tuple[str, ...]
) -> None:
    assert read_addresses(pasted) == Addresses(good, bad, repeated)


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
