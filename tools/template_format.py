"""Templates with one element a line, indented, at most 120 columns; what a browser draws stays as it is.

    python -m tools.template_format           rewrites what is not in this form
    python -m tools.template_format --check   names what is not, and fails

A line is broken only where whitespace stands already or is never drawn (tools/layout_rules.py), and between attributes.
Long `{% translate %}` becomes `{% blocktranslate trimmed %}`, which has the same message id.
"""

import re
import sys
from functools import cache
from pathlib import Path

from tools.layout_rules import holds_boxes, is_box, is_island, minded
from tools.printing import HARD, SOFT, SPACE, WIDTH, Doc, Either, Fill, Group, Indent, Pick, has_hard, pretty
from tools.rooms import ROOT
from tools.template_tree import ATTRIBUTE_TAGS, Attribute, Block, Element, Leaf, Node, Text, name_of, parse
from tools.template_words import leaf_doc

TEMPLATES = ROOT / "templates"
# What may stand at the two sides of a gap: a box, a gap that is drawn already, or text.
BOX, GAP, WORDS = "box", "gap", "words"
Side = frozenset[str]
GAPPED: Side = frozenset({GAP})
# Say nothing themselves.
SILENT = {"load", "extends", "csrf_token", "form_key"}
HIDDEN = "{{ redirect_field }}"
# Blocks that a page gives to its base, where boxes stand.
OUTSIDE = {"body", "content", "extra_body", "extra_head", "head", "main", "scripts", "title", "head_title", "words",
           "button", "width", "foot", "line", "ring", "reauthenticate_content"}  # fmt: skip
BOXY = re.compile(r"\{\{[^}]*\|(crispy|as_crispy_field)\s*\}\}")


def is_silent(node: Node) -> bool:
    """Whether nothing is drawn for it."""
    if isinstance(node, Leaf):
        names = re.search(r" as(?:var)? \w+", node.source.split("%}")[0]) and node.kind in ("tag", "whole")
        return (
            node.kind == "comment"
            or node.source == HIDDEN
            or node.name in (*SILENT, "comment")
            or (bool(names) and node.name != "include")
        )
    if isinstance(node, Element):
        return node.tag == "input" and any(one.loose == 'type="hidden"' for one in node.attributes)
    return False


@cache
def _file(name: str) -> tuple[Side, Side, bool]:
    path = TEMPLATES / name
    if not path.is_file():
        return frozenset({WORDS}), frozenset({WORDS}), False
    nodes = parse(path.read_text())
    first, nullable = edge(nodes, frozenset(), boxes=False)
    return first, frozenset({GAP}), nullable


def edge(nodes: list[Node], beyond: Side, *, boxes: bool, back: bool = False) -> tuple[Side, bool]:
    """What may be drawn first of these (last, if they come reversed and `back`), and whether they may draw nothing."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, Text) and not node.words.strip():
            continue
        side, nullable = side_of(node, boxes=boxes, back=back)
        found |= side
        if not nullable:
            return frozenset(found), False
    return frozenset(found | beyond), True


def side_of(node: Node, *, boxes: bool, back: bool) -> tuple[Side, bool]:
    if isinstance(node, Text):
        return frozenset({WORDS}), False
    if is_silent(node):
        return frozenset(), True
    if isinstance(node, Element):
        return frozenset({BOX if boxes or is_box(node.tag, node.classes) else WORDS}), False
    if isinstance(node, Block):
        found: set[str] = set()
        empty = node.name == "block" or node.name == "slot"
        for _, children in node.branches:
            side, nullable = edge(children[::-1] if back else children, frozenset(), boxes=boxes, back=back)
            found |= side
            empty = empty or nullable
        if node.name == "if":
            empty = empty or not any(re.match(r"\{%\s*else\s*%", tag) for tag, _ in node.branches)
        if node.name == "for":
            empty = empty or len(node.branches) == 1
        if node.name in ("block", "slot", "element", "filter"):
            found.add(WORDS)
        return frozenset(found), empty
    if node.kind == "tag" and node.name == "include":
        literal = re.match(r'\{%\s*include "([^"]+)"', node.source)
        if literal:
            first, last, nullable = _file(literal[1])
            return (last if back else first), nullable
    if node.kind == "tag" and node.name == "icon":
        return frozenset({BOX if is_box("svg", set()) else WORDS}), False
    if node.kind == "variable" and BOXY.fullmatch(node.source):
        return frozenset({BOX}), False
    if node.kind == "exact":
        return frozenset({BOX if is_box(node.name, set()) else WORDS}), False
    return frozenset({WORDS}), False


def free(left: Side, right: Side) -> bool:
    """Whether whitespace between these two is never drawn, or is there already."""
    return (bool(left) and left <= {BOX, GAP}) or (bool(right) and right <= {BOX, GAP})


def plain(node: Node) -> bool:
    """Whether it is a piece of a line, rather than a line or several of its own."""
    if isinstance(node, Element):
        return not is_box(node.tag, node.classes) and all(plain(child) for child in node.children)
    if isinstance(node, Block):
        return node.name not in ("for",) and all(plain(child) for _, children in node.branches for child in children)
    return not (isinstance(node, Leaf) and node.name in ("include", "extends", "load"))


def children_doc(nodes: list[Node], left: Side, right: Side, *, boxes: bool) -> tuple[Doc, Doc, Doc]:
    """The gap before these, these, and the gap after them. `left` and `right` are what stands outside."""
    items: list[Node] = []
    spaces: list[bool] = [False]
    for node in nodes:
        if isinstance(node, Text):
            words = node.words.split()
            spaces[-1] = spaces[-1] or node.words[:1].isspace()
            for at, word in enumerate(words):
                items.append(Text(word))
                spaces.append(at < len(words) - 1 or node.words[-1:].isspace())
        else:
            items.append(node)
            spaces.append(False)
    if not items:
        return "", "", ("" if not spaces[0] or free(left, right) else SPACE)
    gaps: list[Doc] = []
    forwards: list[Side] = [right]
    for node in reversed(items):
        side, nullable = side_of(node, boxes=boxes, back=False)
        forwards.append(frozenset(side | forwards[-1]) if nullable else side)
    forwards.reverse()
    _hoist(items, spaces, left, forwards, boxes=boxes)
    behind = left
    for at, space in enumerate(spaces):
        if at:
            side, nullable = side_of(items[at - 1], boxes=boxes, back=True)
            behind = frozenset(side | behind) if nullable else side
        is_free = free(behind, forwards[at])
        inner = 0 < at < len(items)
        lined = inner and _parted(items[at - 1], items[at])
        if is_free:
            gaps.append(HARD if lined else SOFT)
        elif space:
            gaps.append(HARD if lined and _tall(items[at - 1]) and _tall(items[at]) else SPACE)
        else:
            gaps.append("")
    # Where the list is outside of what it is in, each item sees what stands beside it.
    docs: list[Doc] = []
    behind = left
    for at, node in enumerate(items):
        # Beside whitespace that is drawn, more of it is not.
        before = GAPPED if spaces[at] else behind
        after = GAPPED if spaces[at + 1] else forwards[at + 1]
        docs.append(node_doc(node, before, after, boxes=boxes))
        side, nullable = side_of(node, boxes=boxes, back=True)
        behind = frozenset(side | behind) if nullable else side
    first, last = gaps[0], gaps[-1]
    if any(gap is HARD for gap in gaps) or any(
        not _in_line(item) and has_hard(doc) for item, doc in zip(items, docs, strict=True)
    ):
        first, last = (HARD if gap is SOFT else gap for gap in (first, last))
    parts: list[Doc] = []
    glued: list[Doc] = []
    for at, doc in enumerate(docs):
        glued.append(doc)
        gap = gaps[at + 1] if at < len(docs) - 1 else None
        if gap != "" or gap is None:
            parts.append(glued[0] if len(glued) == 1 else tuple(glued))
            glued = []
            if gap is not None:
                parts.append(gap)
    return first, _filled(parts), last


def _hoist(items: list[Node], spaces: list[bool], left: Side, forwards: list[Side], *, boxes: bool) -> None:
    """Whitespace at the edge of an `if` stands outside of it where that makes no difference.

    ` {% if x %} a{% endif %}` before a box or other whitespace: if nothing is drawn for it, neither is the whitespace.
    """
    for at in reversed(range(1, len(items))):
        if not spaces[at] and _spaced(items[at], 0) and (spaces[at + 1] or forwards[at + 1] <= {BOX, GAP}):
            spaces[at] = True
    behind = left
    for at, node in enumerate(items[:-1]):
        if not spaces[at + 1] and _spaced(node, -1) and (spaces[at] or (behind and behind <= {BOX, GAP})):
            spaces[at + 1] = True
        side, nullable = side_of(node, boxes=boxes, back=True)
        behind = frozenset(side | behind) if nullable else side


def _spaced(node: Node, edge_: int) -> bool:
    """Whether whatever it draws begins (0) or ends (-1) with whitespace."""
    if not isinstance(node, Block) or node.name != "if":
        return False
    edges = [children[edge_] for _, children in node.branches if children]
    return bool(edges) and all(isinstance(one, Text) and one.words[edge_].isspace() for one in edges)


def _filled(parts: list[Doc]) -> Doc:
    """Fills of what stands in a line, between hard breaks."""
    out: list[Doc] = []
    run: list[Doc] = []
    for part in parts:
        if part is HARD:
            out += [Fill(tuple(run)), HARD]
            run = []
        else:
            run.append(part)
    out.append(Fill(tuple(run)))
    return tuple(out)


def _in_line(node: Node) -> bool:
    """Whether it may share a line with others."""
    if isinstance(node, Leaf) and node.name in ("extends", "load", "comment"):
        return node.name == "load"
    if isinstance(node, Leaf) and node.name == "include":
        return False
    if isinstance(node, Block) and node.name == "block":
        return False
    return plain(node) or is_silent(node)


def _parted(one: Node, other: Node) -> bool:
    """Whether two neighbours stand in lines of their own where they may."""
    both_elements = isinstance(one, Element) and isinstance(other, Element)
    fields = isinstance(one, Leaf) and isinstance(other, Leaf) and bool(BOXY.fullmatch(one.source))
    return _tall(one) or _tall(other) or both_elements or fields or is_silent(one) != is_silent(other)


def _tall(node: Node) -> bool:
    return not _in_line(node)


def node_doc(node: Node, left: Side, right: Side, *, boxes: bool) -> Doc:
    if isinstance(node, Text):
        return node.words
    if isinstance(node, Leaf):
        return leaf_doc(node)
    if isinstance(node, Block):
        return block_doc(node, left, right, boxes=boxes)
    if not node.shut:
        return opening(node)
    if not node.children:
        return (opening(node, parted=False), f"</{node.tag}>")
    classes = node.classes
    strict = bool(classes & minded()) and not any(isinstance(child, Element) for child in node.children)
    island = is_island(node.tag, classes) or (boxes and "vh" not in classes)
    rim = frozenset({BOX if island and not strict else WORDS})
    before, inner, after = children_doc(node.children, rim, rim, boxes=holds_boxes(node.tag, classes) and not strict)
    return Group((opening(node, parted=before != ""), Indent((before, inner)), after, f"</{node.tag}>"))


def opening(node: Element, *, parted: bool = True) -> Doc:
    """The opening tag. Where nothing may be put after it, its `>` takes the break."""
    if not node.attributes:
        return f"<{node.tag}{node.end}"
    broken: list[Doc] = []
    run: list[Attribute] = []
    for one in node.attributes:
        if run and not one.glued:
            broken.append(_attribute(run))
            run = []
        run.append(one)
    broken.append(_attribute(run))
    return Group((f"<{node.tag}", Indent(tuple(broken)), "" if parted else SOFT, node.end))


def _attribute(run: list[Attribute]) -> Doc:
    first, rest = run[0], "".join(one.flat for one in run[1:])
    if first.glued:  # against the name of the tag
        return first.flat + rest
    flat, broken = first.flat + rest, _value(first.loose + rest)
    return (SOFT, Pick(flat, broken))


def _value(words: str) -> Doc:
    """An attribute in a line of its own; classes, styles and template blocks that are too long take several."""
    if name_of(words):
        return Either(words, _in_lines(re.split(ATTRIBUTE_TAGS, words)))
    if words.startswith("class=") and len(words) > WIDTH // 2:
        return Fill(_between(re.findall(r"(?:\{%.*?%\}|\{\{.*?\}\}|[^\s])+", words), SPACE))
    if words.startswith("style=") and len(words) > WIDTH // 2:
        return Fill(_between(re.findall(r"[^;]+;?", words), SOFT))
    return words


def _in_lines(parts: list[str]) -> Doc:
    """A template block among attributes: its tags and attributes each on a line."""
    docs: list[Doc] = []
    depth = 0
    for part in parts:
        name = name_of(part)
        if not part:
            continue
        depth -= name in ("elif", "else", "endif")
        line: Doc = part if name else _value(part)
        for _ in range(depth):
            line = Indent(line)
        gap: Doc = HARD
        for _ in range(depth):
            gap = Indent(gap)
        docs += ([gap] if docs else []) + [line]
        depth += name in ("if", "elif", "else")
    return tuple(docs)


def _between(parts: list[str], line: Doc) -> tuple[Doc, ...]:
    out: list[Doc] = []
    for at, part in enumerate(parts):
        out += ([line] if at else []) + [part]
    return tuple(out)


def block_doc(node: Block, left: Side, right: Side, *, boxes: bool) -> Doc:
    """A template block: what stands outside of it stands beside what is in it."""
    if node.name in ("block", "slot", "element"):
        rim = frozenset({BOX}) if node.name == "block" and _named(node) in OUTSIDE else frozenset({WORDS})
        left = right = rim
        boxes = False
    else:
        if node.name == "for":
            both, _ = edge(node.branches[0][1][::-1], left, boxes=boxes, back=True)
            ahead, _ = edge(node.branches[0][1], right, boxes=boxes)
            left, right = left | both, right | ahead
    docs: list[Doc] = []
    for tag, children in node.branches:
        before, inner, after = children_doc(children, left, right, boxes=boxes)
        docs += [tag, Indent((before, inner)), after]
    docs.append(node.end)
    lined = not all(plain(child) for _, children in node.branches for child in children)
    if lined:
        docs = [_hardened(doc) for doc in docs]
    return Group(tuple(docs))


def _hardened(doc: Doc) -> Doc:
    if doc is SOFT:
        return HARD
    if isinstance(doc, Indent) and isinstance(doc.inner, tuple) and doc.inner[0] is SOFT:
        return Indent((HARD, *doc.inner[1:]))
    return doc


def _named(node: Block) -> str:
    found = re.match(r"\{%\s*block (\w+)", node.branches[0][0])
    return found[1] if found else ""


def formatted(source: str) -> str:
    """The whole of a template in this form."""
    nodes = parse(source)
    extends = any(isinstance(node, Leaf) and node.name == "extends" for node in nodes)
    rim = frozenset({BOX if extends or "<!doctype" in source.lower() else WORDS})
    before, inner, _ = children_doc(nodes, rim, rim, boxes=False)
    assert before is not SPACE, source[:80]
    return pretty(inner).strip() + "\n"


def long_lines(path: Path, words: str) -> int:
    """How many lines are too long to read beside another file; each is named."""
    long = [at for at, line in enumerate(words.splitlines(), 1) if len(line) > WIDTH]
    for at in long:
        print(f"{path.relative_to(ROOT)}:{at}: longer than {WIDTH} columns")
    return len(long)


def main(check: bool) -> int:
    # A text breaks where its mail does, so no rule sets its form; within `{% one_line %}` breaks say nothing.
    wrong = sum(long_lines(path, path.read_text()) for path in sorted(TEMPLATES.rglob("*.txt")))
    for path in sorted(TEMPLATES.rglob("*.html")):
        source = path.read_text()
        made = formatted(source)
        if formatted(made) != made:
            print(f"not stable: {path.relative_to(ROOT)}")
            wrong += 1
        wrong += long_lines(path, made)
        if made != source:
            if check:
                print(f"not in this form: {path.relative_to(ROOT)}")
                wrong += 1
            else:
                path.write_text(made)
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main("--check" in sys.argv) else 0)
