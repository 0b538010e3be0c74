"""Two pages, compared as a browser draws them: elements, attributes and text, with the whitespace that is drawn."""

import re
from html.parser import HTMLParser

from tools.layout_rules import EXACT, VOID, holds_boxes, is_box, is_island, kept_exactly, minded

Event = tuple[str, str]
# Made anew for each page.
SECRETS = re.compile(
    r'(name="?csrfmiddlewaretoken"? value="?)[\w-]+'
    r'|(name="?(?:form_key|key|form-key)"? value="?)[\w.:-]+|(nonce-)[\w-]+'
)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[tuple[str, str, set[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if "class" in given:
            given["class"] = " ".join(classes)
        if "style" in given:
            given["style"] = re.sub(r";\s+", ";", given["style"] or "")
        said = " ".join(f"{name}={value!r}" for name, value in sorted(given.items()))
        self.events.append(("open", f"{tag} {said}".strip(), set(classes)))
        if tag in VOID or self.get_starttag_text().endswith("/>"):  # type: ignore[union-attr]
            self.events.append(("close", tag, set(classes)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.events.append(("close", tag, set()))

    def handle_data(self, data: str) -> None:
        self.events.append(("text", data, set()))

    def handle_decl(self, decl: str) -> None:
        self.events.append(("open", "!" + decl, set()))
        self.events.append(("close", "!", set()))


def drawn(source: str) -> list[str]:
    """The page as a list of its tags and texts; whitespace that is not drawn is left out."""
    source = SECRETS.sub(lambda found: "".join(part or "" for part in found.groups()) + "*", source)
    reader = _Reader()
    reader.feed(source)
    reader.close()
    out: list[str] = []
    # What is open: tag, classes, whether children are boxes, whether its text stands exactly.
    stack: list[tuple[str, set[str], bool, bool]] = [("", set(), False, False)]
    # Each step: text, or the kind of edge that a tag makes before and after itself.
    steps: list[tuple[str, str, bool, bool]] = []  # kind, words, drops before, drops after
    for kind, words, classes in reader.events:
        if kind == "text":
            exact = stack[-1][3]
            if steps and steps[-1][0] == "text" and not exact:
                steps[-1] = ("text", steps[-1][1] + words, False, False)
            else:
                steps.append(("exact" if exact else "text", words, False, False))
        elif kind == "open":
            tag = words.split(" ")[0]
            parent = stack[-1]
            silent = tag == "input" and "type='hidden'" in words
            box = parent[2] or is_box(tag, classes) or tag.startswith("!") or silent
            strict = bool(classes & minded())
            inner = is_island(tag, classes) or (parent[2] and "vh" not in classes)
            steps.append((kind, f"<{words}>", box, (box and tag in VOID) or (inner and not strict)))
            stack.append((tag, classes | ({"+box"} if box else set()) | ({"+in"} if inner and not strict else set()),
                          holds_boxes(tag, classes) and not strict,
                          parent[3] or tag in EXACT or bool(classes & kept_exactly())))  # fmt: skip
        else:
            while len(stack) > 1 and stack[-1][0] != words and any(one[0] == words for one in stack):
                stack.pop()
            if stack[-1][0] not in (words, "!doctype") and words != "!":
                out.append(f"stray </{words}>")
                continue
            tag, known, _, _ = stack.pop()
            steps.append((kind, f"</{tag}>", "+in" in known, "+box" in known))
    for at, (kind, words, _, _) in enumerate(steps):
        if kind == "exact" and out[-1].startswith(("<style", "<script")):
            # A style sheet, or data for a script: what is between the words of either is nobody's.
            words = re.sub(r"\s*([{}:;,])\s*", r"\1", words).strip().replace(" !", "!").replace(";}", "}")
        if kind != "text":
            out.append(words)
            continue
        text = re.sub(r"[ \t\n\r\f]+", " ", words)
        if (at and steps[at - 1][3]) or (at == 0):
            text = text.lstrip(" ") if at else text
        if at + 1 < len(steps) and steps[at + 1][2]:
            text = text.rstrip(" ")
        if text:
            out.append(text)
    return out


def difference(before: str, after: str) -> str:
    """The first difference with what stands around it, or nothing."""
    one, other = drawn(before), drawn(after)
    # Whatever ends a file ends it with a line.
    for page in (one, other):
        if page and not page[-1].startswith("<"):
            page[-1] = page[-1].rstrip(" ")
            if not page[-1]:
                page.pop()
    if one == other:
        return ""
    at = next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
    return f"before {one[max(0, at - 3) : at + 4]}\nafter  {other[max(0, at - 3) : at + 4]}"
