"""Each step of the editor makes a new definition; wherever steps lead, saving refuses what cannot be planned."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.formats.library import definitions
from sessions.rules import editing
from sessions.rules.definitions import FormatError
from sessions.rules.drawing import bar_svg
from sessions.rules.reading import read_format

COUNCIL = definitions()["council"]


def keys(definition: dict[str, Any]) -> list[list[str]]:
    return [[stage["key"] for stage in block["stages"]] for block in definition["blocks"]]


def test_a_stage_moves_within_its_part_and_over_its_edge() -> None:
    assert keys(editing.moved(COUNCIL, "questions", -1))[1] == ["questions", "present", "counsel"]
    over = editing.moved(COUNCIL, "present", -1)
    assert keys(over) == [["check_in", "present"], ["questions", "counsel"], ["check_out"]]
    assert editing.find(over, "present")["floor"] == "all"  # type: ignore[index]
    assert keys(editing.moved(COUNCIL, "check_in", -1)) == keys(COUNCIL)
    assert keys(editing.moved(COUNCIL, "check_in", 1)) == [
        ["check_in", "present", "questions", "counsel"],
        ["check_out"],
    ]


def test_a_stage_is_dropped_before_another() -> None:
    assert keys(editing.placed(COUNCIL, "counsel", "present"))[1] == ["counsel", "present", "questions"]
    assert editing.placed(COUNCIL, "counsel", "nothing") == COUNCIL
    assert editing.placed(COUNCIL, "counsel", "counsel") == COUNCIL


def test_a_part_without_stages_goes() -> None:
    assert keys(editing.removed(COUNCIL, "check_in")) == [["present", "questions", "counsel"], ["check_out"]]


def test_a_change_leaves_the_original_alone_and_keeps_other_languages() -> None:
    french = editing.changed(COUNCIL, "present", {"texts": {"name": {"fr": "Le récit"}}})
    assert editing.find(french, "present")["texts"]["name"]["en"] == "{presenter} brings an issue"  # type: ignore[index]
    assert "fr" not in editing.find(COUNCIL, "present")["texts"]["name"]  # type: ignore[index]
    assert "least" not in editing.find(editing.changed(COUNCIL, "present", {"least": None}), "present")  # type: ignore[operator]


def test_a_part_that_no_longer_repeats_gives_up_what_only_turns_have() -> None:
    two_hour = definitions()["two_hour"]
    once = editing.block_changed(two_hour, 1, {"repeat": "once"})
    assert "split" not in once["blocks"][1]
    assert {stage["floor"] for stage in once["blocks"][1]["stages"]} == {"all"}
    read_format(once)


def test_new_stages_and_parts_get_keys_nobody_has() -> None:
    one, first = editing.added(COUNCIL, 0, "New", "en")
    two, second = editing.added(one, 2, "New", "en")
    three, third = editing.block_added(two, "presenter", "New", "en")
    assert len({first, second, third}) == 3
    read_format(three)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["moved", "removed", "placed", "added", "part"]),
        st.sampled_from(["check_in", "present", "questions", "counsel", "check_out", "stage_1", "nothing"]),
        st.sampled_from([-1, 1]),
    ),
    max_size=15,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_any_steps_lead_to_a_format_or_to_problems(steps: list[tuple[str, str, int]]) -> None:
    definition = COUNCIL
    for kind, key, step in steps:
        if kind == "moved":
            definition = editing.moved(definition, key, step)
        elif kind == "removed":
            definition = editing.removed(definition, key)
        elif kind == "placed":
            definition = editing.placed(definition, key, "counsel")
        elif kind == "added":
            definition, _key = editing.added(definition, step + 1, "New", "en")
        else:
            definition, _key = editing.block_added(definition, "presenter", "New", "en")
        assert all(block["stages"] for block in definition["blocks"])
    try:
        read_format(definition)
    except FormatError as error:
        assert {problem.kind for problem in error.problems} <= {"no_stages", "many_stages", "too_long"}  # noqa: PT017


def test_a_part_that_does_not_say_how_often_it_comes_is_edited_as_one_that_comes_once() -> None:
    bare = {**COUNCIL, "blocks": [{k: v for k, v in block.items() if k != "repeat"} for block in COUNCIL["blocks"]]}
    assert keys(editing.moved(bare, "check_in", 1))[0] == ["check_in", "present", "questions", "counsel"]
    assert keys(editing.placed(bare, "counsel", "check_in"))[0] == ["counsel", "check_in"]
    assert editing.block_changed(bare, 1, {"split": 30})["blocks"][1].get("split") is None


def test_a_new_stage_is_five_minutes_for_everybody_as_it_comes() -> None:
    new, key = editing.added(COUNCIL, 0, "New", "en")
    assert editing.find(new, key) == {
        "key": "stage_1", "minutes": 5, "floor": "all", "tint": "round", "icon": "circle", "texts": {"name": {"en": "New"}},
    }  # fmt: skip


def starts(seconds: tuple[int, ...]) -> list[int]:
    return [sum(seconds[:at]) for at in range(len(seconds))]


@pytest.mark.parametrize(
    ("seconds", "numbers"), [((600, 300, 30), ["10", "5", "1"]), ((2180, 61, 20), ["37", "2"]), ((100, 0), ["2"])]
)
def test_a_bar_has_numbers_where_there_is_room(seconds: tuple[int, ...], numbers: list[str]) -> None:
    drawn = bar_svg([("round", one) for one in seconds], numbers=True)
    assert re.findall(r">(\d+)</text>", drawn) == numbers
    wide = [(x, width) for x, width in zip(starts(seconds), seconds, strict=True) if 100 * width / sum(seconds) >= 2.2]
    middles = [f"{100 * (x + width / 2) / sum(seconds):.2f}" for x, width in wide]
    assert re.findall(r'x="([\d.]+)%" y="50%"', drawn) == middles
    assert "<text" not in bar_svg([("round", one) for one in seconds])
    assert drawn.count("wide-only") == sum(2.2 <= 100 * one / sum(seconds) < 6 for one in seconds)


def test_a_bar_is_to_scale() -> None:
    assert bar_svg([("give", 60), ("round", 30)], scale=180) == (
        '<svg class="stagebar" aria-hidden="true">'
        '<rect class="sb-give" x="0.00%" y="0" width="33.08%" height="100%"/>'
        '<rect class="sb-round" x="33.33%" y="0" width="16.42%" height="100%"/></svg>'
    )
