"""A template as a tree of elements, template blocks, text and leaves. What is not understood is a leaf, and kept."""

import re
from dataclasses import dataclass, field

from tools.layout_rules import EXACT, VOID, kept_exactly

PAIRS: dict[str, tuple[str, ...]] = {
    "if": ("elif", "else"), "for": ("empty",), "ifchanged": ("else",), "with": (), "block": (), "slot": (),
    "element": (), "language": (), "autoescape": (), "spaceless": (), "filter": (),
    "head": (), "panel": (), "row": (), "empty_state": (), "press": (), "words": (), "audience": (),
}  # fmt: skip
WHOLE = ("blocktranslate", "blocktrans", "comment", "verbatim")
TOKEN = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")


ATTRIBUTE_TAGS = r"(\{%\s*(?:if|elif|else|endif|for|empty|endfor|with|endwith)\b.*?%\})"


@dataclass
class Text:
    words: str


@dataclass
class Leaf:
    """Printed as it stands. `kind` is variable, tag, whole or odd (a piece of HTML that does not nest)."""

    source: str
    kind: str
    name: str = ""


@dataclass
class Attribute:
    """One attribute, or a template block around some: in a line with others, and in a line of its own.

    `glued` ones belong to what stands before them and never begin a line.
    """

    flat: str
    loose: str
    glued: bool


@dataclass
class Element:
    tag: str
    attributes: list[Attribute]
    children: list["Node"] = field(default_factory=list)
    shut: bool = False
    end: str = ">"
    exact: str | None = None

    @property
    def classes(self) -> set[str]:
        """The classes it has whatever the data."""
        for one in self.attributes:
            if one.loose.startswith("class="):
                fixed = re.sub(r"\S*\{%\s*(if|for)\b.*?\{%\s*end\1\s*%\}\S*", " ", one.loose[7:-1])
                return {word for word in re.split(r"\s+", fixed) if "{" not in word and word}
        return set()


@dataclass
class Block:
    """`{% name … %}` with its branches, each with the tag that opens it."""

    name: str
    branches: list[tuple[str, list["Node"]]]
    end: str = ""


Node = Text | Leaf | Element | Block
Lexeme = tuple[str, str]


def name_of(token: str) -> str:
    found = re.match(r"\{%-?\s*(\w+)", token)
    return found[1] if found else ""


def _end_of_tag(source: str, at: int) -> int:
    """Where the HTML tag that begins at `at` ends; quotes and template tokens inside it are stepped over."""
    quote, here = "", at + 1
    while here < len(source):
        token = TOKEN.match(source, here)
        if token:
            here = token.end()
            continue
        letter = source[here]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == ">":
            return here + 1
        here += 1
    raise ValueError(f"no end of tag: {source[at : at + 60]}")


def lexemes(source: str) -> list[Lexeme]:
    """(kind, source) for each piece: open, close, exact, tag, whole, variable, comment, text."""
    found: list[Lexeme] = []
    here = text = 0

    def flush(until: int) -> None:
        if until > text:
            found.append(("text", source[text:until]))

    while here < len(source):
        token = TOKEN.match(source, here)
        if token:
            flush(here)
            words, end = token[0], token.end()
            name = name_of(words)
            if name in WHOLE:
                close = re.compile(r"\{%\s*end" + name + r"\s*%\}").search(source, end)
                if close is None:
                    raise ValueError(f"not closed: {words}")
                words, end = source[here : close.end()], close.end()
                found.append(("whole", words))
            else:
                found.append(({"%": "tag", "{": "variable", "#": "comment"}[words[1]], words))
            here = text = end
        elif re.match(r"</?[a-zA-Z]|<!|</?\{%", source[here:]):
            flush(here)
            end = source.index("-->", here) + 3 if source.startswith("<!--", here) else _end_of_tag(source, here)
            words = source[here:end]
            opened = re.match(r"<([a-zA-Z][\w-]*)", words)
            kind = "odd" if not re.match(r"</?[a-zA-Z]", words) else "open" if opened else "close"
            if opened and (opened[1].lower() in EXACT or _is_exact(words)):
                end = source.index(f"</{opened[1]}>", end) + len(opened[1]) + 3
                kind, words = "exact", source[here:end]
            found.append((kind, words))
            here = text = end
        else:
            here += 1
    flush(here)
    return found


def _is_exact(tag: str) -> bool:
    return bool({*re.split(r"[\s\"']+", tag)} & kept_exactly())


def attributes_of(source: str) -> list[Attribute]:
    """The attributes between the name of a tag and its end."""
    found: list[Attribute] = []
    here, parted = 0, False
    while here < len(source):
        gap = re.compile(r"\s*").match(source, here)
        assert gap
        glued, start = not gap[0] and not parted, gap.end()
        parted = False
        here = start
        if here >= len(source):
            break
        if name_of(source[here:]) in ("if", "for", "with"):
            here = _end_of_block(source, here)
            words = source[start:here]
            loose, tight = _loosened(words, glued=glued)
            if tight == loose:
                tight = words if glued else " " + words
            else:  # the space that a branch ended with was what parted it from the next attribute
                parted = ends_in_space(words)
            found.append(Attribute(tight, loose, glued and tight == words == loose))
            continue
        quote = ""
        while here < len(source):
            token = TOKEN.match(source, here)
            if token and not quote and name_of(token[0]) in ("if", "for", "with") and here > start:
                end = _end_of_block(source, here)
                loose, tight = _loosened(source[here:end], glued=True)
                if loose != tight:
                    break
                here = end
                continue
            if token:
                here = token.end()
                continue
            letter = source[here]
            if quote:
                quote = "" if letter == quote else quote
            elif letter in "\"'":
                quote = letter
            elif letter.isspace():
                break
            here += 1
        words = source[start:here]
        if words.startswith("class="):
            words = re.sub(r"\s+", " ", words)
        if words.startswith("style="):
            words = re.sub(r";\s+", ";", words)
        found.append(Attribute(words if glued else " " + words, words, glued))
    return found


def _end_of_block(source: str, at: int) -> int:
    depth = 0
    for token in TOKEN.finditer(source, at):
        name = name_of(token[0])
        depth += name in ("if", "for", "with")
        depth -= name in ("endif", "endfor", "endwith")
        if depth == 0:
            return token.end()
    raise ValueError(f"not closed in a tag: {source[at : at + 60]}")


def ends_in_space(block: str) -> bool:
    """Whether a branch of a block in a tag has its space at its end, as in `{% if … %}class="a" {% endif %}id="b"`."""
    return any(part[-1:].isspace() for part in re.split(ATTRIBUTE_TAGS, block)[2:-2:2])


def _loosened(words: str, *, glued: bool) -> tuple[str, str]:
    """A block in a tag as it stands on a line of its own, and as it stands against what is before it."""
    parts = re.split(ATTRIBUTE_TAGS, words)
    names = [name_of(part) for part in parts[1::2]]
    inner = parts[2:-2:2]
    if glued and not all(part == "" or part[0].isspace() for part in inner):
        return words, words
    if parts[0] or parts[-1] or {"for", "with"} & set(names):
        return words, words
    # A block inside a block is alone in its branch.
    for part, before, after in zip(inner, names, names[1:], strict=False):
        if part.strip() and (before == "endif" or after == "if"):
            return words, words
    loose = "".join(part.strip() if at % 2 == 0 else part for at, part in enumerate(parts))
    tight = "".join(
        (" " + part.strip() if part.strip() else "") if at % 2 == 0 else part for at, part in enumerate(parts)
    )
    return loose, tight


# What is open, outermost first, with the list that its children go to.
Stack = list[tuple[Element | Block | None, list[Node]]]


def _drop_open(stack: Stack, down_to: int = 0) -> None:
    """Elements that are not closed where they should be become leaves, and their children stand beside them.

    A branch of an `if` may open what another branch closes: neither is an element that could be laid out as one.
    """
    while len(stack) - 1 > down_to and isinstance(stack[-1][0], Element):
        element, children = stack.pop()
        assert isinstance(element, Element)
        place = stack[-1][1]
        place.pop()
        place += [Leaf(_opening(element), "odd"), *children]


def _close(stack: Stack, words: str) -> None:
    """`</tag>`: ends the nearest element of that name within the template block it stands in, or is a leaf."""
    tag = words[2:-1].strip()
    depth = len(stack) - 1
    while isinstance(one := stack[depth][0], Element) and one.tag != tag:
        depth -= 1
    if not isinstance(stack[depth][0], Element):
        stack[-1][1].append(Leaf(words, "odd"))
        return
    _drop_open(stack, depth)
    closed = stack.pop()[0]
    assert isinstance(closed, Element)
    closed.shut = True


def parse(source: str) -> list[Node]:
    """The tree of a template."""
    root: list[Node] = []
    stack: Stack = [(None, root)]
    for kind, words in lexemes(source):
        here = stack[-1][1]
        if kind == "text":
            here.append(Text(words))
        elif kind in ("variable", "comment", "whole", "odd"):
            here.append(Leaf(words, kind, name_of(words)))
        elif kind == "exact":
            here.append(Leaf(words, "exact", words[1:].split(">")[0].split()[0]))
        elif kind == "open":
            head = re.match(r"<([a-zA-Z][\w-]*)", words)
            assert head
            end = "/>" if words.endswith("/>") else ">"
            element = Element(head[1], attributes_of(words[head.end() : -len(end)]), end=end)
            here.append(element)
            if head[1].lower() not in VOID and end == ">":
                stack.append((element, element.children))
        elif kind == "close":
            _close(stack, words)
        else:
            name = name_of(words)
            if name in PAIRS:
                block = Block(name, [(words, [])])
                here.append(block)
                stack.append((block, block.branches[0][1]))
            elif name.startswith("end"):
                _drop_open(stack)
                block_ = stack.pop()[0]
                assert isinstance(block_, Block), words
                assert name == "end" + block_.name, words
                block_.end = words
            elif any(name in also for also in PAIRS.values()):
                _drop_open(stack)
                block_ = stack.pop()[0]
                assert isinstance(block_, Block), words
                block_.branches.append((words, []))
                stack.append((block_, block_.branches[-1][1]))
            else:
                here.append(Leaf(words, "tag", name))
    _drop_open(stack)
    assert len(stack) == 1
    return root


def _opening(element: Element) -> str:
    return f"<{element.tag}{''.join(one.flat for one in element.attributes)}{element.end}"
