"""A definition that cannot be planned says everything that is wrong, and where; a file says the line."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.formats import words
from sessions.formats.files import FileError, read_file, write_file
from sessions.formats.library import HERE, common_stages, definitions, rules
from sessions.rules.definitions import FormatError
from sessions.rules.reading import read_format
from tests.work import calls


def council(**changes: Any) -> dict[str, Any]:
    return deepcopy(definitions()["council"]) | changes


def with_stage(**values: Any) -> dict[str, Any]:
    """Council with its first stage of a turn changed; None takes a value away."""
    definition = council()
    stage = definition["blocks"][1]["stages"][0]
    stage.update(values)
    for name in [name for name, value in values.items() if value is None]:
        del stage[name]
    return definition


def stages(number: int) -> dict[str, Any]:
    stage = {"minutes": 1, "floor": "all", "texts": {"name": {"en": "S"}}}
    return council(blocks=[{"key": "a", "stages": [stage | {"key": f"s{at}"} for at in range(number)]}])


def rests(number: int) -> dict[str, Any]:
    rest = {"kind": "open", "minutes": 5, "floor": "all", "texts": {"name": {"en": "Rest"}}}
    return council(blocks=[{"key": "a", "stages": [rest | {"key": f"s{at}"} for at in range(number)]}])


TURN = ("blocks", 1, "stages", 0)


@pytest.mark.parametrize(
    ("definition", "path", "kind"),
    [
        (council(schema=2), ("schema",), "schema"),
        (council(people={"least": 5, "most": 3}), ("people",), "range"),
        (council(people={"least": 1, "most": 3}), ("people",), "range"),
        (council(people={"least": True, "most": 3}), ("people",), "range"),
        (council(people={"least": 2, "most": 13}), ("people",), "range"),
        (council(people=None), ("people",), "missing"),
        (council(presenters={"least": 2, "most": 1}), ("presenters",), "range"),
        (council(presenters={"least": 0, "most": 0}), ("blocks", 1, "repeat"), "loop_of_nobody"),
        (council(blocks=[]), ("blocks",), "no_stages"),
        (council(blocks=None), ("blocks",), "missing"),
        (council(blocks="many"), ("blocks",), "not_a_list"),
        (council(blocks=[{"key": "a", "repeat": "often", "stages": []}]), ("blocks", 0, "repeat"), "choice"),
        (council(blocks=[{"key": "a", "stages": []}]), ("blocks", 0, "stages"), "empty_block"),
        (council(blocks=[*definitions()["council"]["blocks"]] * 2), ("blocks", 3, "stages", 0, "key"), "key_twice"),
        (council(colour="green"), ("colour",), "unknown"),
        (council(roles=["king"]), ("roles", 0), "choice"),
        (council(opening=None), ("opening",), "missing"),
        (council(texts={}), ("texts", "name"), "missing"),
        (council(texts={"name": {"en": "x" * 61}}), ("texts", "name", "en"), "long_text"),
        (council(texts={"name": {"en": 5}}), ("texts", "name", "en"), "text"),
        (with_stage(minutes=0), (*TURN, "minutes"), "minutes"),
        (with_stage(minutes=-3), (*TURN, "minutes"), "minutes"),
        (with_stage(minutes=181), (*TURN, "minutes"), "minutes"),
        (with_stage(minutes=float("nan")), (*TURN, "minutes"), "minutes"),
        (with_stage(minutes=float("inf")), (*TURN, "minutes"), "minutes"),
        (with_stage(minutes=10**400), (*TURN, "minutes"), "minutes"),
        (with_stage(minutes=0.0001), (*TURN, "minutes"), "minutes"),
        (with_stage(minutes="3"), (*TURN, "minutes"), "not_minutes"),
        (with_stage(minutes=True), (*TURN, "minutes"), "not_minutes"),
        (with_stage(minutes=None), (*TURN, "minutes"), "missing"),
        (with_stage(least=9), (*TURN, "least"), "least_over"),
        (with_stage(most=1), (*TURN, "most"), "most_under"),
        (with_stage(floor="sky"), (*TURN, "floor"), "choice"),
        (with_stage(floor="each"), (*TURN, "kind"), "floor_each"),
        (with_stage(kind="each"), (*TURN, "floor"), "each_floor"),
        (with_stage(floor="observer"), (*TURN, "floor"), "floor_needs_rotation"),
        (with_stage(part="check_out"), (*TURN, "least"), "check_out_cut"),
        (with_stage(key="a b"), (*TURN, "key"), "key"),
        (with_stage(optional="yes"), (*TURN, "optional"), "flag"),
        (with_stage(seconds=9), (*TURN, "seconds"), "unknown"),
        (stages(200), ("blocks",), "many_stages"),
        (rests(2), ("blocks",), "two_rests"),
        (council(blocks=[{"key": "a", "split": 9, "stages": []}]), ("blocks", 0, "split"), "needs_repeat"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(definition: dict[str, Any], path: tuple[Any, ...], kind: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_format(definition)
    assert (path, kind) in [(problem.path, problem.kind) for problem in caught.value.problems]
    for problem in caught.value.problems:
        assert "%(" not in words.problem(problem)


def test_a_session_of_eight_hours_is_refused_with_its_length() -> None:
    definition = council()
    definition["blocks"][1]["stages"][2]["minutes"] = 80
    with pytest.raises(FormatError) as caught:
        read_format(definition)
    said = words.problem(caught.value.problems[0])
    assert said == "For 6 people this takes 536 minutes; a session can take 480."


def test_outside_a_turn_there_is_no_presenter() -> None:
    definition = council()
    definition["blocks"][0]["stages"][0] |= {"kind": "fixed", "floor": "presenter", "presenter": "away"}
    with pytest.raises(FormatError) as caught:
        read_format(definition)
    assert {problem.kind for problem in caught.value.problems} == {"floor_needs_turn", "place_needs_turn"}


def test_everything_wrong_is_said_at_once() -> None:
    definition = with_stage(minutes=0, floor="sky") | {"schema": 7}
    with pytest.raises(FormatError) as caught:
        read_format(definition)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("key", list(rules()))
def test_a_format_goes_into_a_file_and_comes_back_the_same(key: str) -> None:
    assert read_file(write_file(definitions()[key]), common_stages()) == definitions()[key]


def shipped() -> str:
    return (HERE / "shipped" / "01-council.yaml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("minutes: 10", "minutes: -10", "blocks › 2 › stages › 3 › minutes: Choose more than 0"),
        ("minutes: 10", "minutes: ten", "blocks › 2 › stages › 3 › minutes: Write the minutes as a number"),
        ("schema: 1", "schema: 9", "schema: Write “schema: 1”"),
        ("repeat: presenter", "repeat: forever", "blocks › 2 › repeat: Choose one of: once, presenter, rotation"),
        ("tint: ask", "tint: ask\n        colour: red", "“colour” is not known here"),
        ("least: 5", "least: 50", "The shortest length is longer"),
        ("key: counsel", "key: present", "“present” is there twice"),
        ("people: {least: 3, most: 6}", "people: {least: 3, most: 6", "From here on the file cannot be read"),
    ],
)
def test_a_bad_file_says_the_line(old: str, new: str, said: str) -> None:
    text = shipped()
    line = text[: text.index(old)].count("\n") + 1 + new.count("\n")
    with pytest.raises(FileError) as caught:
        read_file(text.replace(old, new, 1), common_stages())
    told = words.wrong(caught.value.wrongs[0])
    assert said in told
    if "cannot be read" not in said and "twice" not in said:
        assert told.startswith(f"Line {line}: ")
    else:
        assert told.startswith("Line ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just words",
        "- a\n- b",
        "a: 1\na: 2",
        "a: &x [1]\nb: [*x, *x]",
        "!!python/object/apply:os.system ['true']",
        "a: !!binary x",
        "{" * 200,
        "\x00",
        "a: 2020-99-99",
        "a: " + "9" * 5000,
        "x" * 100_001,
        "a: [" + "[" * 60 + "]" * 60 + "]",
    ],
)
def test_strange_files_are_refused_in_words(text: str) -> None:
    with pytest.raises(FileError) as caught:
        read_file(text, common_stages())
    assert all(words.wrong(one) for one in caught.value.wrongs)


def test_a_file_that_grows_by_anchors_is_refused() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + at)}: &{chr(98 + at)} [{','.join(['*' + chr(97 + at)] * 9)}]\n" for at in range(8)
    )
    for text in (bomb, bomb + "? [*i, *i]\n: 1\n"):
        assert refused(text) == (1, "not_plain")


def refused(text: str) -> tuple[int, str]:
    with pytest.raises(FileError) as caught:
        read_file(text, common_stages())
    return caught.value.wrongs[0].line, caught.value.wrongs[0].problem.kind


@pytest.mark.parametrize(
    ("text", "line", "kind"),
    [
        ("schema: 1\n? [a, b]\n: 1\n", 2, "not_plain"),
        ("schema: 1\n? {a: b}\n: 1\n", 2, "not_plain"),
        ("schema: !!bool x\n", 1, "not_plain"),
        ("schema: !!python/object:os.system x\n", 1, "not_plain"),
        ("schema: 1\nkey: &k council\n", 2, "not_plain"),
        ("a: " + "[" * 40 + "]" * 40, 1, "deep"),
        ("a: [" + "1," * 49_000 + "1]", 1, "deep"),
        ("key: " + "9" * 90_000, 1, "syntax"),
        ("a" * 100_001, 0, "large_file"),
    ],
)
def test_a_file_holds_plain_values_only_and_a_bounded_number(text: str, line: int, kind: str) -> None:
    assert refused(text) == (line, kind)


def test_half_a_character_is_refused_where_it_stands() -> None:
    """JSON can spell it, a page cannot show it: it would take every list down that names the format."""
    text = '{"schema": 1,\n "key": "\\ud800"}'
    assert refused(text)[0] in (1, 2)


def test_a_file_that_is_as_bad_as_it_may_be_is_little_work() -> None:
    for text in ("a: [" + "1," * 49_000 + "1]", "[" * 99_000, "a:\n" * 30_000, "'" * 99_000):
        assert calls(lambda text=text: refused(text)) < 60_000


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_a_format_or_an_error_in_words(text: str) -> None:
    try:
        read_file(text, common_stages())
    except FileError as error:
        assert error.wrongs  # noqa: PT017


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["people", "presenters", "blocks", "texts", "opening", "roles", "before", "source"]), JSONISH)
def test_any_value_anywhere_is_a_format_or_problems_with_words(name: str, value: Any) -> None:
    try:
        read_format(council(**{name: value}))
    except FormatError as error:
        assert all(words.problem(problem) for problem in error.problems)  # noqa: PT017
