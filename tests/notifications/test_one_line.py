"""What the template of a mail has in several lines and the mail in one."""

import pytest
from django.template import Context, engines

from notifications.templatetags.mail import OneLine


def drawn(source: str, **values: object) -> str:
    return engines["django"].from_string(source).render(values)


@pytest.mark.parametrize(("source", "said"), [
    ("a{% one_line %}\n  b\n  c\n{% endone_line %}\n\nd", "abc\n\nd"),
    ("{% one_line %}\n  {{ x }} {% if x %}\n    1\n  {% else %}\n    2\n  {% endif %}\n{% endone_line %}", "x 1"),
    ("{% one_line %}\n  {% for one in x %}\n    {{ one }},\n  {% endfor %}\n{% endone_line %}", "x,"),
    ("{% load i18n %}{% one_line %}\n  {% blocktranslate trimmed %}\n    b\n    c\n  {% endblocktranslate %} d\n"
     "{% endone_line %}", "b c d"),
])  # fmt: skip
def test_breaks_and_indents_of_the_template_say_nothing(source: str, said: str) -> None:
    assert drawn(source, x="x") == said


def test_breaks_that_somebody_wrote_stay() -> None:
    assert drawn("{% one_line %}\n  {{ x }}\n  b\n{% endone_line %}", x="1\n\n  2 ") == "1\n\n  2 b"


def test_blocks_that_a_page_fills_are_found_in_it() -> None:
    template = engines["django"].from_string(
        "{% one_line %}\n  {% block a %}\n    b\n  {% endblock %}\n{% endone_line %}"
    )
    (node,) = template.template.nodelist.get_nodes_by_type(OneLine)
    assert node.render(Context()) == "b"
