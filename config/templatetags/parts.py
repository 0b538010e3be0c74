"""The parts of a page that stand on many pages, each drawn in one place. Loaded for every template.

What stands between a part's tags is its own: `{% head _("Sessions") %}<a …>Schedule</a>{% endhead %}`. Each part is
`templates/components/_<name>.html` with its classes in `static/css`; all of them stand once on `/_parts/`.
"""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_block_tag
def head(content: SafeString, title: str, lead: str = "", up: str = "", up_to: str = "", at: str = "") -> str:
    """The head of a page: its name, one line, and what can be done here.

    `up` and `up_to` are the name and address of the page above, `at` which of its pages this is.
    """
    return _drawn("head", content, title=title, lead=lead, up=up, up_to=up_to, at=at)


@register.simple_block_tag
def panel(content: SafeString, title: str, id: str, kind: str = "") -> str:
    """A panel with a heading that names it; `id` is the heading's. `kind` is `sunk` or nothing."""
    return _drawn("panel", content, title=title, id=id, kind=kind)


@register.simple_block_tag
def row(content: SafeString, title: str, line: str = "", to: str = "", level: int = 3) -> str:
    """One line of a list `.rows`: a title that may lead to a page, a line below, an action at its end."""
    return _drawn("row", content, title=title, line=line, to=to, level=level)


@register.simple_block_tag
def empty_state(content: SafeString, title: str, line: str = "") -> str:
    """What stands where nothing is yet: an empty ring, a sentence, and one button between the tags."""
    return _drawn("empty_state", content, title=title, line=line)


@register.simple_block_tag(takes_context=True)
def press(context: template.Context, content: SafeString, to: str, say: str, look: str = "", drawing: str = "") -> str:
    """A form with one button that says `say`; hidden fields stand between the tags.

    `look` is `main`, `quiet`, `danger`, `small` or several of them with spaces between; `drawing` the name of an icon.
    """
    classes = " ".join(["btn", *(f"btn--{one}" for one in look.split())])
    return _drawn(
        "press", content, to=to, say=say, classes=classes, drawing=drawing, csrf_token=context.get("csrf_token", "")
    )


def _drawn(name: str, content: SafeString, **values: Any) -> str:
    inside = mark_safe(content.strip())  # noqa: S308 (what the template between the tags drew, escaped there)
    return render_to_string(f"components/_{name}.html", {"content": inside, **values})
