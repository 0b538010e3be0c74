"""The ring: you sit at the bottom, order runs clockwise, names are escaped."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circles.rules.naming import called
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
    assert called(people) == {1: "Sam Whitfield", 2: "sam Adams", 3: "Ruth", 4: "?"}
