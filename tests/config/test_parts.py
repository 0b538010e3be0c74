"""The page for developers has every component once, and none of them as a copy."""

import re
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.test.signals import template_rendered

from config.parts_views import parts
from tests.config.test_templates import NAMES, TEMPLATES

# Not on the page, and why.
ELSEWHERE = {
    "components/_administrators.html": "a paragraph of words",
    "components/_nav.html": "at the bottom of a phone’s screen, on every page of somebody who is signed in",
    "components/_unproved.html": "a paragraph of words",
}


def drawn() -> set[str]:
    """The templates of which the page is made."""
    found = set[str]()

    def note(template: Any, **_more: Any) -> None:
        found.add(template.name or "")

    request: Any = RequestFactory().get("/_parts/")
    request.user = AnonymousUser()
    template_rendered.connect(note)
    try:
        assert parts(request).status_code == 200
    finally:
        template_rendered.disconnect(note)
    return found


def test_the_page_for_developers_has_every_component() -> None:
    assert {name for name in NAMES if name.startswith("components/")} - drawn() == set(ELSEWHERE)


def test_what_it_shows_comes_from_the_components() -> None:
    """A copy of one would go on looking right there while the pages change."""
    source = (TEMPLATES / "parts.html").read_text()
    copied = ("place", "tabs", "head", "panel", "audience", "empty-state", "notice", "copy", "nav", "disc")
    assert [name for name in copied if f'class="{name}' in source] == []


def test_a_part_and_the_class_it_is_drawn_with_have_one_name() -> None:
    """A row is one of `rows`, and a form with one button looks like its button."""
    for name in ("audience", "disc", "empty_state", "head", "panel", "place"):
        drawn_by = (TEMPLATES / "components" / f"_{name}.html").read_text()
        assert re.search(rf'class="(?:[^"]*\s)?{name.replace("_", "-")}(?=[\s"{{-])', drawn_by), name
