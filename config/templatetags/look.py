"""Icons, and what every template looks up. Loaded for every template."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django import template
from django.contrib.messages.storage.base import Message
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from config.icons import ICONS

register = template.Library()


@register.simple_tag
def icon(name: str, also: str = "") -> SafeString:
    """A line icon, hidden from screen readers: a word stands beside it. `also` is a further class, such as `chev`."""
    drawing, classes = ICONS[name], f"i {also}".strip()
    return mark_safe(f'<svg class="{classes}" viewBox="0 0 24 24" aria-hidden="true">{drawing}</svg>')  # noqa: S308


@register.filter
def said(messages: Iterable[Message], where: str) -> list[Message]:
    """Messages that are said at the `head` of a page, or in the parts of it that their tags name, such as `there`."""
    return [one for one in messages if (one.extra_tags or "head") in where.split()]


@register.filter
def known_icon(name: str) -> str:
    """The name of a drawing there is: a format that was brought as a file may name any."""
    return name if name in ICONS else "circle"


@register.filter
def lookup(known: dict[Any, Any], key: Any) -> Any:
    """One entry of a mapping, or empty."""
    return known.get(key, "") if known else ""


@register.filter
def marked(words: Any) -> SafeString:
    """The words of a difference (`kind` ins, del or same, and `text`), put in or struck out; nothing stands between."""
    tags = {"ins": "<ins>{}</ins>", "del": "<del>{}</del>"}
    return format_html_join("", "{}", ((format_html(tags.get(one.kind, "{}"), one.text),) for one in words))


@register.simple_tag
def query(**values: Any) -> str:
    """`?name=value&…` of those that say something."""
    said = [f"{name}={quote(str(value), safe=':,')}" for name, value in values.items() if value not in (None, "")]
    return "?" + "&".join(said) if said else ""
