"""The table of settings in `docs/settings.md`, made from what `settings.py` reads and what `.env.example` says of it.

Both are read as text, so that the table can be made without a single setting being right. `manage.py settings_page`
writes it; a test holds that it was written after the last change.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """# Settings

Everything that differs from one installation to the next comes from the environment; nothing else is to be changed.
Each variable may also be given as a file: `SECRET_KEY_FILE=/run/secrets/key` in place of `SECRET_KEY=…`. A value that
makes no sense stops the start with a sentence that names it. What stands here is made by `manage.py settings_page` from
`config/settings.py` and `.env.example`.

| setting | may be | default | what it does |
|---|---|---|---|
"""
# How the conditions of `settings.py` are said.
WHERE = {"EMBEDDED": "embedded", "EMAIL_HOST": "with `EMAIL_HOST`", "HTTPS": "with https"}
# A line to paste into a shell has no place in a table.
COMMAND = re.compile(r"[:.]?,?( for instance from)? python -c .*")
READ_BY = {
    "text", "words", "choice", "number", "boolean", "folder", "existing_file", "site_address", "answer_address",
    "networks", "sender",
}  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """One variable: what may stand there and what it is without, in words."""

    name: str
    may_be: str
    default: str


def settings_read(source: str) -> dict[str, Setting]:
    """The variables that a settings module reads, in its order. One that is read twice counts as it is first."""
    found: dict[str, Setting] = {}
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env"), attr=kind), args=[ast.Constant(value=str(name)), *_]
            ):
                if kind in READ_BY:
                    found.setdefault(name, Setting(name, _may_be(kind, node), _default(node)))
    return found


def _may_be(kind: str, call: ast.Call) -> str:
    named = {one.arg: ast.unparse(one.value) for one in call.keywords}
    if kind == "choice":
        return ", ".join(f"`{one}`" for one in ast.literal_eval(call.args[1]))
    if kind == "number":
        return f"{named['low']} to {named['high']}"
    words = {"boolean": "`1`, `0`", "folder": "a folder", "existing_file": "a file", "site_address": "an address"}
    words |= {"answer_address": "a mail address", "networks": "networks", "sender": "a mail address"}
    return words.get(kind, "words" if kind == "words" else "text")


def _default(call: ast.Call) -> str:
    given = [*(one.value for one in call.keywords if one.arg == "default"), *call.args[-1:]]
    is_alone = len(call.args) == 1 and not any(one.arg == "default" for one in call.keywords)
    said = "" if is_alone else _said(given[0])
    return said or "none"


def _said(node: ast.expr) -> str:
    """A default as people write it. What no case knows stands there as it is written in the code."""
    match node:
        case ast.Constant(value=bool(value)):
            return f"`{int(value)}`"
        case ast.Constant(value=value):
            return f"`{value!s}`" if value != "" else ""
        case ast.IfExp(test=ast.Name(id=name), body=one, orelse=other):
            rest = _said(other)
            return f"{_said(one)} {WHERE[name]}" + (f", else {rest}" if rest else "; must be given otherwise")
        case ast.Compare(left=ast.Name(id=name), comparators=[ast.Constant(value=value)]):
            return f"`1` where `{name}` is {value!s}"
        case ast.BinOp(left=ast.Name(id="DATA_DIR"), op=ast.Div(), right=ast.Constant(value=value)):
            return f"`{value!s}` in `DATA_DIR`"
        case ast.BinOp(op=ast.Div(), right=ast.Constant(value=value)):
            return f"`{value!s}` beside `manage.py`"
        case ast.Call(args=[inner]):
            return _said(inner)
        case ast.JoinedStr(values=parts):
            filled = {"_site.hostname": "the host", "PORT": "PORT"}
            texts = [
                part.value if isinstance(part, ast.Constant) else filled[ast.unparse(part).strip("{}f'")]
                for part in parts
                if isinstance(part, ast.Constant | ast.FormattedValue)
            ]
            return f"`{''.join(str(one) for one in texts)}`"
    return f"`{ast.unparse(node)}`"


def described(example: str) -> Iterator[tuple[str, str]]:
    """Each variable of `.env.example` with the comment above it; of several in a row the first has it."""
    comment: list[str] = []
    for line in example.splitlines():
        text = line.lstrip("#")
        name, is_one, _value = text.partition("=")
        if is_one and name.isupper() and " " not in name:
            yield name, " ".join(comment)
            comment = []
        elif line.startswith("# "):
            comment.append(text.strip())
        else:
            comment = []


def settings_page() -> str:
    """The whole file. KeyError for a variable that only one of the two files knows."""
    read = settings_read((ROOT / "config" / "settings.py").read_text())
    # Read by docker-compose.yml alone, which makes DATABASE_URL of it.
    read["POSTGRES_PASSWORD"] = Setting("POSTGRES_PASSWORD", "letters and digits", "none")
    rows = []
    for name, words in described((ROOT / ".env.example").read_text()):
        one = read.pop(name)
        told = COMMAND.sub(" (`.env.example` says how to make one).", " ".join(words.split())) or "as the one before it"
        rows.append(f"| `{name}` | {one.may_be} | {one.default} | {told.replace('|', '/')} |")
    if read:
        raise KeyError(f"not in .env.example: {', '.join(read)}")
    return HEAD + "\n".join(rows) + "\n"
