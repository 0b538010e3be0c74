"""From a format and the people who came to a plan in seconds. Pure: no Django, no clock.

A format is a list of blocks; a block is a list of stages and is gone through once, or once for each presenter.
A stage lasts so many seconds, or so many for each person in turn. Everything is whole seconds, so that the parts
always add up to the whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SCHEMA = 1
KINDS = ("fixed", "each")
FLOORS = ("host", "presenter", "each", "others", "all", "nobody")
PLACES = ("in", "listening", "away", "out")
REPEATS = ("once", "presenter")
MOST_STAGES = 60
LONGEST_STAGE = 4 * 3600


class FormatError(ValueError):
    """A definition that cannot be planned; the message names the place."""


@dataclass(frozen=True)
class Stage:
    """One stage: how long, who has the floor, what may be said."""

    key: str
    kind: str
    seconds: int
    floor: str
    presenter: str
    tint: str
    icon: str
    texts: Mapping[str, Mapping[str, str]]

    def text(self, name: str, language: str = "en") -> str:
        """`name`, `rule` or `prompt` in a language, else in English, else empty."""
        known = self.texts.get(name, {})
        return known.get(language.split("-")[0]) or known.get("en", "")


@dataclass(frozen=True)
class Block:
    key: str
    repeat: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Format:
    """A session format: what it needs and its blocks, in order."""

    key: str
    least: int
    most: int
    most_presenters: int
    roles: tuple[str, ...]
    blocks: tuple[Block, ...]
    texts: Mapping[str, Mapping[str, str]]

    def text(self, name: str, language: str = "en") -> str:
        known = self.texts.get(name, {})
        return known.get(language.split("-")[0]) or known.get("en", "")

    def stage(self, key: str) -> Stage:
        """KeyError for a key that no stage has."""
        return {stage.key: stage for block in self.blocks for stage in block.stages}[key]

    def has_presenters(self) -> bool:
        return any(block.repeat == "presenter" for block in self.blocks)


@dataclass(frozen=True)
class Segment:
    """One stretch of the session: a stage, whose issue it serves, who has the floor, and for how long."""

    stage: str
    presenter: int | None
    speaker: int | None
    seconds: int


@dataclass(frozen=True)
class Plan:
    """Timed segments in order. `over` is by how many seconds the plan is longer than the room allows, or 0."""

    segments: tuple[Segment, ...]
    over: int = 0

    @property
    def seconds(self) -> int:
        return sum(segment.seconds for segment in self.segments)

    @property
    def minutes(self) -> int:
        """Whole minutes, rounded up."""
        return -(-self.seconds // 60)


def read_format(definition: Mapping[str, Any]) -> Format:
    """Check a definition and give it a shape. FormatError says in words where it is wrong."""
    _want(definition.get("schema") == SCHEMA, "schema", f"must be {SCHEMA}")
    people = definition.get("people", {})
    blocks = tuple(_block(block, f"blocks[{at}]") for at, block in enumerate(definition.get("blocks", [])))
    stages = [stage for block in blocks for stage in block.stages]
    keys = [stage.key for stage in stages]
    _want(0 < len(stages) <= MOST_STAGES, "blocks", f"must hold 1 to {MOST_STAGES} stages")
    _want(len(set(keys)) == len(keys), "blocks", "two stages have the same key")
    least, most = people.get("least", 0), people.get("most", 0)
    _want(_count(least) and _count(most) and 2 <= least <= most <= 12, "people", "must be 2 to 12, least first")
    most_presenters = definition.get("most_presenters", most)
    _want(_count(most_presenters) and 1 <= most_presenters <= 12, "most_presenters", "must be 1 to 12")
    return Format(
        key=str(definition.get("key", "")),
        least=least,
        most=most,
        most_presenters=most_presenters,
        roles=tuple(definition.get("roles", ())),
        blocks=blocks,
        texts=definition.get("texts", {}),
    )


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _want(true: bool, place: str, message: str) -> None:
    if not true:
        raise FormatError(f"{place}: {message}")


def _block(block: Mapping[str, Any], place: str) -> Block:
    repeat = block.get("repeat", "once")
    _want(repeat in REPEATS, f"{place}.repeat", f"must be one of {', '.join(REPEATS)}")
    stages = tuple(_stage(stage, f"{place}.stages[{at}]") for at, stage in enumerate(block.get("stages", [])))
    _want(bool(stages), f"{place}.stages", "must not be empty")
    return Block(str(block.get("key", "")), repeat, stages)


def _stage(stage: Mapping[str, Any], place: str) -> Stage:
    seconds = stage.get("seconds", 0)
    _want(bool(stage.get("key")), f"{place}.key", "is missing")
    _want(stage.get("kind") in KINDS, f"{place}.kind", f"must be one of {', '.join(KINDS)}")
    _want(stage.get("floor") in FLOORS, f"{place}.floor", f"must be one of {', '.join(FLOORS)}")
    _want(stage.get("presenter", "in") in PLACES, f"{place}.presenter", f"must be one of {', '.join(PLACES)}")
    _want(_count(seconds) and 0 < seconds <= LONGEST_STAGE, f"{place}.seconds", "must be 1 second to 4 hours")
    return Stage(
        key=stage["key"],
        kind=stage["kind"],
        seconds=seconds,
        floor=stage["floor"],
        presenter=stage.get("presenter", "in"),
        tint=stage.get("tint", "round"),
        icon=stage.get("icon", "circle"),
        texts=stage.get("texts", {}),
    )


def plan(
    format_: Format,
    people: Sequence[int],
    presenters: Iterable[int],
    *,
    host: int | None = None,
    room: int | None = None,
) -> Plan:
    """The timed segments for the seats in `people`, in speaking order.

    `presenters` are those of them who bring an issue, in any order; they present in speaking order. `host` is the
    seat that opens and closes. `room` is how many seconds there are. ValueError when nobody is there.
    """
    if not people:
        raise ValueError("a session needs people")
    wanted = set(presenters)
    order = [seat for seat in people if seat in wanted]
    segments: list[Segment] = []
    for block in format_.blocks:
        rounds: Sequence[int | None] = order if block.repeat == "presenter" else [None]
        for presenter in rounds:
            for stage in block.stages:
                segments.extend(_segments(stage, people, presenter, host))
    total = sum(segment.seconds for segment in segments)
    return Plan(tuple(segments), over=max(0, total - room) if room else 0)


def _segments(stage: Stage, people: Sequence[int], presenter: int | None, host: int | None) -> list[Segment]:
    if stage.kind == "each":
        # In a presenter's own block the others take turns; the presenter's part has its own stages.
        seats = [seat for seat in people if seat != presenter]
        return [Segment(stage.key, presenter, seat, stage.seconds) for seat in seats]
    speaker = {"presenter": presenter, "host": host}.get(stage.floor)
    return [Segment(stage.key, presenter, speaker, stage.seconds)]


def speaking_order(seats: Sequence[int], held_before: int) -> list[int]:
    """The ring, starting one seat further each session, so that everybody is first in turn."""
    if not seats:
        return []
    start = held_before % len(seats)
    return [*seats[start:], *seats[:start]]


def presenters_that_fit(format_: Format, people: Sequence[int], *, room: int) -> int:
    """How many of the people can present in `room` seconds, from none to all (or the format's most)."""
    most = min(len(people), format_.most_presenters)
    fits = [count for count in range(most + 1) if plan(format_, people, people[:count], room=room).over == 0]
    return max(fits, default=0)


def suits(format_: Format, people: int) -> bool:
    return format_.least <= people <= format_.most
