"""The ring of a circle, drawn. Loaded for every template."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString, mark_safe

from circles.rules.ring import RingSeat, ring_svg

register = template.Library()


@register.simple_tag
def ring(
    seats: Sequence[RingSeat] = (),
    label: str = "",
    share: float | None = None,
    small: bool = False,
    nameless: int = 0,
    steady: bool = False,
) -> SafeString:
    """The ring of seats; `nameless` draws that many empty ones for pages without people.

    `steady`: its box depends on the number of seats alone, as the live room needs it.
    """
    drawn = list(seats) or [RingSeat(speaking=at == 0 and not small) for at in range(nameless)]
    return mark_safe(ring_svg(drawn, label=label, share=share, small=small, steady=steady))  # noqa: S308 (ring_svg escapes)
