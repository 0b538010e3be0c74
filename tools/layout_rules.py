"""What a browser draws of whitespace: which elements stand in lines of text, and which beside nothing.

The formatter asks it where a line may be broken, and the comparer which whitespace is a difference. Whatever is not
known to be a box counts as text, so both err towards leaving whitespace alone.
"""

import re
from functools import cache

from tools.rooms import ROOT

# Boxes of their own by HTML's own style sheet, and what is not drawn at all.
BOXES = frozenset(
    """
    address article aside base blockquote body br caption col colgroup dd details dialog div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li link main meta nav
    noscript ol optgroup option p pre script section style summary table tbody td template tfoot th thead title tr
    ul
    """.split()  # noqa: SIM905
)
# Stand in a line, but what is inside begins and ends with a line of its own.
ISLANDS = frozenset(["button", "select", "textarea"])
# Hold elements only: text in them is never drawn.
HOLDERS = frozenset(
    """
    colgroup dl head html ol optgroup select table tbody tfoot thead tr ul svg g
    """.split()  # noqa: SIM905
)
EXACT = frozenset(["pre", "textarea", "script", "style"])
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
FLEXIBLE = ("flex", "grid", "inline-flex", "inline-grid", "-webkit-box")


@cache
def sheet() -> str:
    """All of our own CSS, without comments."""
    files = [*sorted((ROOT / "static").glob("*.css")), *sorted((ROOT / "static" / "css").glob("*.css"))]
    return re.sub(r"/\*.*?\*/", "", "\n".join(file.read_text() for file in files), flags=re.DOTALL)


@cache
def _declared() -> dict[str, set[str]]:
    """Selector → every `display` it is given."""
    found: dict[str, set[str]] = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet()):
        for display in re.findall(r"(?:^|[;\s])display:\s*([\w-]+)", body):
            for selector in re.split(r",(?![^(]*\))", selectors.rsplit(";", 1)[-1]):
                found.setdefault(selector.strip(), set()).add(display)
    return found


@cache
def flexible() -> frozenset[str]:
    """Classes whose children are boxes, at every width."""
    always = {name: shown for name, shown in _declared().items() if re.fullmatch(r"\.[\w-]+", name)}
    return frozenset(name[1:] for name, shown in always.items() if shown and shown <= set(FLEXIBLE))


@cache
def blocks() -> frozenset[str]:
    """Classes and elements that the sheet makes boxes between lines."""
    outer = {"flex", "grid", "block"}
    return frozenset(
        name.lstrip(".") for name, shown in _declared().items() if re.fullmatch(r"\.?[\w-]+", name) and shown <= outer
    )


@cache
def minded() -> frozenset[str]:
    """Classes of which a rule asks whether they are empty: no whitespace comes into them."""
    return frozenset(re.findall(r"\.([\w-]+):empty", sheet()))


@cache
def kept_exactly() -> frozenset[str]:
    """Classes whose whitespace is drawn as it stands."""
    return frozenset(re.findall(r"\.([\w-]+)\s*\{[^{}]*white-space:\s*pre", sheet()))


def holds_boxes(tag: str, classes: set[str]) -> bool:
    """Whether whitespace between the children is never drawn."""
    return (tag in HOLDERS and tag != "svg") or tag in ("svg", "g") or bool(classes & flexible())


def is_box(tag: str, classes: set[str]) -> bool:
    """Whether whitespace beside the element is never drawn."""
    if "vh" in classes:
        return False
    if tag == "svg":
        return "svg" in blocks() or "img, svg" in sheet()
    return tag in BOXES or bool(classes & blocks()) or tag in ("g", "path", "circle", "rect")


def is_island(tag: str, classes: set[str]) -> bool:
    """Whether whitespace at the edges inside the element is never drawn."""
    if "vh" in classes:
        return False
    return is_box(tag, classes) or tag in ISLANDS or bool(classes & flexible())
