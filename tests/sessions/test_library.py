"""The library says what the literature says, in its own words, and leaves nothing out."""

import re

import pytest

from sessions.formats.cards import card_of, cards, principles
from sessions.formats.library import definitions, rules
from sessions.rules.timeline import plan

RULES = rules()


def minutes(key: str, people: int, presenters: int) -> int:
    """The whole session, opening and close included: what people have to keep free."""
    seats = list(range(1, people + 1))
    return plan(RULES[key], seats, seats[:presenters]).minutes


# How long a session of so many people (and presenters) takes. Where the source names a length for the whole (an hour,
# two hours, half an hour, 30 to 60 or 60 to 90 minutes), that holds opening and close too; elsewhere ours come on top.
@pytest.mark.parametrize(
    ("key", "people", "presenters", "total"),
    [
        ("council", 4, 4, 72 + 8),
        ("council", 6, 3, 60 + 8),
        ("forum", 6, 1, 52 + 8),
        ("two_hour", 3, 3, 120),
        ("two_hour", 4, 4, 120),
        ("pair", 2, 2, 58),
        ("triad", 3, 3, 114 + 8),
        ("troika", 3, 3, 30),
        ("troika", 4, 4, 39),
        ("wise_crowd", 4, 4, 60 + 8),
        ("case_clinic", 5, 1, 60),
        ("case_clinic_short", 5, 1, 34),
        ("collegial_consultation", 8, 1, 65 + 8),
        ("action_learning", 5, 2, 87 + 8),
        ("incident_intervision", 6, 1, 65 + 8),
        ("clearness", 6, 1, 120),
        ("balint", 8, 2, 90 + 8),
        ("inquire_empathise", 5, 1, 70 + 3 + 8),
        ("hot_seat", 6, 1, 90),
        ("executive_forum", 8, 2, 240),
        ("kick_off", 10, 0, 85 + 6),
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
        ("two_hour", {"check_in": 11, "check_out": 11}),
        ("triad", {"coaching": 30, "observer_says": 5}),
        ("troika", {"reflect": 1, "share": 1.5, "clarify": 1.5, "consult": 4.5, "valuable": 1.5}),
        ("wise_crowd", {"challenge": 2, "clarify": 3, "advise": 8, "feedback": 2}),
        ("case_clinic", {"roles": 2, "intention": 12, "stillness": 2, "mirroring": 10, "dialogue": 20}),
        ("case_clinic_short", {"case": 5, "clarify": 4, "stillness": 1, "mirror": 1, "dialogue": 12, "now": 1}),
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
        ("hot_seat", {"check_in": 10, "review": 12, "promises": 10, "close": 5}),
        ("executive_forum", {"welcome": 10, "updates": 60, "lightning": 30, "first_break": 10, "process": 16}),
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


@pytest.mark.parametrize(
    ("key", "stage", "low", "high"),
    [
        ("two_hour", "check_in", 10, 15),
        ("troika", "share", 1, 2), ("troika", "clarify", 1, 2), ("troika", "consult", 4, 5), ("troika", "valuable", 1, 2),
        ("case_clinic", "intention", 10, 15), ("case_clinic", "stillness", 2, 3), ("case_clinic", "dialogue", 10, 30),
        ("case_clinic_short", "clarify", 3, 5), ("hot_seat", "review", 10, 15),
    ],
)  # fmt: skip
def test_a_range_of_the_literature_is_how_far_a_stage_may_move(key: str, stage: str, low: int, high: int) -> None:
    found = RULES[key].stage(stage)
    assert (found.least / 60, found.most / 60) == (low, high)
    assert found.least <= found.seconds <= found.most


@pytest.mark.parametrize("key", [key for key, rule in RULES.items() if key != "closing_session"])
def test_a_round_about_promises_has_other_words_in_a_first_session(key: str) -> None:
    """Nobody has promised anything before it."""
    for stage in RULES[key].stages.values():
        usual, first = stage.text("rule") + stage.text("prompt"), stage.text("prompt", first=True)
        if any(said in usual for said in ("last time", "since we", "since you", "I said I would", "said you would")):
            assert first != stage.text("prompt"), stage.key


@pytest.mark.parametrize("key", list(RULES))
def test_what_is_asked_is_asked_of_you(key: str) -> None:
    """A prompt speaks to whoever has the floor; what they may begin with stands in quotation marks."""
    for stage in RULES[key].stages.values():
        for text in ("prompt", "first_prompt"):
            said = stage.text(text)
            words = set(re.findall(r"[A-Za-z’]+", said))
            assert said.startswith("“") or not words & {"I", "me", "my", "mine", "myself"}, (stage.key, said)


def test_thanks_come_once_and_the_agreement_is_read_once() -> None:
    for key, rule in RULES.items():
        thanks = [one.key for one in rule.stages.values() if "hank" in one.text("name")]
        assert len(thanks) <= 1, key
        assert sum("agreement aloud" in one.text("rule") for one in rule.stages.values()) <= 1, key


def test_promises_come_back_where_they_are_talked_about() -> None:
    """One round, and the one in which it is asked what became of them."""
    told = {key: [one.key for one in rule.stages.values() if one.part == "check_in"] for key, rule in RULES.items()}
    assert all(len(stages) <= 1 for stages in told.values())
    assert {key: stages[0] for key, stages in told.items() if stages} == {
        "council": "check_in", "forum": "check_in", "two_hour": "check_in", "pair": "check_in",
        "action_learning": "report", "incident_intervision": "last_advice", "inquire_empathise": "homework",
        "hot_seat": "review", "executive_forum": "updates", "kick_off": "check_in", "short_round": "promises",
        "closing_session": "check_in",
    }  # fmt: skip


def test_formats_that_need_somebody_trained_have_the_role() -> None:
    assert {key: [one for one in rule.roles if one in ("clerk", "leader")] for key, rule in RULES.items() if rule.leader} == {
        "clearness": ["clerk"], "balint": ["leader"],
    }  # fmt: skip


def test_ranges_of_the_two_hour_session() -> None:
    """Seed 002: check-in, 90 minutes, check-out in two hours, each person 20 to 30 minutes."""
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


def test_what_gives_first_where_time_is_short() -> None:
    """Counsel before the rest of a turn, turns before rounds and breaks; how it begins and ends never gives."""
    tiers = rules()["executive_forum"].tiers
    assert [key for key, tier in tiers.items() if tier == 0] == ["share"]
    assert [key for key, tier in tiers.items() if tier == 1] == ["present", "clarify", "take_away"]
    assert [key for key, tier in tiers.items() if tier == 2] == ["updates", "lightning", "first_break", "second_break"]
    assert [key for key, tier in tiers.items() if tier is None] == ["welcome", "process", "closing", "thank_you"]
