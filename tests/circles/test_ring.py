"""The ring: you sit at the bottom, order runs clockwise, names are escaped."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from circles.rules.naming import given_names
from circles.rules.ring import RingSeat, ring_svg


def bodies(svg: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'class="body" cx="([\d.]+)" cy="([\d.]+)"', svg)]


@pytest.mark.parametrize("own", [0, 1, 4])
def test_you_sit_at_the_bottom(own: int) -> None:
    svg = ring_svg([RingSeat("X", f"Name {at}", you=at == own) for at in range(5)], label="x")
    x, y = bodies(svg)[own]
    assert (round(x), round(y)) == (200, 358)


def test_names_are_escaped_and_long_ones_cut() -> None:
    svg = ring_svg([RingSeat("<b>", "<script>&", mark='"x"'), RingSeat("A", "Wolfeschlegelsteinhausen")], label='<i>"')
    assert "<script>" not in svg
    assert "&lt;script&gt;&amp;" in svg
    assert "Wolfeschlegel…" in svg
    assert 'aria-label="&lt;i&gt;&quot;"' in svg


def test_without_a_sentence_it_is_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in ring_svg([RingSeat(), RingSeat()])


@given(st.integers(1, 12), st.floats(-1, 2))
def test_any_number_of_seats_stays_in_its_box(seats: int, share: float) -> None:
    svg = ring_svg([RingSeat("A", f"N{at}", mark="m", speaking=at == 0) for at in range(seats)], label="x", share=share)
    top, height = (float(n) for n in re.search(r'viewBox="0 (\S+) 400 (\S+)"', svg).groups())  # type: ignore[union-attr]
    for _x, y in bodies(svg):
        assert top <= y - 22
        assert y + 22 <= top + height
    drawn = float(re.search(r'stroke-dasharray="([\d.]+) 100"', svg).group(1))  # type: ignore[union-attr]
    assert 0 <= drawn <= 100


def test_two_people_with_one_first_name_are_called_by_their_whole_names() -> None:
    class Person:
        def __init__(self, pk: int, name: str) -> None:
            self.pk, self.name = pk, name

    people = [Person(1, "Sam Whitfield"), Person(2, "sam Adams"), Person(3, "Ruth Mensah"), Person(4, "")]
    assert given_names(people) == {1: "Sam Whitfield", 2: "sam Adams", 3: "Ruth", 4: "?"}


def test_where_everything_stands_in_a_ring_of_three() -> None:
    """You below in the middle, the next to your left above, a third to your right: read off a drawing by hand."""
    seats = [
        RingSeat("AA", "Amara", you=True),
        RingSeat("BB", "Ben", mark="host", speaking=True, hand=True),
        RingSeat("CC", "Chloe", next=True, away=True),
    ]
    svg = ring_svg(seats, label="x", share=0.25)
    assert svg.startswith('<svg viewBox="0 -15 400 430" role="img" aria-label="x">')
    assert re.findall(r'class="body" (.+?)/>', svg) == [
        'cx="200.0" cy="358.0" r="25"',
        'cx="336.8" cy="121.0" r="25"',
        'cx="63.2" cy="121.0" r="27"',
    ]
    assert re.findall(r'class="halo" (.+?)/>', svg) == ['cx="63.2" cy="121.0" r="38"']
    assert re.findall(r'<text class="(\w+)" x="(.+?)" y="(.+?)">(\w+)<', svg) == [
        ("init", "200.0", "363.0", "AA"), ("name", "200.0", "398.0", "Amara"),
        ("init", "336.8", "126.0", "CC"), ("name", "336.8", "88.0", "Chloe"),
        ("init", "63.2", "126.0", "BB"), ("name", "63.2", "65.0", "Ben"), ("mark", "63.2", "79.0", "host"),
    ]  # fmt: skip
    assert re.findall(r'class="(\w+)" transform="(.+?)"', svg) == [
        ("piece", "translate(88.2 119.0) rotate(18)"),
        ("hand", "translate(39.2 99.0)"),
    ]
    assert re.findall(r'class="(ring-track|ring-pass)" d="(.+?)"', svg) == [
        ("ring-track", "M171.2 355.3A158 158 0 0 1 51.0 147.3"),
        ("ring-pass", "M106.2 72.9A158 158 0 0 1 304.0 81.0"),
        ("ring-track", "M349.0 147.3A158 158 0 0 1 228.8 355.3"),
    ]
    assert 'class="ring-time" cx="200" cy="200" r="108" pathLength="100" stroke-dasharray="25.0 100"' in svg
    assert re.findall(r'class="(seat[^"]*)"', svg) == [
        "seat seat--you",
        "seat seat--above seat--next seat--away",
        "seat seat--above seat--speaking",
    ]


def test_small_and_full_rings_have_seats_of_their_own_size() -> None:
    sizes = {(6, False): "25", (7, False): "22", (6, True): "38", (7, True): "38"}
    for (number, small), radius in sizes.items():
        svg = ring_svg([RingSeat() for _at in range(number)], small=small)
        assert set(re.findall(r'class="body" .+? r="(\d+)"', svg)) == {radius}
    assert "ring-" not in ring_svg([RingSeat()]), "one alone has no way to another, and nobody's time is drawn"
    assert 'viewBox="0 -18 400 436"' in ring_svg([RingSeat(), RingSeat(speaking=True)], small=True)


@pytest.mark.parametrize("seats", range(1, 13))
def test_a_steady_ring_keeps_its_box_whoever_speaks_and_the_style_knows_its_shape(seats: int) -> None:
    def box(speaking: int, you: int | None) -> str:
        drawn = [
            RingSeat("AB", f"Name {at}", "timekeeper", you=at == you, speaking=at == speaking) for at in range(seats)
        ]
        return ring_svg(drawn, label="x", share=0.5, steady=True).split('"')[1]

    boxes = {box(speaking, you) for speaking in range(seats) for you in (None, 0, seats - 1)}
    assert len(boxes) == 1
    _left, top, width, height = (int(one) for one in boxes.pop().split())
    style = (Path(settings.BASE_DIR) / "static" / "css" / "46-ring.css").read_text()
    found = re.search(rf"\.ring--n{seats}\b[^{{]*{{\s+--mid: ([\d.]+)%;\s+--box: ([\d.]+);", style)
    assert found
    mid, shape = found.groups()
    assert float(shape) == pytest.approx(width / height, abs=0.001)
    assert float(mid) == pytest.approx(100 * (200 - top) / height, abs=0.1)
