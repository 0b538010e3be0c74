"""The parts of a page that stand on many pages, each drawn in one place. Loaded for every template.

What stands between a part's tags is its own: `{% head _("Sessions") %}<a …>Schedule</a>{% endhead %}`. Each part is
`templates/components/_<part>.html` with its classes in `static/css`; all of them stand once on `/_parts/`.
"""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_block_tag
def words(content: SafeString) -> SafeString:
    """What several sentences make, for a part to take: `{% words as lead %}…{% endwords %}`."""
    return _inside(content)


@register.simple_block_tag
def head(content: SafeString, title: str, **more: str | bool) -> str:
    """The head of a page: its name, one line, and what can be done here.

    `more` is `lead`, the line; `up` and `up_to`, the name and address of the page above, and `at`, which of its pages
    this is; `look`, a further class; `bare`, where what can be done has a group of its own.
    """
    return _drawn("head", content, title=title, **more)


@register.simple_block_tag
def panel(content: SafeString, title: str, id: str = "", level: int = 2, **more: str | bool) -> str:
    """A panel with a heading; `id` is the heading's, which then names the panel.

    `more` is `kind`, which is `sunk` or nothing; `look`, further classes; `at`, the panel's own id for links that lead
    to it; `small`, a heading no larger than what stands below it.
    """
    return _drawn("panel", content, title=title, id=id, level=level, **more)


@register.simple_block_tag
def row(content: SafeString, title: str, line: str = "", to: str = "", level: int = 3) -> str:
    """One line of a list `.rows`: a title that may lead to a page, a line below, an action at its end."""
    return _drawn("row", content, title=title, line=line, to=to, level=level)


@register.simple_block_tag
def audience(content: SafeString, drawing: str = "lock", **more: str | bool) -> str:
    """Who can see what stands there, in words of the page; the usual ones are those of `components/_seen.html`.

    `more` is `bar`, a line across the page; `look`, a further class; `inline`, where it stands in a line of others.
    """
    return _drawn("audience", content, drawing=drawing, **more)


@register.simple_block_tag
def empty_state(content: SafeString, title: str, line: str = "") -> str:
    """What stands where nothing is yet: an empty ring, a sentence, and one button between the tags."""
    return _drawn("empty_state", content, title=title, line=line)


@register.simple_block_tag(takes_context=True)
def press(
    context: template.Context, content: SafeString, to: str, say: str, look: str = "", wide: bool = False, **more: str
) -> str:
    """A form with one button that says `say`; hidden fields stand between the tags. Without `to` the page gets it.

    `look` is `main`, `quiet`, `danger`, `big`, `tap` (no higher than a finger needs), `s` (small, in a line of a list)
    or several of them with spaces between, or `bare`: a line of a menu. `wide` is across the page. `more` is `drawing`,
    the name of an icon; `heard`, what a screen reader says after the label; `name` and `value` of the button; `at`, the
    class that gives the form its place; `key`, by which the room knows the form when it exchanges what stands around.
    """
    classes = [] if look == "bare" else ["btn", *(f"btn--{one}" for one in look.split())]
    classes += ["w-full"] if wide else []
    token = context.get("csrf_token", "")
    return _drawn("press", content, to=to, say=say, classes=" ".join(classes), csrf_token=token, **more)


def _drawn(part: str, content: SafeString, /, **values: Any) -> str:
    return render_to_string(f"components/_{part}.html", {"content": _inside(content), **values})


def _inside(content: SafeString) -> SafeString:
    return mark_safe(content.strip())  # noqa: S308 (what the template between the tags drew, escaped there)
