"""The library says what the literature says, in its own words, and leaves nothing out."""

import pytest

from sessions.formats.cards import card_of, cards, principles
from sessions.formats.library import definitions, rules
from sessions.rules.timeline import plan

RULES = rules()
FRAME = 8


def minutes(key: str, people: int, presenters: int | None = None) -> int:
    rule = RULES[key]
    seats = list(range(1, people + 1))
    return plan(rule, seats, seats[: rule.most_presenters if presenters is None else presenters]).minutes - FRAME


# What the sources say a session of so many people (and presenters) takes, without opening and review.
@pytest.mark.parametrize(
    ("key", "people", "presenters", "total"),
    [
        ("council", 4, 4, 72),
        ("council", 6, 3, 60),
        ("forum", 6, 1, 52),
        ("two_hour", 3, 3, 120),
        ("two_hour", 4, 4, 120),
        ("pair", 2, 2, 54),
        ("triad", 3, 3, 114),
        ("troika", 3, 3, 34),
        ("wise_crowd", 4, 4, 60),
        ("case_clinic", 5, 1, 60),
        ("case_clinic_short", 5, 1, 33),
        ("collegial_consultation", 8, 1, 65),
        ("action_learning", 5, 2, 87),
        ("incident_intervision", 6, 1, 65),
        ("clearness", 6, 1, 120),
        ("balint", 8, 2, 90),
        ("inquire_empathise", 5, 1, 70),
        ("hot_seat", 6, 1, 90),
        ("executive_forum", 8, 2, 240),
        ("kick_off", 10, 0, 85),
    ],
)
def test_totals_of_the_literature(key: str, people: int, presenters: int, total: int) -> None:
    assert minutes(key, people, presenters) == total


# Stage by stage, where a source gives minutes.
@pytest.mark.parametrize(
    ("key", "stages"),
    [
        ("council", {"present": 3, "questions": 3, "counsel": 10}),
        ("forum", {"present": 10, "clarify": 10, "experience": 3, "take_away": 5}),
        ("two_hour", {"check_in": 15, "check_out": 15}),
        ("triad", {"coaching": 30, "observer_says": 5}),
        ("troika", {"reflect": 1, "share": 2, "clarify": 2, "consult": 5, "valuable": 2}),
        ("wise_crowd", {"challenge": 2, "clarify": 3, "advise": 8, "feedback": 2}),
        ("case_clinic", {"roles": 2, "intention": 15, "stillness": 3, "mirroring": 10, "dialogue": 20}),
        ("case_clinic_short", {"case": 5, "clarify": 5, "stillness": 1, "mirror": 1, "dialogue": 12, "now": 1}),
        (
            "collegial_consultation",
            {
                "roles": 5, "case": 5, "interview": 15, "hypotheses": 10, "response": 5, "suggestions": 10,
                "decision": 10, "exchange": 5,
            },
        ),
        ("action_learning", {"issue": 2, "clarify": 10, "helping": 15, "summary": 2, "resources": 5, "actions": 2}),
        (
            "incident_intervision",
            {"last_advice": 5, "bring_cases": 10, "choose": 5, "questions": 15, "analysis": 10, "advice": 10},
        ),
        ("clearness", {"mirror": 15}),
        ("inquire_empathise", {"homework": 15, "inquire": 12, "empathise": 15, "support": 10, "challenge": 8}),
        ("hot_seat", {"check_in": 10, "review": 15, "promises": 10, "close": 5}),
        ("executive_forum", {"welcome": 10, "updates": 60, "lightning": 30, "first_break": 10, "process": 20}),
        ("kick_off", {"check_in": 15, "fundamentals": 15, "connection": 25}),
    ],
)  # fmt: skip
def test_stages_of_the_literature(key: str, stages: dict[str, int]) -> None:
    assert {name: RULES[key].stage(name).seconds / 60 for name in stages} == stages


@pytest.mark.parametrize(
    ("key", "least", "most"),
    [
        ("council", 3, 6), ("forum", 4, 8), ("two_hour", 3, 4), ("pair", 2, 2), ("triad", 3, 3), ("troika", 3, 4),
        ("wise_crowd", 4, 5), ("case_clinic", 4, 5), ("case_clinic_short", 4, 6), ("collegial_consultation", 6, 9),
        ("action_learning", 4, 8), ("incident_intervision", 4, 8), ("clearness", 5, 7), ("balint", 6, 10),
        ("inquire_empathise", 4, 6), ("hot_seat", 5, 7), ("executive_forum", 6, 10), ("kick_off", 8, 12),
    ],
)  # fmt: skip
def test_sizes_of_the_literature(key: str, least: int, most: int) -> None:
    assert (RULES[key].least, RULES[key].most) == (least, most)


def test_ranges_of_the_two_hour_session() -> None:
    """Seed 002: 15 + 90 + 15, each person 20 to 30 minutes."""
    block = RULES["two_hour"].turn_block
    assert block
    assert (block.split, block.turn_most) == (90 * 60, 30 * 60)


@pytest.mark.parametrize("key", list(RULES))
def test_every_stage_has_its_own_words(key: str) -> None:
    rule = RULES[key]
    for text in ("name", "summary", "when", "when_not"):
        assert rule.text(text), text
    assert set(rule.source) == {"from", "confirmed", "ours"}
    assert all(rule.source.values())
    prompts = []
    for stage in rule.stages.values():
        assert stage.text("name"), stage.key
        assert stage.text("rule"), stage.key
        assert stage.text("prompt"), stage.key
        assert stage.principle in ("", *principles())
        assert stage.card == "" or card_of(stage.card)
        prompts.append(stage.text("prompt"))
    assert len(set(prompts)) >= len(prompts) - 1  # two breaks may ask the same
    if rule.leader:
        assert "lead" in rule.text("leader") or "clerk" in rule.text("leader")


def test_the_library_is_large_enough_and_neutral_in_name() -> None:
    assert len(RULES) >= 18
    names = " ".join(rule.text("name") for rule in RULES.values()).lower()
    assert [mark for mark in ("lean in", "ypo", "wial", "mastermind", "eo ") if mark in names] == []


def test_all_seven_principles_and_all_cards_serve_a_stage() -> None:
    stages = [stage for rule in RULES.values() for stage in rule.stages.values()]
    assert set(principles()) == {stage.principle for stage in stages} - {""}
    assert len(principles()) == 7
    assert set(cards()) == {stage.card for stage in stages} - {""}
    assert all(len(card.lines) >= 3 for card in cards().values())


def test_the_drawings_of_stages_exist() -> None:
    from config.icons import ICONS

    assert {stage.icon for rule in RULES.values() for stage in rule.stages.values()} - set(ICONS) == set()


def test_texts_are_keyed_by_language() -> None:
    assert {
        language
        for definition in definitions().values()
        for block in definition["blocks"]
        for stage in block["stages"]
        for versions in stage["texts"].values()
        for language in versions
    } == {"en"}
