"""Steps of changing a definition: each takes a definition and gives a new one. Pure: no Django, no clock.

A definition under change may be wrong for a while; `reading` says so before it counts.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from sessions.rules.format import FRAME

Definition = dict[str, Any]
TURN_FLOORS = ("presenter", "others")
ROTATION_FLOORS = ("pair", "coach", "observer")


def blocks_of(definition: Definition) -> list[dict[str, Any]]:
    """The blocks of a definition in their order, none where it has not got that far."""
    return list(definition.get("blocks", []))


def find(definition: Definition, key: str) -> dict[str, Any] | None:
    """The stage with this key, wherever it stands."""
    ends = [definition.get(part) for part in FRAME]
    inner = [stage for block in blocks_of(definition) for stage in block["stages"]]
    return next((stage for stage in [*ends, *inner] if stage and stage.get("key") == key), None)


def _place(definition: Definition, key: str) -> tuple[int, int] | None:
    for at, block in enumerate(blocks_of(definition)):
        for inner, stage in enumerate(block["stages"]):
            if stage["key"] == key:
                return at, inner
    return None


def moved(definition: Definition, key: str, step: int) -> Definition:
    """A stage one place earlier (-1) or later (+1); at the edge of a part it goes over into the neighbouring part."""
    new = deepcopy(definition)
    place = _place(new, key)
    if place is None:
        return new
    at, inner = place
    blocks = new["blocks"]
    target = inner + step
    if 0 <= target < len(blocks[at]["stages"]):
        stages = blocks[at]["stages"]
        stages[inner], stages[target] = stages[target], stages[inner]
    elif 0 <= at + step < len(blocks):
        stage = blocks[at]["stages"].pop(inner)
        there = blocks[at + step]["stages"]
        # Into the neighbour at the edge it came over: nothing on the page jumps.
        there.insert(len(there) if step < 0 else 0, _at_home(stage, _repeat(blocks[at + step])))
    return _tidy(new)


def placed(definition: Definition, key: str, before: str) -> Definition:
    """A stage dropped in front of another one; nothing happens when either is unknown or they are the same."""
    new = deepcopy(definition)
    place = _place(new, key)
    if place is None or key == before or _place(new, before) is None:
        return new
    stage = new["blocks"][place[0]]["stages"].pop(place[1])
    at, inner = _place(new, before) or (0, 0)
    new["blocks"][at]["stages"].insert(inner, _at_home(stage, _repeat(new["blocks"][at])))
    return _tidy(new)


def _repeat(block: Mapping[str, Any]) -> str:
    """How often a part comes; a definition that leaves it out means once, as reading it does."""
    return str(block.get("repeat", "once"))


def _at_home(stage: dict[str, Any], repeat: str) -> dict[str, Any]:
    """A stage that came into another part keeps its words; a floor that does not exist there becomes everyone's."""
    homeless = (
        (*TURN_FLOORS, *ROTATION_FLOORS) if repeat == "once" else ROTATION_FLOORS if repeat == "presenter" else ()
    )
    if stage.get("floor") in homeless:
        stage["floor"] = "all" if repeat == "once" else "others"
    if repeat == "once":
        stage.pop("presenter", None)
    return stage


def _tidy(definition: Definition) -> Definition:
    """Parts without stages go."""
    definition["blocks"] = [block for block in definition["blocks"] if block["stages"]]
    return definition


def removed(definition: Definition, key: str) -> Definition:
    """Without the stage of that key; a block that is empty then goes too."""
    new = deepcopy(definition)
    for block in new["blocks"]:
        block["stages"] = [stage for stage in block["stages"] if stage["key"] != key]
    return _tidy(new)


def changed(definition: Definition, key: str, values: Mapping[str, Any]) -> Definition:
    """A stage with new values; a value of None takes the setting away."""
    new = deepcopy(definition)
    stage = find(new, key)
    if stage is not None:
        _set(stage, values)
    return new


def _set(holder: dict[str, Any], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name == "texts":
            texts = holder.setdefault("texts", {})
            for text, versions in value.items():
                texts[text] = {**texts.get(text, {}), **versions}
                if not any(texts[text].values()):
                    del texts[text]
        elif value is None:
            holder.pop(name, None)
        else:
            holder[name] = value


def _fresh(definition: Definition, word: str) -> str:
    """A key nobody has: `stage_1`, `stage_2` …"""
    known = {stage["key"] for block in blocks_of(definition) for stage in block["stages"]}
    known |= {block.get("key") for block in blocks_of(definition)}
    at = 1
    while f"{word}_{at}" in known:
        at += 1
    return f"{word}_{at}"


def added(definition: Definition, at: int, name: str, language: str) -> tuple[Definition, str]:
    """A new stage of five minutes at the end of a part, and its key."""
    new = deepcopy(definition)
    key = _fresh(new, "stage")
    stage = {
        "key": key,
        "minutes": 5,
        "floor": "all",
        "tint": "round",
        "icon": "circle",
        "texts": {"name": {language: name}},
    }
    if 0 <= at < len(new["blocks"]):
        new["blocks"][at]["stages"].append(stage)
    return new, key


def block_added(definition: Definition, repeat: str, name: str, language: str) -> tuple[Definition, str]:
    """A new part with one stage, after the others but before the check-out, and the key of that stage."""
    new = deepcopy(definition)
    blocks = new["blocks"]
    # Behind the check-out nobody would find it: what comes last is when people say goodbye.
    ends = bool(blocks) and any(stage.get("part") == "check_out" for stage in blocks[-1]["stages"])
    at = len(blocks) - 1 if ends else len(blocks)
    blocks.insert(at, {"key": _fresh(new, "part"), "repeat": repeat, "stages": []})
    return added(new, at, name, language)


def block_changed(definition: Definition, at: int, values: Mapping[str, Any]) -> Definition:
    """A part with new values. Where it no longer repeats, what only repeating parts have goes."""
    new = deepcopy(definition)
    if not 0 <= at < len(new["blocks"]):
        return new
    block = new["blocks"][at]
    _set(block, values)
    for stage in block["stages"]:
        _at_home(stage, _repeat(block))
    if _repeat(block) == "once":
        # Reading refuses them on a part that comes once, and the form does not show them any more.
        for only in ("split", "turn_most", "between"):
            block.pop(only, None)
    return new


def about_changed(definition: Definition, values: Mapping[str, Any]) -> Definition:
    """Name, people, roles and the like."""
    new = deepcopy(definition)
    _set(new, values)
    return new
