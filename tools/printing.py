"""A small pretty printer: groups that stay on one line where they fit, and break all together where they do not."""

from dataclasses import dataclass

WIDTH = 120
STEP = 2


@dataclass(frozen=True)
class Line:
    """A place to break: what stands there in a group that is not broken; `hard` breaks the groups around it."""

    flat: str = " "
    hard: bool = False


@dataclass(frozen=True)
class Indent:
    inner: "Doc"


@dataclass(frozen=True)
class Group:
    inner: "Doc"


@dataclass(frozen=True)
class Fill:
    """Parts and lines by turns; each line breaks only if the part after it does not fit."""

    parts: tuple["Doc", ...]


@dataclass(frozen=True)
class Pick:
    """One thing in a broken group, another in one that is not."""

    flat: str
    broken: "Doc"


@dataclass(frozen=True)
class Either:
    """One line where it fits, otherwise something in several."""

    flat: str
    broken: "Doc"


Doc = str | Either | Line | Indent | Group | Fill | Pick | tuple  # type: ignore[type-arg]
SPACE, SOFT, HARD = Line(), Line(""), Line(hard=True)

_hard: dict[int, tuple[object, bool]] = {}


def has_hard(doc: "Doc") -> bool:
    """Whether something inside must break."""
    known = _hard.get(id(doc))
    if known is not None and known[0] is doc:
        return known[1]
    if isinstance(doc, Line):
        found = doc.hard
    elif isinstance(doc, Indent | Group):
        found = has_hard(doc.inner)
    elif isinstance(doc, Fill):
        found = any(has_hard(part) for part in doc.parts)
    elif isinstance(doc, tuple):
        found = any(has_hard(part) for part in doc)
    else:
        found = False
    _hard[id(doc)] = (doc, found)
    return found


def _fits(first: tuple[int, bool, "Doc"], rest: list[tuple[int, bool, "Doc"]], room: int) -> bool:
    """Whether `first` and what follows it up to the next possible break stay within the line."""
    todo = [first]
    behind = len(rest)
    while room >= 0:
        if not todo:
            if behind == 0:
                return True
            behind -= 1
            todo.append(rest[behind])
            continue
        depth, broken, doc = todo.pop()
        if isinstance(doc, str):
            if "\n" in doc:
                return room >= len(doc.split("\n", 1)[0])
            room -= len(doc)
        elif isinstance(doc, Pick):
            todo.append((depth, broken, doc.broken if broken else doc.flat))
        elif isinstance(doc, Line):
            if doc.hard or broken:
                return True
            room -= len(doc.flat)
        elif isinstance(doc, Either):
            room -= len(doc.flat)
        elif isinstance(doc, Indent):
            todo.append((depth + 1, broken, doc.inner))
        elif isinstance(doc, Group):
            todo.append((depth, broken and has_hard(doc), doc.inner))
        elif isinstance(doc, Fill):
            todo += [(depth, broken, part) for part in reversed(doc.parts)]
        else:
            todo += [(depth, broken, part) for part in reversed(doc)]
    return False


def pretty(doc: "Doc", width: int = WIDTH) -> str:
    """The text of a document."""
    out: list[str] = []
    column = 0
    todo: list[tuple[int, bool, Doc]] = [(0, True, doc)]
    while todo:
        depth, broken, now = todo.pop()
        if isinstance(now, str):
            out.append(now)
            column = len(now.rsplit("\n", 1)[1]) if "\n" in now else column + len(now)
        elif isinstance(now, Pick):
            todo.append((depth, broken, now.broken if broken else now.flat))
        elif isinstance(now, Line):
            if broken or now.hard:
                out.append("\n" + " " * depth * STEP)
                column = depth * STEP
            else:
                out.append(now.flat)
                column += len(now.flat)
        elif isinstance(now, Either):
            fits = _fits((depth, False, now.flat), todo, width - column)
            todo.append((depth, not fits, now.flat if fits else now.broken))
        elif isinstance(now, Indent):
            todo.append((depth + 1, broken, now.inner))
        elif isinstance(now, Group):
            flat = not has_hard(now) and _fits((depth, False, now.inner), todo, width - column)
            todo.append((depth, not flat, now.inner))
        elif isinstance(now, Fill):
            _fill(now, depth, todo, width - column)
        else:
            todo += [(depth, broken, part) for part in reversed(now)]
    lines = "".join(out).split("\n")
    return "\n".join(line.rstrip() if not line.strip() else line for line in lines)


def _fill(fill: Fill, depth: int, todo: list[tuple[int, bool, "Doc"]], room: int) -> None:
    parts = fill.parts
    if not parts:
        return
    content = parts[0]
    alone = len(parts) < 3
    fits = not has_hard(content) and _fits((depth, False, content), todo if alone else [], room)
    if alone:
        todo.append((depth, not fits, content))
        return
    line, after = parts[1], parts[2]
    todo.append((depth, True, Fill(parts[2:])))
    both = (
        fits
        and not has_hard(after)
        and _fits((depth, False, (content, line, after)), todo[:-1] if len(parts) == 3 else [], room)
    )
    todo.append((depth, not both, line))
    todo.append((depth, not fits, content))
