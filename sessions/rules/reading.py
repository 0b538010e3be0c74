"""From a definition (the dict of a format file) to a `FormatRule`, or to all that is wrong with it. Pure: no Django.

A definition speaks of minutes, the plan of seconds. Each problem names its place as a path into the definition, so that
a file can say the line and the editor the field; the words are made elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sessions.rules.format import (
    BEFORE,
    FLOORS,
    FRAME,
    IN_TURN,
    KINDS,
    PARTS,
    PLACES,
    REPEATS,
    ROLES,
    TINTS,
    Block,
    FormatRule,
    Stage,
)
from sessions.rules.timeline import PlanError, plan

SCHEMA = 1
MOST_STAGES = 60
LONGEST_STAGE = 180
LONGEST_SESSION = 480  # minutes: a working day, as the database and programmes have it
MOST_PEOPLE = 12
# A stage’s own words; those for a circle’s first session may be missing.
STAGE_TEXTS = ("name", "rule", "prompt", "first_rule", "first_prompt")
LENGTHS = {
    "name": 60,
    "rule": 240,
    "prompt": 240,
    "first_rule": 240,
    "first_prompt": 240,
    "summary": 300,
    "when": 300,
    "when_not": 300,
    "before": 240,
    "leader": 240,
}
SOURCE_LENGTH = 600

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


def read_format(definition: Mapping[str, Any]) -> FormatRule:
    """The format a definition describes. FormatError lists every problem."""
    reader = _Reader()
    read = reader.format(definition)
    if reader.problems or read is None:
        raise FormatError(reader.problems)
    return read


class _Reader:
    """Reads as far as it can and keeps what it stumbled over."""

    def __init__(self) -> None:
        self.problems: list[FormatProblem] = []

    def wrong(self, path: Path, kind: str, **facts: Any) -> None:
        self.problems.append(FormatProblem(path, kind, facts))

    def format(self, given: Any) -> FormatRule | None:
        fields = self.mapping(
            given,
            (),
            (
                "schema",
                "key",
                "people",
                "presenters",
                "roles",
                "before",
                "leader",
                "source",
                "texts",
                "opening",
                "blocks",
                "closing",
                "thank_you",
            ),
        )
        if fields is None:
            return None
        # Said and read on: whoever mends a file wants to hear of everything at once.
        if fields.get("schema") != SCHEMA:
            self.wrong(("schema",), "schema", schema=SCHEMA)
        least, most = self.range(fields.get("people"), ("people",), 2, MOST_PEOPLE)
        least_presenters, most_presenters = self.range(
            fields.get("presenters", {}), ("presenters",), 0, MOST_PEOPLE, most
        )
        opening = self.stage(fields.get("opening"), ("opening",), part="opening")
        blocks = self.list(fields.get("blocks"), ("blocks",))
        read = [self.block(block, ("blocks", at)) for at, block in enumerate(blocks)]
        closing = self.stage(fields.get("closing"), ("closing",), part="closing")
        thank_you = (
            self.stage(fields["thank_you"], ("thank_you",), part="thank_you") if fields.get("thank_you") else None
        )
        if self.problems or opening is None or closing is None:
            return None
        format_ = FormatRule(
            key=str(fields.get("key", "")),
            least=least,
            most=most,
            least_presenters=least_presenters,
            most_presenters=most_presenters,
            roles=tuple(self.choices(fields.get("roles", []), ("roles",), ROLES)),
            before=self.choice(fields.get("before", "issue"), ("before",), BEFORE),
            leader=self.flag(fields.get("leader", False), ("leader",)),
            opening=opening,
            blocks=tuple(block for block in read if block),
            closing=closing,
            thank_you=thank_you,
            source=self.source(fields.get("source", {})),
            texts=self.texts(
                fields.get("texts", {}),
                ("texts",),
                ("name", "summary", "when", "when_not", "before", "leader"),
                ("name",),
            ),
        )
        self.whole(format_)
        return None if self.problems else format_

    def whole(self, format_: FormatRule) -> None:
        """What only shows when all is read: keys twice, two rests, loops for nobody, too long a session."""
        stages = [
            stage for block in format_.blocks for stage in (*block.stages, *([block.between] if block.between else []))
        ]
        if not stages:
            self.wrong(("blocks",), "no_stages")
        if len(stages) > MOST_STAGES:
            self.wrong(("blocks",), "many_stages", most=MOST_STAGES, count=len(stages))
        seen = set(FRAME)
        for at, block in enumerate(format_.blocks):
            for inner, stage in enumerate((*block.stages, *([block.between] if block.between else []))):
                place: Path = (
                    ("blocks", at, "stages", inner) if inner < len(block.stages) else ("blocks", at, "between")
                )
                if stage.key in seen:
                    self.wrong((*place, "key"), "key_twice", key=stage.key)
                seen.add(stage.key)
                self.in_block(stage, block, place)
        rests = [stage for stage in stages if stage.kind == "open"]
        if len(rests) > 1:
            self.wrong(("blocks",), "two_rests", first=rests[0].text("name"), second=rests[1].text("name"))
        loops = [at for at, block in enumerate(format_.blocks) if block.repeat == "presenter"]
        if loops and format_.most_presenters == 0:
            self.wrong(("blocks", loops[0], "repeat"), "loop_of_nobody")
        # A format with holes has no plan that could be too long.
        if not self.problems:
            self.length(format_)

    def in_block(self, stage: Stage, block: Block, path: Path) -> None:
        if not block.repeats and stage.floor in ("presenter", "coach", "observer", "pair", "others"):
            self.wrong((*path, "floor"), "floor_needs_turn", floor=stage.floor)
        if block.repeat == "presenter" and stage.floor in ("coach", "observer", "pair"):
            self.wrong((*path, "floor"), "floor_needs_rotation", floor=stage.floor)
        if not block.repeats and stage.presenter != "in":
            self.wrong((*path, "presenter"), "place_needs_turn")

    def length(self, format_: FormatRule) -> None:
        """The longest plan this format can make."""
        people = list(range(1, format_.most + 1))
        try:
            # The real planner and no sum of our own: what is refused here is what would not run.
            longest = plan(format_, people, people[: max(format_.most_presenters, format_.least_presenters)])
        except PlanError as error:
            self.wrong(("presenters",), error.kind, **error.facts)
            return
        if longest.minutes > LONGEST_SESSION:
            self.wrong(("blocks",), "too_long", minutes=longest.minutes, people=format_.most, most=LONGEST_SESSION)

    def block(self, given: Any, path: Path) -> Block | None:
        fields = self.mapping(given, path, ("key", "repeat", "split", "turn_most", "between", "stages", "texts"))
        if fields is None:
            return None
        repeat = self.choice(fields.get("repeat", "once"), (*path, "repeat"), REPEATS)
        stages = self.list(fields.get("stages"), (*path, "stages"))
        if not stages:
            self.wrong((*path, "stages"), "empty_block")
        for only in ("split", "turn_most", "between"):
            if only in fields and repeat == "once":
                self.wrong((*path, only), "needs_repeat")
        if "turn_most" in fields and "split" not in fields:
            self.wrong((*path, "turn_most"), "turn_needs_split")
        read = [self.stage(stage, (*path, "stages", at)) for at, stage in enumerate(stages)]
        return Block(
            key=self.key(fields.get("key"), (*path, "key")),
            repeat=repeat,
            stages=tuple(stage for stage in read if stage),
            split=self.seconds(fields["split"], (*path, "split"), LONGEST_SESSION) if "split" in fields else 0,
            turn_most=self.seconds(fields["turn_most"], (*path, "turn_most"), LONGEST_STAGE)
            if "turn_most" in fields
            else 0,
            between=self.stage(fields["between"], (*path, "between")) if "between" in fields else None,
            texts=self.texts(fields.get("texts", {}), (*path, "texts"), ("name",)),
        )

    def stage(self, given: Any, path: Path, part: str = "") -> Stage | None:
        allowed = (
            "key", "kind", "minutes", "least", "most", "floor", "presenter", "optional", "part", "tint", "icon",
            "principle", "card", "texts",
        )  # fmt: skip
        fields = self.mapping(given, path, allowed)
        if fields is None:
            return None
        kind = self.choice(fields.get("kind", "fixed"), (*path, "kind"), KINDS)
        seconds = self.seconds(fields.get("minutes"), (*path, "minutes"), LONGEST_STAGE)
        least = self.seconds(fields["least"], (*path, "least"), LONGEST_STAGE) if "least" in fields else seconds
        most = self.seconds(fields["most"], (*path, "most"), LONGEST_STAGE) if "most" in fields else 0
        floor = self.choice(fields.get("floor"), (*path, "floor"), FLOORS)
        own_part = part or self.choice(fields.get("part", ""), (*path, "part"), PARTS)
        if seconds and least > seconds:
            self.wrong((*path, "least"), "least_over")
        if most and most < seconds:
            self.wrong((*path, "most"), "most_under")
        if kind in IN_TURN and floor not in ("each", "observer"):
            self.wrong((*path, "floor"), "each_floor")
        if kind not in IN_TURN and floor == "each":
            self.wrong((*path, "kind"), "floor_each")
        # Everybody is heard at the end, however late it is: its time is never cut (`timeline.py`).
        if own_part == "check_out" and least < seconds:
            self.wrong((*path, "least"), "check_out_cut")
        return Stage(
            key=self.key(fields.get("key"), (*path, "key")),
            kind=kind,
            seconds=seconds,
            least=least,
            most=most,
            floor=floor,
            presenter=self.choice(fields.get("presenter", "in"), (*path, "presenter"), PLACES),
            optional=self.flag(fields.get("optional", False), (*path, "optional")),
            part=own_part,
            tint=self.choice(fields.get("tint", "round"), (*path, "tint"), TINTS),
            icon=self.word(fields.get("icon", "circle"), (*path, "icon")),
            principle=self.word(fields.get("principle", ""), (*path, "principle")),
            card=self.word(fields.get("card", ""), (*path, "card")),
            texts=self.texts(fields.get("texts", {}), (*path, "texts"), STAGE_TEXTS, ("name",)),
        )

    def mapping(self, given: Any, path: Path, allowed: Sequence[str]) -> Mapping[str, Any] | None:
        if not isinstance(given, Mapping):
            self.wrong(path, "missing" if given is None else "not_a_mapping")
            return None
        for name in given:
            if name not in allowed:
                self.wrong((*path, str(name)), "unknown", name=str(name)[:40], allowed=", ".join(allowed))
        return given

    def list(self, given: Any, path: Path) -> Sequence[Any]:
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
        if given in known:
            return str(given)
        self.wrong(path, "missing" if given is None else "choice", known=", ".join(name for name in known if name))
        return known[0]

    def choices(self, given: Any, path: Path, known: Sequence[str]) -> Sequence[str]:
        return [self.choice(one, (*path, at), known) for at, one in enumerate(self.list(given, path))]

    def flag(self, given: Any, path: Path) -> bool:
        if not isinstance(given, bool):
            self.wrong(path, "flag")
        return bool(given)

    def key(self, given: Any, path: Path) -> str:
        if not isinstance(given, str) or not given.replace("_", "").isalnum() or not given.isascii() or len(given) > 40:
            self.wrong(path, "missing" if given is None else "key")
            return ""
        return given

    def word(self, given: Any, path: Path) -> str:
        if not isinstance(given, str) or len(given) > 40:
            self.wrong(path, "word")
            return ""
        return given

    def texts(
        self, given: Any, path: Path, names: Sequence[str], needed: Sequence[str] = ()
    ) -> dict[str, dict[str, str]]:
        fields = self.mapping(given, path, names)
        read: dict[str, dict[str, str]] = {}
        for name, versions in (fields or {}).items():
            known = self.mapping(versions, (*path, name), list(versions) if isinstance(versions, Mapping) else ())
            for language, text in (known or {}).items():
                place = (*path, name, language)
                if not isinstance(text, str):
                    self.wrong(place, "text")
                elif len(text) > LENGTHS.get(name, 60):
                    self.wrong(place, "long_text", most=LENGTHS.get(name, 60))
                else:
                    read.setdefault(name, {})[str(language)] = text
        for name in needed:
            if fields is not None and not any(read.get(name, {}).values()) and not self._told(path, name):
                self.wrong((*path, name), "missing")
        return read

    def _told(self, path: Path, name: str) -> bool:
        return any(one.path[: len(path) + 1] == (*path, name) for one in self.problems)

    def source(self, given: Any) -> dict[str, str]:
        fields = self.mapping(given, ("source",), ("from", "confirmed", "ours")) or {}
        for name, text in fields.items():
            if not isinstance(text, str) or len(text) > SOURCE_LENGTH:
                self.wrong(("source", name), "long_text", most=SOURCE_LENGTH)
        return {name: str(text) for name, text in fields.items()}
