"""The stylesheet: a file a part, joined in the order of their names, nothing outside a layer."""

import re
from pathlib import Path

from django.contrib.staticfiles import finders

from config.styles import STYLE, joined, parts, slim


def test_what_is_served_is_all_the_parts_in_order() -> None:
    found = finders.find(STYLE)
    assert isinstance(found, str)
    assert Path(found).read_text(encoding="utf-8") == joined()
    names = [part.name for part in parts()]
    assert names == sorted(names)
    assert names[0] == "00-layers.css"
    assert joined() == "".join(slim(part.read_text()) for part in parts())


def test_what_is_served_has_no_comment_and_no_space_without_a_meaning() -> None:
    written = """/* the ring; { */
@layer a {
  .ring :hover, .ring ~ p { inline-size: calc(1rem + 2px); content: "✓ "; }

  @media (min-width: 48rem) { .ring { gap: 0 1rem; } }
}
"""
    assert slim(written) == (
        '@layer a{.ring :hover, .ring ~ p{inline-size: calc(1rem + 2px);content: "✓ "}'
        "@media (min-width: 48rem){.ring{gap: 0 1rem}}}"
    )


def test_no_text_that_a_rule_writes_touches_a_brace_or_a_semicolon() -> None:
    """Their space would be taken for space between rules."""
    written = [text for part in parts() for text in re.findall(r'"[^"\n]*"', part.read_text())]
    assert written
    assert [text for text in written if re.search("[{};]", text)] == []


def test_every_part_says_what_it_is_and_stands_in_one_layer() -> None:
    layers = re.search(r"@layer ([\w, ]+);", next(iter(parts())).read_text())
    assert layers
    for part in list(parts())[1:]:
        words = part.read_text()
        assert words.startswith("/* "), part.name
        opened = re.findall(r"^@layer (\w+) {$", words, re.MULTILINE)
        assert len(opened) == 1, part.name
        assert opened[0] in layers[1], part.name
        outside = re.sub(r"/\*.*?\*/", "", words, flags=re.DOTALL).strip()
        assert outside.startswith("@layer"), part.name
        assert outside.endswith("}"), part.name
