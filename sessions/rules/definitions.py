"""What every readable definition shares, of a format as of a journey: values one by one, and all that is wrong with it.

Pure: no Django. Each problem names its place as a path into the definition, so that a file can say the line and an
editor the field; the words are made elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SOURCE_LENGTH = 600
# Of a text that nothing else is said of.
USUAL_LENGTH = 60

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class FormatProblem:
    """What is wrong and where: `kind` picks the sentence, `facts` fill it."""

    path: Path
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class FormatError(ValueError):
    """A definition that cannot be used, with everything that is wrong in it."""

    def __init__(self, problems: Sequence[FormatProblem]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, one.path))}: {one.kind}" for one in problems))
        self.problems = list(problems)


class Reader:
    """Reads as far as it can and keeps what it stumbled over. `lengths` says how long each text may be."""

    def __init__(self, lengths: Mapping[str, int]) -> None:
        self.lengths = lengths
        self.problems: list[FormatProblem] = []

    def wrong(self, path: Path, kind: str, **facts: Any) -> None:
        """Keep one problem."""
        self.problems.append(FormatProblem(path, kind, facts))

    def mapping(self, given: Any, path: Path, allowed: Sequence[str]) -> Mapping[str, Any] | None:
        """Names with values, of those that are known; None where something else stands."""
        if not isinstance(given, Mapping):
            self.wrong(path, "missing" if given is None else "not_a_mapping")
            return None
        for name in given:
            if name not in allowed:
                self.wrong((*path, str(name)), "unknown", name=str(name)[:40], allowed=", ".join(allowed))
        return given

    def list(self, given: Any, path: Path) -> Sequence[Any]:
        """What stands in a list; nothing where something else stands."""
        if isinstance(given, Sequence) and not isinstance(given, str):
            return given
        self.wrong(path, "missing" if given is None else "not_a_list")
        return ()

    def range(self, given: Any, path: Path, floor: int, ceiling: int, most: int | None = None) -> tuple[int, int]:
        """`least` and `most` of people or presenters; presenters default to one up to everybody."""
        fields = self.mapping(given, path, ("least", "most"))
        if fields is None:
            return floor, ceiling
        default = {"least": 1, "most": most} if most is not None else {}
        values = [fields.get(name, default.get(name)) for name in ("least", "most")]
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            self.wrong(path, "range", floor=floor, ceiling=ceiling)
            return floor, ceiling
        low, high = int(values[0]), int(values[1])
        low = min(low, high) if most is not None and "least" not in fields else low
        if not floor <= low <= high <= ceiling:
            self.wrong(path, "range", floor=floor, ceiling=ceiling)
        return low, high

    def seconds(self, given: Any, path: Path, most: int) -> int:
        """Minutes as whole seconds: 3, 2.5, 0.5."""
        # YAML reads `yes` as true, and true is the number 1 to Python.
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            self.wrong(path, "missing" if given is None else "not_minutes")
            return 0
        # Numbers like 1e300 are numbers in YAML too.
        seconds = round(given * 60) if abs(given) < 10_000 else 0
        if not 0 < given <= most or abs(seconds - given * 60) > 1e-6:
            self.wrong(path, "minutes", most=most)
            return 0
        return seconds

    def choice(self, given: Any, path: Path, known: Sequence[str]) -> str:
        """One of the names that are known, else the first of them."""
        if given in known:
            return str(given)
        self.wrong(path, "missing" if given is None else "choice", known=", ".join(name for name in known if name))
        return known[0]

    def choices(self, given: Any, path: Path, known: Sequence[str]) -> Sequence[str]:
        """Several of the names that are known."""
        return [self.choice(one, (*path, at), known) for at, one in enumerate(self.list(given, path))]

    def flag(self, given: Any, path: Path) -> bool:
        """True or false."""
        if not isinstance(given, bool):
            self.wrong(path, "flag")
        return bool(given)

    def key(self, given: Any, path: Path) -> str:
        """A name that other places refer to: letters, digits, underscores, at most 40."""
        if not isinstance(given, str) or not given.replace("_", "").isalnum() or not given.isascii() or len(given) > 40:
            self.wrong(path, "missing" if given is None else "key")
            return ""
        return given

    def word(self, given: Any, path: Path) -> str:
        """A word of at most 40 letters."""
        if not isinstance(given, str) or len(given) > 40:
            self.wrong(path, "word")
            return ""
        return given

    def texts(
        self, given: Any, path: Path, names: Sequence[str], needed: Sequence[str] = ()
    ) -> dict[str, dict[str, str]]:
        """Texts by name and language, none longer than it may be; those in `needed` are said to be missing."""
        fields = self.mapping(given, path, names)
        read: dict[str, dict[str, str]] = {}
        for name, versions in (fields or {}).items():
            known = self.mapping(versions, (*path, name), list(versions) if isinstance(versions, Mapping) else ())
            for language, text in (known or {}).items():
                place = (*path, name, language)
                if self.one_text(text, place, name):
                    read.setdefault(name, {})[str(language)] = text
        for name in needed:
            if fields is not None and not any(read.get(name, {}).values()) and not self._told(path, name):
                self.wrong((*path, name), "missing")
        return read

    def one_text(self, text: Any, place: Path, name: str) -> bool:
        """Whether it is a text that is not longer than a text of this name may be."""
        most = self.lengths.get(name, USUAL_LENGTH)
        if not isinstance(text, str):
            self.wrong(place, "text")
        elif len(text) > most:
            self.wrong(place, "long_text", most=most)
        else:
            return True
        return False

    def _told(self, path: Path, name: str) -> bool:
        return any(one.path[: len(path) + 1] == (*path, name) for one in self.problems)

    def source(self, given: Any) -> dict[str, str]:
        """Where it comes from, what is confirmed there, and what is our choice."""
        fields = self.mapping(given, ("source",), ("from", "confirmed", "ours")) or {}
        for name, text in fields.items():
            if not isinstance(text, str):
                self.wrong(("source", name), "text")
            elif len(text) > SOURCE_LENGTH:
                self.wrong(("source", name), "long_text", most=SOURCE_LENGTH)
        return {name: str(text) for name, text in fields.items()}
