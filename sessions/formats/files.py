"""Format files: YAML in and out. Every problem knows the line it stands in.

A file is data only: mappings with names that are text, lists, and plain values; no tags, no anchors, no objects. What a
file may hold is counted before anything is built from it. JSON is YAML too, so both can be imported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from accounts.rules.clean import clean_text, is_clean
from sessions.rules.definitions import FormatError, FormatProblem, Path
from sessions.rules.format import FRAME
from sessions.rules.reading import read_format

LARGEST = 100_000
DEEPEST = 12
NODES = 5_000
# The parser in C, where PyYAML has it: a file of the greatest size then takes a twentieth of a second.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What a plain value can be. Dates and the like are text here.
PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null")}


@dataclass(frozen=True)
class Wrong:
    """One problem of a file: its line (from 1, or 0 when the file as a whole is meant) and what it is."""

    line: int
    problem: FormatProblem


class FileError(ValueError):
    """A file that is not a usable format, with everything that is wrong, in the order of its lines."""

    def __init__(self, wrongs: list[Wrong]) -> None:
        super().__init__(f"{len(wrongs)} problems")
        self.wrongs = sorted(wrongs, key=lambda one: one.line)


def read_file(text: str, frame: Mapping[str, Any]) -> dict[str, Any]:
    """The definition in a file; the opening and the ending it lacks come from `frame`. FileError says why not."""

    def whole(value: dict[str, Any]) -> dict[str, Any]:
        definition = {**value, **{part: value[part] if part in value else frame[part] for part in FRAME}}
        read_format(definition)
        return definition

    return read_definition(text, whole)


def read_definition(text: str, check: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """What `check` makes of the names and values in a file; where it raises FormatError, FileError says the lines."""
    # Before the parser sees it.
    if len(text) > LARGEST:
        raise FileError([Wrong(0, FormatProblem((), "large_file", {"most": LARGEST // 1000}))])
    node = _compose(text)
    lines: dict[Path, int] = {}
    value = _plain(node, (), lines)
    if not isinstance(value, dict):
        raise FileError([Wrong(1, FormatProblem((), "not_a_mapping"))])
    try:
        return check(value)
    except FormatError as error:
        raise FileError([Wrong(_line(one.path, lines), one) for one in error.problems]) from error


def _compose(text: str) -> yaml.Node:
    try:
        _count(text)
        node = yaml.compose(text, Loader=LOADER)
    except FileError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise FileError([Wrong(mark.line + 1 if mark else 0, FormatProblem((), "syntax"))]) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FileError([Wrong(0, FormatProblem((), "syntax"))]) from error
    if node is None:
        raise FileError([Wrong(1, FormatProblem((), "missing"))])
    return node


def _count(text: str) -> None:
    """FileError for what is nested too deeply, too much, or refers to itself; nothing is built meanwhile."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 0
        # Without aliases a short file cannot stand for a long one (“billion laughs”); without tags it names no class.
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise FileError([Wrong(line, FormatProblem((), "not_plain"))])
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or nodes > NODES:
            raise FileError([Wrong(line, FormatProblem((), "deep"))])


def _plain(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:
    """Plain values of a node; notes the line of every place."""
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if isinstance(node, yaml.MappingNode):
        read: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise FileError([Wrong(key.start_mark.line + 1, FormatProblem(path, "not_plain"))])
            name = _text(key.value, key.start_mark.line + 1, path)[:80]
            # YAML takes the second silently; whoever wrote both means one of them.
            if name in read:
                raise FileError(
                    [Wrong(key.start_mark.line + 1, FormatProblem((*path, name), "key_twice", {"key": name}))]
                )
            lines[(*path, name)] = key.start_mark.line + 1
            read[name] = _plain(value, (*path, name), lines)
        return read
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value, (*path, at), lines) for at, value in enumerate(node.value)]
    # A date or a time would be an object of Python: here it is the text that was written.
    if node.tag not in PLAIN:
        return _text(node.value, line, path)
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise FileError([Wrong(line, FormatProblem(path, "syntax"))]) from error


def _text(value: str, line: int, path: Path) -> str:
    """A text as a form would let it be stored: controls, half a character, or nothing that can be seen cannot be."""
    if not is_clean(value):
        raise FileError([Wrong(line, FormatProblem(path, "characters"))])
    if value and not clean_text(value):
        raise FileError([Wrong(line, FormatProblem(path, "blank"))])
    return value


def _line(path: Path, lines: Mapping[Path, int]) -> int:
    """The line of a place, or of the nearest one around it that the file has."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Dumper(yaml.SafeDumper):
    """Indents lists, so that a file reads as an outline."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def write_file(definition: Mapping[str, Any]) -> str:
    """A definition as a file that `read_file` takes back unchanged."""
    return str(yaml.dump(dict(definition), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110))
