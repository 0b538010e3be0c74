"""From a definition (the dict of a format file) to a `FormatRule`, or to all that is wrong with it. Pure: no Django.

A definition speaks of minutes, the plan of seconds. Each problem names its place as a path into the definition, so that
a file can say the line and the editor the field; the words are made elsewhere.
"""

from collections.abc import Mapping
from typing import Any

from sessions.rules.definitions import FormatError, Path, Reader
from sessions.rules.format import (
    BEFORE,
    FLOORS,
    FRAME,
    IN_TURN,
    PARTS,
    PLACES,
    REPEATS,
    ROLES,
    STAGE_KINDS,
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
FIELDS = (
    "schema", "key", "people", "presenters", "roles", "before", "leader", "source", "texts",
    "opening", "blocks", "closing", "thank_you",
)  # fmt: skip
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


def read_format(definition: Mapping[str, Any]) -> FormatRule:
    """The format a definition describes. FormatError lists every problem."""
    reader = _Reader()
    read = reader.format(definition)
    if reader.problems or read is None:
        raise FormatError(reader.problems)
    return read


class _Reader(Reader):
    """Reads as far as it can and keeps what it stumbled over."""

    def __init__(self) -> None:
        super().__init__(LENGTHS)

    def format(self, given: Any) -> FormatRule | None:
        fields = self.mapping(given, (), FIELDS)
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
        kind = self.choice(fields.get("kind", "fixed"), (*path, "kind"), STAGE_KINDS)
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
