"""Journeys as files and rules: every shipped one plans for every size and length; what is wrong is said by its line."""

from collections import Counter
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sessions.formats.cards import cards
from sessions.formats.files import LARGEST, FileError, write_file
from sessions.formats.library import rules
from sessions.formats.words import wrong
from sessions.journeys.library import read_journey_file, shipped_definitions, shipped_journeys
from sessions.rules.format import suits
from sessions.rules.journey import LENGTHS_OFFERED, SIZES, JourneyStep, held
from sessions.rules.journey_reading import STEP_TEXTS, read_journey

JOURNEYS = shipped_journeys()
STEPS = [(key, at) for key, journey in JOURNEYS.items() for at in range(len(journey.steps))]

SMALL = """\
schema: 1
key: small
people: {least: 3, most: 6}
texts:
  name: {en: "Small"}
sessions:
  - formats: [council]
    texts:
      theme: {en: "One"}
      question: {en: "What?"}
"""


@given(where=st.sampled_from(STEPS), people=st.sampled_from(SIZES), minutes=st.sampled_from(LENGTHS_OFFERED))
def test_every_session_of_every_shipped_journey_is_planned_for_every_size_and_length(
    where: tuple[str, int], people: int, minutes: int
) -> None:
    key, at = where
    step = JOURNEYS[key].steps[at]
    found = held(step, rules(), people, minutes)
    assert found is not None
    assert found.format in step.formats
    assert suits(rules()[found.format], people)
    assert 0 < found.plan.seconds <= minutes * 60
    spoke = {segment.speaker for segment in found.plan.segments if segment.speaker}
    assert spoke == set(range(1, people + 1))  # somebody who came and says nothing in a session is left out of it


def test_all_sizes_and_lengths_are_planned_at_once() -> None:
    """The property above draws; this counts them all, so that no corner depends on luck."""
    missing = [
        (key, at, people, minutes)
        for key, at in STEPS
        for people in SIZES
        for minutes in LENGTHS_OFFERED
        if (found := held(JOURNEYS[key].steps[at], rules(), people, minutes)) is None
        or found.format not in JOURNEYS[key].steps[at].formats
    ]
    assert missing == []


def test_eight_are_shipped_and_say_what_is_confirmed_and_what_is_ours() -> None:
    assert list(JOURNEYS) == [
        "first_six", "new_managers", "first_year_teachers", "clinicians", "action_learning_set", "intervision",
        "changing_jobs", "forum_year",
    ]  # fmt: skip
    for journey in JOURNEYS.values():
        assert (journey.least, journey.most) == (SIZES[0], SIZES[-1])
        assert all(journey.text(name) for name in ("name", "summary", "for_whom", "not_for"))
        assert all(journey.source[name] for name in ("from", "confirmed", "ours"))
        for step in journey.steps:
            assert all(step.text(name) for name in ("theme", "question", "promise"))
            assert 2 <= len(step.questions()) <= 5
            # None needs somebody trained: they are for circles that have nobody.
            assert not any(rules()[one].leader for one in step.formats)


def test_no_sentence_stands_in_two_shipped_journeys() -> None:
    said: Counter[str] = Counter()
    for journey in JOURNEYS.values():
        for step in journey.steps:
            said.update(text for name in STEP_TEXTS if (text := step.text(name)))
            said.update(step.questions())
    # A case sheet asks for the question in each of its sessions.
    assert {text for text, count in said.items() if count > 1} == {"What is your question today?"}


@given(people=st.integers(2, 12), minutes=st.integers(20, 240), named=st.lists(st.sampled_from(sorted(rules()))))
def test_whoever_comes_something_that_fits_is_found_or_nothing_is_said(
    people: int, minutes: int, named: list[str]
) -> None:
    found = held(JourneyStep(tuple(named)), rules(), people, minutes)
    if found:
        rule = rules()[found.format]
        assert suits(rule, people)
        assert found.plan.seconds <= minutes * 60
        assert found.format in named or (rule.most_presenters and not rule.leader)
    else:
        assert minutes < 60 or people not in (2, *SIZES, 9)


def test_a_journey_for_four_is_met_by_three_and_by_nine() -> None:
    step = JourneyStep(("forum",))
    four, three, nine = (held(step, rules(), people, 60) for people in (4, 3, 9))
    assert four
    assert three
    assert nine
    assert (four.format, three.format, nine.format) == ("forum", "council", "collegial_consultation")


@pytest.mark.parametrize("people", range(2, 13))
@pytest.mark.parametrize("minutes", [20, 45, 60, 75, 90, 120])
def test_nobody_takes_by_themselves_what_needs_a_leader_or_what_nobody_presents_in(people: int, minutes: int) -> None:
    found = held(JourneyStep(("our_own",)), rules(), people, minutes)
    # Each of these took the first that fits: Balint for ten, a closing or a kick-off for eleven.
    assert found is None or found.format not in ("balint", "clearness", "kick_off", "closing_session", "short_round")


def test_a_name_in_one_language_is_shown_in_all() -> None:
    definition = read_journey_file(SMALL.replace('{en: "Small"}', '{en: "", de: "Klein"}'), rules())
    assert read_journey(definition).text("name", "fr") == "Klein"


def test_a_format_that_was_put_away_is_passed_over() -> None:
    found = held(JourneyStep(("our_own", "troika")), rules(), 3, 60)
    assert found
    assert found.format == "troika"


def test_shorter_turns_in_the_first_format_come_before_the_second_format() -> None:
    found = held(JourneyStep(("council", "forum")), rules(), 5, 90)
    assert found
    assert (found.format, found.how) == ("council", "shorter")


def lines(text: str) -> list[str]:
    with pytest.raises(FileError) as caught:
        read_journey_file(text, rules())
    return [wrong(one) for one in caught.value.wrongs]


def test_a_file_goes_out_and_comes_back_unchanged() -> None:
    for definition in shipped_definitions().values():
        assert read_journey_file(write_file(definition), rules()) == definition


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("schema: 1", "schema: 2", 1, "schema: Write “schema: 1”; this is the only version there is."),
        ("least: 3, most: 6", "least: 2, most: 6", 3,
         "people: Give whole numbers for least and most, from 3 to 8, the smaller one first."),
        ("most: 6", "most: 8", 7,
         "sessions › 1 › formats: None of these formats is made for 7, 8 people. Add one that is, or change whom the "
         "journey is for."),
        ("[council]", "[counsel]", 7,
         "sessions › 1 › formats › 1: There is no format “counsel” here, neither in the library nor of this circle."),
        ("[council]", "[]", 7,
         "sessions › 1 › formats: Name from 1 to 6 formats here, the one you would rather have first."),
        ("    texts:\n", "    card: lisening\n    texts:\n", 8,
         f"sessions › 1 › card: Choose one of: {', '.join(cards())}."),
        ("    texts:\n", "    sheet: [{en: one}]\n    texts:\n", 8,
         "sessions › 1 › sheet: A preparation sheet has from 2 to 5 questions; leave it out for none."),
        ("    texts:\n", "    sheet: [{en: one}, {en: ''}]\n    texts:\n", 8,
         "sessions › 1 › sheet › 2: This is missing."),
        ("What?", "?" * 241, 10,
         "sessions › 1 › texts › question › en: This text is too long; use at most 240 characters."),
        ("      theme: {en: \"One\"}\n", "", 8, "sessions › 1 › texts › theme: This is missing."),
        ("[council]", "&a [council]", 7, "Only names with plain values and lists can stand here: no tags, anchors or "
         "references."),
        ('"Small"', '"Sm\\0all"', 5,
         "texts › name › en: This text has a character that cannot be stored. Type it again."),
        ('"Small"', '"Sm\\u202eall"', 5,
         "texts › name › en: This text has a character that cannot be stored. Type it again."),
        ('"Small"', '"  \\u200b"', 5,
         "texts › name › en: Nothing of this text can be seen. Write something, or leave it out."),
        ('"Small"', '""', 5, "texts › name: This is missing."),
        ("key: small", "key: small\nsource: {from: 1}", 3, "source › from: Here a text is expected."),
        ("sessions:", "session:", 6, "session: “session” is not known here. Known are: schema, key, people, source, "
         "texts, sessions."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_its_line(before: str, after: str, line: int, said: str) -> None:
    assert before in SMALL
    assert f"Line {line}: {said}" in lines(SMALL.replace(before, after, 1))


def test_thirteen_sessions_loops_and_a_million_lines_are_refused() -> None:
    definition: dict[str, Any] = yaml.safe_load(SMALL)
    thirteen = write_file(definition | {"sessions": definition["sessions"] * 13}).replace("&id001 ", "")
    one = SMALL[SMALL.index("  - formats") :]
    assert lines(SMALL + one * 12) == ["Line 55: sessions › 13: These are 13 sessions; a journey can have 12."]
    assert thirteen  # PyYAML itself writes references, which the reader refuses
    assert lines(thirteen)[0].startswith("Line ")
    assert lines("a: &a [*a]") == [
        "Line 1: Only names with plain values and lists can stand here: no tags, anchors or references."
    ]
    assert lines("- x\n" * 1_000_000) == [f"The file is larger than {LARGEST // 1000} kB; it needs far less."]
    assert lines("") == ["Line 1: This is missing."]
    assert lines("- a") == ["Line 1: Here names with values are expected, such as “minutes: 3”."]
