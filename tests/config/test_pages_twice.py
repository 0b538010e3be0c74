"""What compares pages with those of earlier templates finds what a reader would see, and nothing else."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
from django.template.backends.django import Template
from django.template.loader import render_to_string

from tools import pages_twice
from tools.page_dom import difference
from tools.rooms import ROOT


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("<ul><li>a</li><li>b</li></ul>", "<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>\n", True),
        ("<p>a <b>b</b></p>", "<p>\n  a\n  <b>b</b>\n</p>", True),
        # Whitespace that a reader sees, and where there was none.
        ("<p>a<b>b</b></p>", "<p>a <b>b</b></p>", False),
        ("<p><span>a</span><span>b</span></p>", "<p><span>a</span>\n<span>b</span></p>", False),
        ("<pre>a  b</pre>", "<pre>a b</pre>", False),
        # Order of words in an attribute's value, an attribute more, an element of another name, a word.
        ('<p class="a  b">x</p>', '<p\n  class="a b">x</p>', True),
        ('<p class="a b">x</p>', '<p class="b a">x</p>', False),
        ("<p>x</p>", "<p hidden>x</p>", False),
        ("<h2>x</h2>", "<h3>x</h3>", False),
        ("<p>yes</p>", "<p>no</p>", False),
        # Made anew for each page.
        ('<input type="hidden" name="csrfmiddlewaretoken" value="abc">',
         '<input type="hidden" name="csrfmiddlewaretoken" value="xyz">', True),
    ],
)  # fmt: skip
def test_what_is_a_difference(one: str, other: str, same: bool) -> None:
    assert (difference(one, other) == "") is same
    assert (difference(other, one) == "") is same


@pytest.fixture
def before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of earlier templates, which are those of today until a test writes into it; what is rendered is compared."""
    folder = tmp_path / "before"
    shutil.copytree(ROOT / "templates", folder)
    monkeypatch.setattr(pages_twice, "seen", Counter())
    monkeypatch.setattr(pages_twice, "found", {})
    monkeypatch.setattr(Template, "render", Template.render)  # put back afterwards
    return folder


def test_only_templates_that_draw_something_else_are_named(before: Path) -> None:
    page = before / "503.html"
    page.write_text(page.read_text().replace("Nothing is lost", "All is lost"))
    spaced = before / "413.html"
    spaced.write_text(spaced.read_text().replace("<main", "\n\n    <main"))
    (before / "429.html").write_text("{% no_such_tag %}")
    pages_twice.watch(before)
    today = render_to_string("503.html")
    assert "Nothing is lost" in today
    render_to_string("413.html")
    render_to_string("unreadable.html")
    render_to_string("429.html")
    assert sorted(pages_twice.found) == ["429.html", "503.html"]
    assert "All is lost" in pages_twice.found["503.html"]
    assert "TemplateSyntaxError" in pages_twice.found["429.html"]
    assert pages_twice.report().endswith("4 pages and mails of 4 templates compared, 2 templates differ")
