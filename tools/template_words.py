"""Sentences of a template: in one line where they fit, in several with `trimmed` where they do not; one message id."""

import re

from tools.printing import HARD, SPACE, Doc, Either, Fill, Indent
from tools.template_tree import Leaf


def leaf_doc(node: Leaf) -> Doc:
    words = node.source
    if node.kind == "whole" and node.name.startswith("blocktrans"):
        return translated(words)
    if node.kind == "tag" and node.name in ("translate", "trans"):
        said = re.fullmatch(r"""\{%\s*translate (?P<q>["'])(?P<said>.*?)(?P=q)(?: as (?P<name>\w+))? %\}""", words)
        if said and "{" not in said["said"] and said["said"] == " ".join(said["said"].split(" ")).strip():
            head = "{% blocktranslate trimmed" + (f" asvar {said['name']}" if said["name"] else "") + " %}"
            return long_words(words, head, said["said"], "{% endblocktranslate %}")
    return words


def long_words(flat: str, head: str, body: str, end: str) -> Doc:
    """As it stands where it fits, in lines otherwise."""
    if len(flat) < 60:
        return flat
    parts: list[Doc] = []
    for at, word in enumerate(re.findall(r"(?:\{\{.*?\}\}|\{%.*?%\}|\S)+", body)):
        parts += ([SPACE] if at else []) + [word]
    broken = (head, Indent((HARD, Fill(tuple(parts)))), HARD, end)
    return Either(flat, broken)


def translated(words: str) -> Doc:
    found = re.fullmatch(r"(\{%\s*blocktranslate\b)(.*?)(%\})(.*)(\{%\s*endblocktranslate\s*%\})", words, re.DOTALL)
    assert found, words
    options, body = found[2].split(), found[4]
    trimmed = "trimmed" in options
    if trimmed:
        options = [one for one in options if one != "trimmed"]
        body = " ".join(line.strip() for line in body.strip().split("\n"))
    if "\n" in body or body != body.strip() or "  " in body or re.search(r"\s\{% plural|%\}\s", body):
        plural = re.split(r"\s*(\{%\s*plural\s*%\})\s*", body)
        if not trimmed or len(plural) != 3:
            return words
        body = "".join(plural)
    with_ = (" " + " ".join(_options(found[2]))) if options else ""
    flat = "{% blocktranslate" + with_ + " %}" + body + "{% endblocktranslate %}"
    head = "{% blocktranslate trimmed" + with_ + " %}"
    said = re.split(r"(\{%\s*plural\s*%\})", body)
    docs: list[Doc] = []
    for part in said:
        if part.startswith("{%"):
            docs += [HARD, part]
        else:
            parts: list[Doc] = []
            for at, word in enumerate(re.findall(r"(?:\{\{.*?\}\}|\S)+", part)):
                parts += ([SPACE] if at else []) + [word]
            docs.append(Indent((HARD, Fill(tuple(parts)))))
    return Either(flat, (head, *docs, HARD, "{% endblocktranslate %}"))


def _options(words: str) -> list[str]:
    return [one for one in re.findall(r"""(?:"[^"]*"|'[^']*'|\S)+""", words) if one != "trimmed"]
