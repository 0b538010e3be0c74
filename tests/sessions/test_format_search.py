"""Finding a format by what it is for, by length, by people, by words."""

import re
from typing import Any

import pytest
from django.urls import reverse

from sessions.formats.library import rules
from sessions.rules.format_search import fits, purpose_of
from tests.factories import Cast, signed_in


def names(page: str) -> list[str]:
    return re.findall(r'<a href="/formats/(\w+)/\?people=\d+">', page)


def test_every_format_of_the_library_has_one_purpose() -> None:
    found = {key: purpose_of(rule) for key, rule in rules().items()}
    assert set(found.values()) == {"several", "one", "none"}
    assert {key for key, purpose in found.items() if purpose == "none"} == {
        "kick_off",
        "short_round",
        "closing_session",
    }
    assert (found["council"], found["forum"], found["troika"]) == ("several", "one", "several")


def test_what_is_not_asked_about_does_not_count() -> None:
    rule = rules()["council"]

    def asked(**said: Any) -> bool:
        return fits(rule, 98, **{"at_most": None, "purpose": "", "words": "", "language": "en"} | said)

    assert asked()
    assert asked(at_most=98)
    assert not asked(at_most=97)
    assert asked(purpose="several")
    assert not asked(purpose="one")
    assert asked(words="COUNSEL issue")
    assert not asked(words="counsel zebra")


@pytest.mark.django_db
def test_the_list_shows_what_was_asked_for_and_keeps_the_question(people: Cast, clock: Any) -> None:
    bob, page = signed_in(people.bob), reverse("formats:formats")
    usual = bob.get(page).content.decode()
    assert set(names(usual)) == set(rules())
    assert names(usual)[0] == "council"
    assert "A good first choice" in usual
    short = bob.get(page, {"people": "5", "minutes": "60", "purpose": "one"}).content.decode()
    assert names(short) == ["forum", "case_clinic", "case_clinic_short"]
    assert '<option value="60" selected>' in short
    assert names(bob.get(page, {"words": "silence question"}).content.decode()) == ["clearness"]
    nothing = bob.get(page, {"words": "zebra"}).content.decode()
    assert names(nothing) == []
    assert "No format is like that" in nothing
    assert 'value="zebra"' in nothing


@pytest.mark.django_db
def test_what_makes_no_sense_is_said_and_nothing_is_lost(people: Cast, clock: Any) -> None:
    odd = signed_in(people.bob).get(reverse("formats:formats"), {"people": "x", "minutes": "7", "words": "a" * 61})
    page = odd.content.decode()
    assert odd.status_code == 200
    assert "There is a problem" in page
    assert "Use at most 60 characters; this has 61." in page
    assert set(names(page)) == set(rules())
