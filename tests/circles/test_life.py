"""Goals, a circle on hold, a word with somebody outside, the trail."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from agreements.commitment_services import CommitmentDetails, commitment_make
from circles.audit_trail import CHANGES, SENTENCES, sentence
from circles.enums import Relied
from circles.forms import CircleForm
from circles.models import Circle, Goal
from circles.rules.deciding import milestones
from circles.services import CircleDetails, circle_update
from notifications import outbox
from notifications.models import Message
from tests.factories import NOW, Cast, make_session, sign, signed_in


def test_one_line_each_is_read_out_at_the_first_the_middle_and_the_last(people: Cast, clock: Any) -> None:
    path = reverse("circles:goals", args=[people.circle.code])
    bob = signed_in(people.bob)
    bob.post(path, {"text": "To say no sooner"})
    bob.post(path, {"text": "To say no in time"})
    assert Goal.objects.get().text == "To say no in time"
    assert b"To say no in time" in signed_in(people.carol).get(path).content
    assert b"Use at most 160" in bob.post(path, {"text": "w" * 161}).content
    session = make_session(people.circle, people.alice)
    assert b"To say no in time" in signed_in(people.carol).get(reverse("sessions:live", args=[session.code])).content
    bob.post(path, {"text": ""})
    assert not Goal.objects.exists()


@pytest.mark.parametrize(("sessions", "numbers"), [(6, {1, 3, 6}), (1, {1}), (2, {1, 2}), (5, {1, 3, 5})])
def test_milestones(sessions: int, numbers: set[int]) -> None:
    assert milestones(sessions) == numbers


def test_a_circle_can_be_put_on_hold_and_go_on(people: Cast, clock: Any) -> None:
    path = reverse("circles:hold", args=[people.circle.code])
    alice = signed_in(people.alice)
    planned = make_session(people.circle, people.alice)
    kept = commitment_make(
        circle=people.circle, owner=people.bob, details=CommitmentDetails("Mine", NOW.date(), None), now=NOW
    )
    outbox.turn()
    mail.outbox.clear()
    alice.post(path, {"hold": "on"})
    assert Circle.objects.get().status == "on_hold"
    planned.refresh_from_db()
    kept.refresh_from_db()
    assert (planned.status, kept.text, kept.status) == ("planned", "Mine", "open"), "everything is kept"
    page = signed_in(people.bob).get(reverse("pages:circle", args=[people.circle.code])).content.decode()
    assert "This circle is on hold" in page
    alice.post(path, {"hold": "off"})
    assert Circle.objects.get().status == "open"
    trail = alice.get(reverse("circles:people", args=[people.circle.code])).content.decode()
    assert "Alice Archer put the circle on hold" in trail
    assert "Alice Archer let the circle go on" in trail


def test_a_word_with_the_contact_outside_says_only_that(people: Cast, clock: Any) -> None:
    details = CircleDetails(
        name="Alder circle", time_zone="Europe/London", contact_name="Ines Falk", contact_email="ines@example.org"
    )
    circle_update(circle=people.circle, details=details, by=people.alice, now=NOW)
    path = reverse("circles:word", args=[people.circle.code])
    bob = signed_in(people.bob)
    assert b"Ines Falk (outside the circle)" in bob.get(path).content
    assert b"Ines Falk gets a mail" in bob.post(path, {"person": "outside"}, follow=True).content
    outbox.turn()
    sent = mail.outbox[-1]
    assert sent.to == ["ines@example.org"]
    assert [line for line in str(sent.body).splitlines() if line] == [
        "Bob Baker would like a word with you",
        "You are the person outside whom everybody in Alder circle may turn to. Nothing was said about what it is. "
        "Answer them at bob@example.org.",
        "Nobody else is told, and it is counted nowhere.",
    ]
    assert "http" not in str(sent.body), "somebody outside has nothing to open"
    assert b"Ines Falk" in bob.get(reverse("agreements:agreement", args=[people.circle.code])).content


def test_a_contact_who_is_no_longer_named_is_not_written_to(people: Cast, clock: Any) -> None:
    details = CircleDetails(name="A", time_zone="UTC", contact_name="Ines", contact_email="ines@example.org")
    circle_update(circle=people.circle, details=details, by=people.alice, now=NOW)
    signed_in(people.bob).post(reverse("circles:word", args=[people.circle.code]), {"person": "outside"})
    circle_update(circle=people.circle, details=CircleDetails(name="A", time_zone="UTC"), by=people.alice, now=NOW)
    outbox.turn()
    assert mail.outbox == []
    assert Message.objects.get().state == "dropped"


def test_what_the_organisation_offers_is_shown_beside_it(people: Cast, clock: Any, settings: Any) -> None:
    path = reverse("circles:word", args=[people.circle.code])
    assert b"What your organisation offers" not in signed_in(people.bob).get(path).content
    settings.ORGANISATION_HELP = "Ring 1234\n<b>any time</b>"
    page = signed_in(people.bob).get(path).content.decode()
    assert "Ring 1234<br>&lt;b&gt;any time" in page


def test_both_the_name_and_the_address_of_a_contact_or_neither(people: Cast, clock: Any) -> None:
    alice = signed_in(people.alice)
    path = reverse("circles:settings", args=[people.circle.code])
    form = {
        "name": "Alder", "time_zone": "Europe/London", "cadence": "weekly", "sessions": "6", "min_size": "3",
        "max_size": "8", "contact_name": "Ines",
    }  # fmt: skip
    assert b"Give both the name and the address" in alice.post(path, form).content


def test_every_verb_of_the_trail_is_a_sentence() -> None:
    changes = [f"{happened}_{what}" for happened in CHANGES for what in Relied.values]
    for verb in [*SENTENCES, *changes]:
        assert "%" not in sentence(verb, "Alice", "Bob")


def test_words_are_shown_to_those_who_signed_from_the_second_session_on(people: Cast, clock: Any) -> None:
    from sessions.enums import SessionStatus
    from sessions.models import CircleSession
    from sessions.planning.bringing_services import issue_bring

    first = make_session(people.circle, people.alice)
    issue_bring(session=first, owner=people.alice, title="a canary", text="", ask="listen")
    from sessions.access import get_session

    assert get_session(people.bob, first.code).reads_words, "the first session may start unsigned"
    other = make_session(people.circle, people.alice, in_=timedelta(days=5))
    CircleSession.objects.filter(pk=other.pk).update(status=SessionStatus.ENDED, ended_at=NOW)
    assert not get_session(people.bob, first.code).reads_words
    sign(people.circle, people.bob)
    assert get_session(people.bob, first.code).reads_words


def test_every_field_of_the_settings_stands_in_one_group(people: Cast) -> None:
    named = [name for _title, names in CircleForm.GROUPS for name in names]
    assert sorted(named) == sorted(CircleForm.base_fields)
    wrong = CircleForm({"name": "Alder circle", "roles_days": "99"})
    assert [is_open for _title, _fields, is_open in wrong.groups()] == [True, True, True, True]
    right = CircleForm(initial=CircleForm.starting("Europe/London"))
    assert [is_open for _title, _fields, is_open in right.groups()] == [True, False, False, False]
