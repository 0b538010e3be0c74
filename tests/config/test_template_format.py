"""The formatter of templates changes what is written and nothing that is drawn, and says nothing twice."""

import re
from pathlib import Path

import pytest
from django.template import Context, Engine
from django.utils.translation.template import templatize
from hypothesis import given
from hypothesis import strategies as st

from tools import template_format
from tools.page_dom import difference
from tools.printing import WIDTH
from tools.template_format import formatted
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


LONG = "word " * 40


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("<p>One <b>two</b>, three.</p>", "<p>One <b>two</b>, three.</p>\n"),
        ("<ul><li>a</li><li>b</li></ul>", "<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>\n"),
        # Between these no whitespace is drawn, and what would be drawn is not put there.
        ("<div><span>a</span><span>b</span></div>", "<div><span>a</span><span>b</span></div>\n"),
        ("{% if a %}<p>x</p>{% else %}<p>y</p>{% endif %}", "{% if a %}\n  <p>x</p>\n{% else %}\n  <p>y</p>\n{% endif %}\n"),
        # Drawn as they stand.
        ("<textarea>\n a\n  b</textarea><pre>  x </pre>", "<textarea>\n a\n  b</textarea><pre>  x </pre>\n"),
        # An element that only one branch opens is not laid out as one.
        ('{% if x %}<div class="a">{% endif %}t{% if x %}</div>{% endif %}',) * 2,
    ],
)  # fmt: skip
def test_what_it_makes(source: str, made: str) -> None:
    assert formatted(source).strip() == made.strip()


def test_lines_are_broken_where_a_space_stands_and_at_attributes() -> None:
    made = formatted(f'<p>{LONG}<a href="/x/">link</a>.</p>')
    assert max(map(len, made.splitlines())) <= WIDTH
    assert made.count("\n") == 4
    assert '<a href="/x/">link</a>.' in made
    button = formatted(f'<button type="submit" class="btn" name="{"n" * 50}" value="{"v" * 50}">Go</button>')
    assert [line.strip() for line in button.splitlines()[1:5]] == [
        'type="submit"', 'class="btn"', f'name="{"n" * 50}"', f'value="{"v" * 50}">',
    ]  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        '{% load i18n %}<p>{% translate "' + LONG + 'end." %}</p>',
        "{% load i18n %}<p>{% blocktranslate with n=name %}" + LONG + "{{ n }} end.{% endblocktranslate %}</p>",
        "{% load i18n %}<p>{% blocktranslate count n=n %}" + LONG + "one.{% plural %}" + LONG + "{{ n }}.{% endblocktranslate %}</p>",
    ],
)  # fmt: skip
def test_a_sentence_in_several_lines_is_the_same_sentence_to_translators(source: str) -> None:
    made = formatted(source)
    assert "blocktranslate trimmed" in made
    assert max(map(len, made.splitlines())) <= WIDTH
    ids, again = (re.findall(r"'(.*?)'", templatize(one)) for one in (source, made))
    assert ids == again
    assert len(ids) in (1, 2)
    for given_name in ("", "Zoe"):
        one, other = (
            Engine(libraries={"i18n": "django.templatetags.i18n"})
            .from_string(text)
            .render(Context({"name": given_name, "n": len(given_name)}))
            for text in (source, made)
        )
        assert difference(one, other) == ""


GAPS = st.sampled_from(["", " ", "\n  "])
WORDS = st.sampled_from(["a", "some words", "words, and a stop.", "a_long_word_" * 3])


def element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    tags = st.sampled_from(["p", "div", "li", "b", "span", "a", "button", 'p class="cluster"', 'div class="stack"'])
    pieces = st.lists(st.tuples(GAPS, inner), min_size=1, max_size=4)
    made = st.builds(lambda tag, of: f"<{tag}>{of}</{tag.split()[0]}>", tags, pieces.map(_joined))
    of_block = st.builds(lambda one, other: f"{{% if x %}}{one}{{% else %}}{other}{{% endif %}}", inner, inner)
    return made | of_block


def as_a_file(source: str) -> str:
    """Files begin with something and end with a line."""
    return source.strip() + "\n"


def _joined(pieces: list[tuple[str, str]]) -> str:
    return "".join(gap + one for gap, one in pieces)


@given(
    st.lists(st.tuples(GAPS, st.recursive(WORDS, element, max_leaves=12)), min_size=1, max_size=4)
    .map(_joined)
    .map(as_a_file)
)
def test_whatever_it_is_given_a_browser_draws_the_same_and_a_second_time_changes_nothing(source: str) -> None:
    made = formatted(source)
    assert formatted(made) == made
    for x in (True, False):
        one, other = (Engine().from_string(text).render(Context({"x": x})) for text in (source, made))
        assert difference(one, other) == ""


def test_checking_names_what_is_in_another_form_and_changes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(template_format, "ROOT", tmp_path)
    monkeypatch.setattr(template_format, "TEMPLATES", tmp_path / "templates")
    page = tmp_path / "templates" / "page.html"
    page.parent.mkdir()
    page.write_text("<ul><li>a</li><li>b</li></ul>")
    assert template_format.main(check=True) == 1
    assert "not in this form: templates/page.html" in capsys.readouterr().out
    assert page.read_text() == "<ul><li>a</li><li>b</li></ul>"
    assert template_format.main(check=False) == 0
    assert page.read_text() == "<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>\n"
    assert template_format.main(check=True) == 0


def test_a_line_of_a_text_is_not_too_long_to_read_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "templates").mkdir()
    text = tmp_path / "templates" / "body.txt"
    text.write_text("one\n" + "a" * 121 + "\n")
    monkeypatch.setattr(template_format, "ROOT", tmp_path)
    monkeypatch.setattr(template_format, "TEMPLATES", tmp_path / "templates")
    assert template_format.main(check=True) == 1
    assert capsys.readouterr().out == "templates/body.txt:2: longer than 120 columns\n"
    text.write_text("one\n" + "a" * 120 + "\n")
    assert template_format.main(check=True) == 0
