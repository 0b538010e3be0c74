"""The formatter of templates leaves apart what was apart, wherever the space between two attributes stood."""

import pytest

from tools.template_tree import attributes_of


@pytest.mark.parametrize(
    ("typed", "tight"),
    [
        (' class="a" id="b"', ' class="a" id="b"'),
        (' {% if x %}class="a" {% endif %}id="b"', '{% if x %} class="a"{% endif %} id="b"'),
        ('{% if x %} class="a"{% endif %} id="b"', '{% if x %} class="a"{% endif %} id="b"'),
        (' {% if x %}open {% else %}hidden {% endif %}id="b"', '{% if x %} open{% else %} hidden{% endif %} id="b"'),
        (' href="{% if x %}/a/{% endif %}b/"', ' href="{% if x %}/a/{% endif %}b/"'),
    ],
)
def test_attributes_stay_apart(typed: str, tight: str) -> None:
    assert "".join(one.flat for one in attributes_of(typed)) == tight


def test_an_attribute_after_a_block_with_its_space_inside_may_stand_on_a_line_of_its_own() -> None:
    assert [(one.loose, one.glued) for one in attributes_of(' {% if x %}class="a" {% endif %}id="b"')] == [
        ('{% if x %}class="a"{% endif %}', False),
        ('id="b"', False),
    ]
