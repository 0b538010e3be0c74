"""The rule that scores a proposed circle and explains it."""

from dataclasses import replace
from datetime import date
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programmes.forming_selectors import words_of
from programmes.rules.forming import (
    WEIGHTS,
    Candidate,
    FitRemark,
    FitRules,
    Flaw,
    WeeklyHours,
    WishesUnknown,
    common_time,
    fit_of,
    score_of,
)

RULES = FitRules(least=3, most=5, minutes=120, zone="Europe/London", week=date(2027, 1, 11))
WORK = tuple(WeeklyHours(day, 9 * 60, 17 * 60) for day in range(5))


def person(key: int, name: str = "", **known: object) -> Candidate:
    options = {"zone": "Europe/London", "stretches": WORK} | known
    return Candidate(key, name or f"P{key}", f"p{key}@example.org", **options)  # type: ignore[arg-type]


def flaws(people: list[Candidate]) -> list[Flaw]:
    return [remark.flaw for remark in fit_of(people, RULES).warnings]


def test_a_good_circle_has_only_reasons() -> None:
    people = [
        person(1, function="Finance", location="Leeds", manager="boss@example.org"),
        person(2, function="Data", location="London"),
        person(3, function="Estates", location="Cardiff"),
    ]
    fit = fit_of(people, RULES)
    assert fit.warnings == ()
    assert fit.common is not None
    assert (fit.common[0].isoformat(), fit.common[1].isoformat()) == (
        "2027-01-11T09:00:00+00:00",
        "2027-01-11T17:00:00+00:00",
    )
    assert fit.variety == {"location": 3, "function": 3}
    assert fit.no_reporting


def test_boss_and_report_are_told_by_name() -> None:
    people = [person(1, "Owen", manager="p2@example.org"), person(2, "Gwen"), person(3)]
    assert fit_of(people, RULES).warnings == (FitRemark(Flaw.MANAGED, ("Owen", "Gwen")),)


hours = st.lists(
    st.builds(WeeklyHours, st.integers(0, 6), st.integers(0, 600), st.integers(700, 1440)), max_size=3
).map(tuple)
known = st.builds(
    dict,
    stretches=hours,
    location=st.sampled_from(["", "Leeds", "Berlin"]),
    manager=st.sampled_from(["", "p1@example.org"]),
    together=st.frozensets(st.sampled_from(["p0@example.org", "p1@example.org"])),
)


@given(st.lists(known, min_size=2, max_size=5), st.data())
def test_what_anybody_reads_of_a_circle_is_the_same_with_a_wish_and_without(
    people: list[dict[str, object]], data: st.DataObject
) -> None:
    """Two people without hours, hours that differ, the best time: whatever a wish might have been read off."""
    plain = [person(at, **one) for at, one in enumerate(people)]
    whose = data.draw(st.integers(0, len(people) - 1))
    of = data.draw(st.sampled_from([one.email for one in plain if one != plain[whose]]))
    wished = [replace(one, apart=frozenset({of})) if at == whose else one for at, one in enumerate(plain)]
    assert fit_of(wished, RULES) == fit_of(plain, RULES)


def test_a_wish_is_a_hard_rule_of_what_is_proposed_and_nothing_is_proposed_where_it_cannot_be_read() -> None:
    apart = [person(1, apart=frozenset({"p2@example.org"})), person(2), person(3)]
    assert score_of([apart], RULES) == inf
    assert score_of([[apart[0], apart[2]], [apart[1]]], RULES) < inf
    with pytest.raises(WishesUnknown):
        score_of([[person(1), person(2)], [person(3, apart=None), person(4)]], RULES)


def test_each_flaw_has_a_sentence_of_its_own() -> None:
    said = {flaw: words_of(FitRemark(flaw, ("Owen", "Gwen"), "Data")) for flaw in Flaw}
    assert said == {
        Flaw.MANAGED: "Owen reports to Gwen. People speak more freely when nobody here manages anyone else here. "
        "Move one of them.",
        Flaw.UNFIT: "No time of the week suits all of them. Move somebody.",
        Flaw.SIZE: "Not the size this programme wants.",
        Flaw.LANGUAGE: "They named no language that all of them speak.",
        Flaw.LONE: "Owen, Gwen would be the only one: Data.",
        Flaw.SAME: "Owen, Gwen work in the same department: Data.",
    }
    assert WEIGHTS.keys() == set(Flaw)


def test_somebody_alone_a_shared_department_and_size() -> None:
    alone = [person(1, location="Leeds"), person(2, location="leeds"), person(3, "Ravi", location="Berlin")]
    assert fit_of(alone, RULES).warnings == (FitRemark(Flaw.LONE, ("Ravi",), "Berlin"),)
    same = [person(1, function="Data"), person(2, function="data"), person(3, function="Estates")]
    assert fit_of(same, RULES).warnings == (FitRemark(Flaw.SAME, ("P1", "P2"), "Data"),)
    assert flaws([person(1), person(2)]) == [Flaw.SIZE]
    assert flaws([person(at) for at in range(6)]) == [Flaw.SIZE]


def test_languages_only_count_where_they_were_named() -> None:
    assert flaws([person(1, languages=frozenset({"english"})), person(2), person(3)]) == []
    two = [person(1, languages=frozenset({"english"})), person(2, languages=frozenset({"polish"})), person(3)]
    assert flaws(two) == [Flaw.LANGUAGE]


def test_a_common_time_is_compared_as_instants() -> None:
    """09–17 in London and 09–17 in Toronto share 14–17 London time; that is enough for two hours, not for four."""
    both = [person(1), person(2, zone="America/Toronto")]
    found = common_time(both, RULES)
    assert found is not None
    assert (found[0].hour, found[1].hour) == (14, 17)
    assert common_time(both, FitRules(3, 5, 240, "Europe/London", RULES.week)) is None


def test_times_across_the_end_of_the_week_are_found() -> None:
    """Monday 00:00–09:00 in Auckland is Sunday in London."""
    night = [
        person(1, zone="Pacific/Auckland", stretches=(WeeklyHours(0, 0, 540),)),
        person(2, stretches=(WeeklyHours(6, 600, 1320),)),
    ]
    found = common_time(night, RULES)
    assert found is not None
    assert (found[0].weekday(), found[0].hour) == (6, 11)


def test_people_who_said_nothing_are_counted_on_nothing() -> None:
    fit = fit_of([person(1), person(2), person(3, "Yusuf", stretches=())], RULES)
    assert (fit.warnings, fit.unsaid) == ((), ("Yusuf",))


@given(st.lists(st.sets(st.integers(0, 6), max_size=4), min_size=1, max_size=5))
def test_the_common_time_suits_everybody(days: list[set[int]]) -> None:
    people = [person(at, stretches=tuple(WeeklyHours(day, 540, 720) for day in some)) for at, some in enumerate(days)]
    found = common_time(people, RULES)
    shared = set.intersection(*days)
    assert (found is None) == (not shared)
    if found:
        assert found[0].weekday() in shared


def test_the_score_falls_with_a_wish_and_rises_with_a_flaw() -> None:
    plain = [person(1), person(2), person(3)]
    wished = [person(1, together=frozenset({"p2@example.org"})), person(2), person(3)]
    managed = [person(1, manager="p2@example.org"), person(2), person(3)]
    assert score_of([wished], RULES) < score_of([plain], RULES) < score_of([managed], RULES)
    assert score_of([], RULES) == 0
